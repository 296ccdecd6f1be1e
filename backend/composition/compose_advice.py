"""Advice: recommending with a confidence, recording outcomes, calibrating."""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.advice.check_profiles import ReadProfiles
    from use_cases.advice.confidence.reports import ReportConfidence
    from use_cases.advice.giving.advice_turn import GiveAdvice
    from use_cases.advice.outcomes.feedback import GiveFeedback, ReadAdvice, ResolveOutcomes
    from use_cases.advice.search_rules.decide import SearchPolicy
    from use_cases.advice.tuning.tune import RollBackCalibration, TuneConfidence
    from use_cases.advice.web.search_decision import DecideSearch


class AdviceComposition(Composition):
    """Advise, and learn from what happened."""

    give_advice: "Part[GiveAdvice]" = Part("use_cases.advice.giving.advice_turn:GiveAdvice")
    read_advice: "Part[ReadAdvice]" = Part("use_cases.advice.outcomes.feedback:ReadAdvice")
    read_profiles: "Part[ReadProfiles]" = Part("use_cases.advice.check_profiles:ReadProfiles")
    decide_search: "Part[DecideSearch]" = Part(
        "use_cases.advice.web.search_decision:DecideSearch", policy="search_policy"
    )
    give_feedback: "Part[GiveFeedback]" = Part("use_cases.advice.outcomes.feedback:GiveFeedback")
    resolve_outcomes: "Part[ResolveOutcomes]" = Part(
        "use_cases.advice.outcomes.feedback:ResolveOutcomes"
    )
    report_confidence: "Part[ReportConfidence]" = Part(
        "use_cases.advice.confidence.reports:ReportConfidence"
    )
    tune_confidence: "Part[TuneConfidence]" = Part("use_cases.advice.tuning.tune:TuneConfidence")
    roll_back_calibration: "Part[RollBackCalibration]" = Part(
        "use_cases.advice.tuning.tune:RollBackCalibration"
    )

    built_in = Inner("use_cases.advice.giving.agent:AdvicePrompts", system_prompt="system_prompt")
    target = Inner("use_cases.advice.advice_target:AdviceTarget")
    recorded_questions = Inner("use_cases.advice.advice_target:AdviceQuestions")
    unrecorded_advice = Inner(
        "use_cases.advice.giving.advice_turn:GiveAdvice",
        responses="unrecorded_responses",
        listeners=None,
    )
    unrecorded_responses = Inner("use_cases.advice.advice_target:UnrecordedResponses")

    prepare = Inner("use_cases.advice.giving.preparation:PrepareAdvice")
    defaults = Inner(
        "use_cases.advice.giving.preparation:ModelDefaults",
        environment="openai_default_model",
        application="model",
    )
    agent = Inner("use_cases.advice.giving.agent:build_agent", capabilities="instruments")
    entities = Inner("use_cases.advice.profiles.entities:Entities")
    bounds = Inner(
        "use_cases.advice.giving.preparation:AdvicePolicy",
        request_limit=None,
        tool_calls_limit=None,
    )
    responses = Inner("services.store.responses:SqlResponses")
    calibrations = Inner("services.store.calibrations:SqlCalibrations")
    profiles = Inner(
        "services.profiles.profile_folders:FolderProfiles",
        default="advice_profile",
        own="profiles_path",
    )
    prompts = Inner(
        "services.profiles.profile_folders:FilePrompts",
        only_if=lambda settings: settings.prompt_file,
        file="prompt_file",
    )
    web = Inner(  # beside the searches of the models' providers
        "services.web.searxng:SearxngSearch",
        only_if=lambda settings: settings.web_search_url,
        closing=True,
        url="web_search_url",
        key="web_search_key",
        timeout=None,
    )

    @cached_property
    def search_policy(self) -> "SearchPolicy":
        """The bounds of web searches."""
        return self.bounds.policy
