"""Advice: recommending with a confidence, recording outcomes, calibrating."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.advice.check_profiles import ReadProfiles
    from use_cases.advice.confidence.reports import ReportConfidence
    from use_cases.advice.giving.advice_turn import GiveAdvice
    from use_cases.advice.outcomes.feedback import GiveFeedback, ReadAdvice, ResolveOutcomes
    from use_cases.advice.tuning.tune import RollBackCalibration, TuneConfidence
    from use_cases.advice.web.search_decision import DecideSearch


class AdviceComposition(Composition):
    """Advise, and learn from what happened."""

    within = "use_cases.advice"

    give_advice: "Part[GiveAdvice]" = Part(".giving.advice_turn:GiveAdvice")
    read_advice: "Part[ReadAdvice]" = Part(".outcomes.feedback:ReadAdvice")
    read_profiles: "Part[ReadProfiles]" = Part(".check_profiles:ReadProfiles")
    decide_search: "Part[DecideSearch]" = Part(
        ".web.search_decision:DecideSearch", policy="search_policy"
    )
    give_feedback: "Part[GiveFeedback]" = Part(".outcomes.feedback:GiveFeedback")
    resolve_outcomes: "Part[ResolveOutcomes]" = Part(".outcomes.feedback:ResolveOutcomes")
    report_confidence: "Part[ReportConfidence]" = Part(".confidence.reports:ReportConfidence")
    tune_confidence: "Part[TuneConfidence]" = Part(".tuning.tune:TuneConfidence")
    roll_back_calibration: "Part[RollBackCalibration]" = Part(".tuning.tune:RollBackCalibration")

    built_in = Inner(".giving.agent:AdvicePrompts")
    target = Inner(".advice_target:AdviceTarget")
    recorded_questions = Inner(".advice_target:AdviceQuestions")
    unrecorded_advice = Inner(
        ".giving.advice_turn:GiveAdvice", responses="unrecorded_responses", listeners=None
    )
    unrecorded_responses = Inner(".advice_target:UnrecordedResponses")

    prepare = Inner(".giving.preparation:PrepareAdvice")
    defaults = Inner(
        ".giving.preparation:ModelDefaults", environment="openai_default_model", application="model"
    )
    agent = Inner(".giving.agent:build_agent", capabilities="instruments")
    entities = Inner(".profiles.entities:Entities")
    bounds = Inner(".giving.preparation:AdvicePolicy")
    responses = Inner("services.store.responses:SqlResponses")
    calibrations = Inner("services.store.responses:SqlCalibrations")
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
    search_policy = Inner(".search_rules.decide:SearchPolicy", server_allows="web_search_enabled")
    web = Inner(  # beside the searches of the models' providers
        "services.web.searxng:SearxngSearch",
        only_if=lambda settings: settings.web_search_url,
        closing=True,
        url="web_search_url",
        key="web_search_key",
    )
