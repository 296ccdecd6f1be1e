"""Advice: recommending with a confidence, recording outcomes, calibrating."""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backend.composition.foundation import Composition, Part

if TYPE_CHECKING:
    from use_cases.advice.backtest.replay import BacktestDecisions
    from use_cases.advice.check_profiles import ReadProfiles
    from use_cases.advice.confidence.reports import ReportConfidence
    from use_cases.advice.giving.advise import GiveAdvice
    from use_cases.advice.giving.model_choice import ModelDefaults
    from use_cases.advice.giving.preparation import AdvicePolicy
    from use_cases.advice.giving.responses import ReadAdvice
    from use_cases.advice.outcomes.feedback import GiveFeedback
    from use_cases.advice.outcomes.resolution import ResolveOutcomes
    from use_cases.advice.ports import Prompts, WebSearch
    from use_cases.advice.search_rules.decide import SearchPolicy
    from use_cases.advice.tuning.roll_back import RollBackCalibration
    from use_cases.advice.tuning.tune import TuneConfidence
    from use_cases.advice.web.search_decision import DecideSearch


class AdviceComposition(Composition):
    """Advise, and learn from what happened."""

    give_advice: "Part[GiveAdvice]" = Part("use_cases.advice.giving.advise:GiveAdvice")
    prepare: "Part[Any]" = Part("use_cases.advice.giving.preparation:PrepareAdvice")
    agent: "Part[Any]" = Part(
        "use_cases.advice.giving.agent:build_agent", capabilities="instruments"
    )
    read_advice: "Part[ReadAdvice]" = Part("use_cases.advice.giving.responses:ReadAdvice")
    read_profiles: "Part[ReadProfiles]" = Part("use_cases.advice.check_profiles:ReadProfiles")
    decide_search: "Part[DecideSearch]" = Part(
        "use_cases.advice.web.search_decision:DecideSearch", policy="search_policy"
    )
    give_feedback: "Part[GiveFeedback]" = Part("use_cases.advice.outcomes.feedback:GiveFeedback")
    resolve_outcomes: "Part[ResolveOutcomes]" = Part(
        "use_cases.advice.outcomes.resolution:ResolveOutcomes"
    )
    report_confidence: "Part[ReportConfidence]" = Part(
        "use_cases.advice.confidence.reports:ReportConfidence"
    )
    tune_confidence: "Part[TuneConfidence]" = Part(
        "use_cases.advice.tuning.tune:TuneConfidence", policy=None
    )
    roll_back_calibration: "Part[RollBackCalibration]" = Part(
        "use_cases.advice.tuning.roll_back:RollBackCalibration"
    )
    backtest: "Part[BacktestDecisions]" = Part(  # for a Candor whose clock is turned
        "use_cases.advice.backtest.replay:BacktestDecisions",
        resolve="resolve_outcomes",
        tune="tune_confidence",
    )
    entities: "Part[Any]" = Part("use_cases.advice.profiles.entities:Entities")
    defaults: "Part[ModelDefaults]" = Part(
        "use_cases.advice.giving.model_choice:ModelDefaults",
        environment="openai_default_model",
        application="model",
    )

    responses: "Part[Any]" = Part("services.store.responses:SqlResponses")
    calibrations: "Part[Any]" = Part("services.store.calibrations:SqlCalibrations")
    profiles: "Part[Any]" = Part(
        "services.profiles.profile_folders:FolderProfiles",
        default="advice_profile",
        own="profiles_path",
    )

    searxng: "Part[WebSearch]" = Part(
        "services.web.searxng:SearxngSearch",
        closing=True,
        url="web_search_url",
        key="web_search_key",
        timeout=None,
    )
    own_prompts: "Part[Prompts]" = Part(
        "services.profiles.prompt_files:FilePrompts", file="prompt_file"
    )

    @cached_property
    def prompts(self) -> "Prompts | None":
        """Instructions of this installation; None where it has none."""
        return self.own_prompts if self.settings.prompt_file else None

    @cached_property
    def web(self) -> "WebSearch | None":
        """A search of the web beside those of the models' providers; None where there is none."""
        return self.searxng if self.settings.web_search_url else None

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where the reader is."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def search_policy(self) -> "SearchPolicy":
        """The bounds of web searches."""
        return self.bounds.policy

    @cached_property
    def bounds(self) -> "AdvicePolicy":
        """The bounds of one piece of advice."""
        from use_cases.advice.giving.preparation import AdvicePolicy

        settings = self.settings
        return AdvicePolicy(
            longest_question=settings.max_question_characters,
            timeout=settings.turn_timeout_seconds,
            history_tokens=settings.history_tokens,
            web_search=settings.web_search_enabled,
            web_budget=settings.web_search_budget,
            system_prompt=settings.system_prompt,
            zone=self.zone,
            preview=settings.log_message_preview,
            estimate=self.candor.estimate,
        )
