"""The use cases of advice: recommending with a confidence, recording outcomes, calibrating."""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.composition.knowledge import KnowledgeParts

if TYPE_CHECKING:
    # Only named: a command pays for importing what it uses, at its first use.
    from use_cases.advice.backtest.replay import BacktestDecisions
    from use_cases.advice.backtest.replayed_decisions import TurnedClock
    from use_cases.advice.check_profiles import CheckProfile
    from use_cases.advice.confidence.reports import ReportConfidence
    from use_cases.advice.giving.advise import GiveAdvice
    from use_cases.advice.giving.model_choice import ModelDefaults
    from use_cases.advice.giving.preparation import AdvicePolicy, PrepareAdvice
    from use_cases.advice.giving.responses import ShowAdvice
    from use_cases.advice.outcomes.feedback import GiveFeedback
    from use_cases.advice.outcomes.resolution import ResolveOutcomes
    from use_cases.advice.ports import Calibrations, Profiles, Prompts, Responses, WebSearch
    from use_cases.advice.profiles.entities import Entities
    from use_cases.advice.tuning.roll_back import RollBackCalibration
    from use_cases.advice.tuning.tune import TuneConfidence
    from use_cases.advice.web.search_decision import DecideSearch


class AdviceParts(KnowledgeParts):
    """Advise, and learn from what happened."""

    @cached_property
    def give_advice(self) -> "GiveAdvice":
        """Recommend something, with a confidence."""
        import pydantic_ai

        from backend.observability.record_metrics import HeardResponses
        from use_cases.advice.giving.advise import GiveAdvice
        from use_cases.advice.giving.agent import build_agent

        # On a terminal the first run of an agent would print a page about observability.
        pydantic_ai.BANNER_ENABLED = False
        return GiveAdvice(
            agent=build_agent([self.tracing.instrumentation()] if self.tracing else ()),
            prepare=self._prepare_advice,
            responses=HeardResponses(self.responses, self.advice_listeners),
            clock=self.clock,
        )

    @cached_property
    def show_advice(self) -> "ShowAdvice":
        """Show recorded advice."""
        from use_cases.advice.giving.responses import ShowAdvice

        return ShowAdvice(responses=self.responses)

    @cached_property
    def decide_search(self) -> "DecideSearch":
        """Say whether the web would be searched for a message."""
        from use_cases.advice.web.search_decision import DecideSearch

        bounds = self._advice_bounds
        return DecideSearch(
            profiles=self.profiles,
            entities=self.entities,
            data=self.data,
            clock=self.clock,
            zone=bounds.zone,
            policy=bounds.policy,
        )

    @cached_property
    def tune_confidence(self) -> "TuneConfidence":
        """Correct stated confidence by outcomes."""
        from use_cases.advice.tuning.tune import TuneConfidence

        return TuneConfidence(
            responses=self.responses,
            calibrations=self.calibrations,
            profiles=self.profiles,
            clock=self.clock,
            ids=self._ports.ids(),
        )

    @cached_property
    def roll_back_calibration(self) -> "RollBackCalibration":
        """Restore an earlier calibration."""
        from use_cases.advice.tuning.roll_back import RollBackCalibration

        return RollBackCalibration(
            calibrations=self.calibrations,
            profiles=self.profiles,
            clock=self.clock,
            ids=self._ports.ids(),
        )

    @cached_property
    def report_confidence(self) -> "ReportConfidence":
        """Report on confidence."""
        from use_cases.advice.confidence.reports import ReportConfidence

        return ReportConfidence(
            responses=self.responses,
            calibrations=self.calibrations,
            profiles=self.profiles,
            clock=self.clock,
        )

    @cached_property
    def give_feedback(self) -> "GiveFeedback":
        """Record whether advice was right."""
        from use_cases.advice.outcomes.feedback import GiveFeedback

        return GiveFeedback(
            responses=self.responses,
            profiles=self.profiles,
            data=self.data,
            entities=self.entities,
            clock=self.clock,
            ids=self._ports.ids(),
            zone=self._advice_bounds.zone,
        )

    @cached_property
    def resolve_outcomes(self) -> "ResolveOutcomes":
        """Judge advice by the tables."""
        from use_cases.advice.outcomes.resolution import ResolveOutcomes

        return ResolveOutcomes(
            responses=self.responses,
            profiles=self.profiles,
            data=self.data,
            entities=self.entities,
            clock=self.clock,
            ids=self._ports.ids(),
            zone=self._advice_bounds.zone,
        )

    @cached_property
    def check_profile(self) -> "CheckProfile":
        """Try every query of a profile."""
        from use_cases.advice.check_profiles import CheckProfile

        return CheckProfile(
            profiles=self.profiles,
            data=self.data,
            entities=self.entities,
            clock=self.clock,
            zone=self._advice_bounds.zone,
        )

    def backtest(self, clock: "TurnedClock") -> "BacktestDecisions":
        """Replay decided cases in this store; `clock` is the one of its ports."""
        from use_cases.advice.backtest.replay import BacktestDecisions

        return BacktestDecisions(
            responses=self.responses,
            calibrations=self.calibrations,
            profiles=self.profiles,
            data=self.data,
            resolve=self.resolve_outcomes,
            tune=self.tune_confidence,
            clock=clock,
            ids=self._ports.ids(),
        )

    @cached_property
    def advice_models(self) -> "ModelDefaults":
        """Which model advises when a request names none."""
        from use_cases.advice.giving.model_choice import ModelDefaults

        return ModelDefaults(self.settings.openai_default_model, self.settings.model)

    @cached_property
    def entities(self) -> "Entities":
        """Finds the things of a domain that a question names."""
        from use_cases.advice.profiles.entities import Entities

        return Entities(self.data)

    @cached_property
    def _prepare_advice(self) -> "PrepareAdvice":
        from use_cases.advice.giving.preparation import PrepareAdvice
        from use_cases.kernel.text.secrets import SecretFilter

        return PrepareAdvice(
            search=self.search,
            data=self.data,
            models=self.models,
            defaults=self.advice_models,
            profiles=self.profiles,
            prompts=self.prompts,
            entities=self.entities,
            calibrations=self.calibrations,
            responses=self.responses,
            web=self.web_search,
            clock=self.clock,
            ids=self._ports.ids(),
            citations=self.citations,
            bounds=self._advice_bounds,
            secrets=SecretFilter(tuple(self.settings.secrets().values())),
        )

    @cached_property
    def _advice_bounds(self) -> "AdvicePolicy":
        from zoneinfo import ZoneInfo

        from use_cases.advice.giving.preparation import AdvicePolicy

        told = self.settings
        return AdvicePolicy(
            longest_question=told.max_question_characters,
            timeout=told.turn_timeout_seconds,
            history_tokens=told.history_tokens,
            web_search=told.web_search_enabled,
            web_budget=told.web_search_budget,
            system_prompt=told.system_prompt,
            zone=ZoneInfo(told.time_zone),
            preview=told.log_message_preview,
            estimate=self.estimate,
        )

    # Ports

    @cached_property
    def responses(self) -> "Responses":
        """The recorded advice."""
        return self._ports.responses()

    @cached_property
    def calibrations(self) -> "Calibrations":
        """The versions of each profile's calibration."""
        return self._ports.calibrations()

    @cached_property
    def profiles(self) -> "Profiles":
        """The domains of advice."""
        return self._ports.profiles()

    @cached_property
    def prompts(self) -> "Prompts | None":
        """Instructions of this installation; None where it has none."""
        return self._ports.prompts()

    @cached_property
    def web_search(self) -> "WebSearch | None":
        """A search of the web beside those of the models' providers; None where there is none."""
        return self._ports.web_search()
