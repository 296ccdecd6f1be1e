"""One piece of advice from its understood question to its record: what it needs, and what came of it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic_ai import AgentStreamEvent, RunCancelled, RunTimedOut
from pydantic_ai.capabilities import AgentCapability
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.usage import RunUsage

from use_cases.advice.confidence.shown_confidence import Scale, base_rate_notice
from use_cases.advice.dependencies import AdviceDeps
from use_cases.advice.giving.events import AdviceBegun, AdviceEvent, AdviceReplaced
from use_cases.advice.giving.instructions import Prompt
from use_cases.advice.giving.output import AdviceOutput
from use_cases.advice.giving.shown_advice import REFUSAL_TEXT, Judged, Showing
from use_cases.advice.model import Advice, AdviceQuestion, Freshness, Response
from use_cases.advice.outcomes.event_key import event_key
from use_cases.advice.profiles.queries import QueryTrouble
from use_cases.advice.profiles.question_period import Period
from use_cases.advice.search_rules.verdict import Decision
from use_cases.advice.web.provider_search import NativeSearches
from use_cases.advice.web.search_tool import freshness, pages_notice
from use_cases.kernel.citations.links import LinkFilter, stands_in
from use_cases.kernel.citations.sources import CitationPolicy, Outcome, Source
from use_cases.kernel.citations.verification import cleaned, sources
from use_cases.kernel.errors import ContentFiltered
from use_cases.kernel.identity.admission import Charge, Estimate, charge
from use_cases.kernel.ports import ResolvedModel
from use_cases.kernel.runs import model_calls
from use_cases.kernel.runs.agent_run import Run
from use_cases.kernel.runs.text_filter import TextFilter

_LONG = 4000
"""Characters; the quotes for fewer take a few milliseconds, about as long as the way to a thread."""

INTERRUPTED = "The advice was stopped before it was complete."
NOT_LOOKED_UP = "Nothing was looked up for this advice; it rests on what the model knows."
NOT_CITED = "The advice cites none of what was looked up; it rests on the model's reasoning."


@dataclass(slots=True, kw_only=True)
class AdviceUnderWay:
    """Advice between its first event and its record. `text` is the question without its date."""

    question: AdviceQuestion
    text: str
    today: date
    resolved: ResolvedModel
    response_id: str
    prompt: Prompt
    decision: Decision
    period: Period
    scale: Scale
    started: float
    deps: AdviceDeps
    history: Sequence[ModelMessage]
    citations: CitationPolicy
    estimate: Estimate
    capabilities: Sequence[AgentCapability[AdviceDeps]] = ()
    run: Run[AdviceDeps, AdviceOutput] | None = None
    showing: Showing = field(init=False)
    _native: NativeSearches = field(default_factory=NativeSearches)
    _choice: str | None = None

    def __post_init__(self) -> None:
        self.showing = Showing(self._filter, self._judged, self._native)

    def begun(self) -> AdviceBegun:
        """The first event."""
        return AdviceBegun(
            response_id=self.response_id,
            model=self.resolved.name,
            profile=self.deps.profile.profile_id,
            option_label=self.deps.profile.option_label,
            search_decision=self.decision.final_decision,
        )

    def see(self, event: AgentStreamEvent) -> Iterator[AdviceEvent]:
        """What of this event a reader gets."""
        return self.showing.see(event)

    async def complete(self, output: AdviceOutput) -> Sequence[AdviceEvent]:
        """The run is over and its advice valid: the events still to be given."""
        events, void = self.showing.close(output)
        choice = self._plain(output.choice or "")
        self._choice = await self._as_the_tables(choice) if choice else None
        return [self._replaced("invalid_first_attempt")] if void else events

    def stopped(self, error: ContentFiltered | RunCancelled) -> Sequence[AdviceEvent]:
        """A filter or the clock ended the run: the events still to be given, or the error."""
        if isinstance(error, RunCancelled):
            # Out of time with something to show for it, perhaps because its reader is slow.
            if isinstance(error, RunTimedOut) and not self.showing.given.begun:
                raise model_calls.translate(error, self.resolved.name) from None
            return self.showing.stop()
        if not error.jailbreak:
            raise error
        events, void = self.showing.decline(REFUSAL_TEXT)
        return [self._replaced("content_filter")] if void else events

    async def response(self, *, interrupted: bool, now: datetime, seconds: float) -> Response:
        """What is recorded."""
        advice, answering = await self._advice(), self.resolved.answering(self._last_response())
        # What the last request of a stopped run took is never told.
        usage = None if interrupted else self._usage(answering)
        profile, searched = self.deps.profile, self._searched
        return Response(
            response_id=self.response_id,
            user_id=self.deps.caller.user_id,
            profile=profile.profile_id,
            profile_version=profile.version,
            prompt_type=self.prompt.prompt_type,
            prompt_version=self.prompt.version,
            model=answering.name,
            question=self.text,
            advice=advice,
            search_decision=self.decision.final_decision,
            web_search_used=searched,
            freshness=self._freshness,
            latency_ms=round(seconds * 1000),
            created_at=now,
            event_key=self._event_key,
            event_ends=self.question.event_ends or self.period.ends,
            period=self.period.number,
            tool_calls=tuple(self.showing.tool_calls),
            notices=self._notices(advice, interrupted=interrupted),
            # A provider may not tell: unknown is None, never 0.
            input_tokens=usage.input_tokens or None if usage else None,
            output_tokens=usage.output_tokens or None if usage else None,
            cost=usage.cost if usage else None,
            interrupted=interrupted,
        )

    @property
    def _searched(self) -> bool:
        return bool(self.deps.web_searches or self._native.succeeded)

    @property
    def _freshness(self) -> Freshness:
        """As it was given with the confidence, or as it is now."""
        judged = self.showing.given.judged
        return judged[1] if judged else freshness(self.decision, searched=self._searched)

    @property
    def _event_key(self) -> str:
        return event_key(
            self.decision.query,
            self.deps.named,
            self.period,
            profile_id=self.deps.profile.profile_id,
            today=self.today,
            own=self.question.event_key,
        )

    def _filter(self, declared: Outcome | None) -> TextFilter:
        return TextFilter(self.deps.secrets, self.deps.ledger.knows, self._links(), declared)

    def _links(self) -> LinkFilter:
        return LinkFilter(self.citations.links, self._stands)

    def _stands(self, address: str) -> bool:
        """Whether a source or a page that was looked up holds an address."""
        seen = any(page.url == address for page in self._native.pages)
        return seen or stands_in(address, self.deps.ledger.entries.values())

    def _judged(self, score: float | None) -> Judged:
        fresh = freshness(self.decision, searched=self._searched)
        if score is None:
            return None, fresh
        answering = self.resolved.answering(self._last_response())
        # Of a chain that is only just answering, the first one stands for it.
        single = answering.candidates[0] if answering.candidates else answering
        return self.scale.confidence(score, single.name, fresh), fresh

    def _replaced(self, reason: str) -> AdviceReplaced:
        return AdviceReplaced(advice=self._given(()), reason=reason)

    async def _advice(self) -> Advice:
        given = self.showing.given
        if given.outcome in (Outcome.REFUSED, Outcome.NOT_FOUND):
            return self._given(())
        entries, text = self.deps.ledger.entries, given.text
        found = (
            await asyncio.to_thread(sources, text, entries, self.citations)
            if len(text) > _LONG
            else sources(text, entries, self.citations)
        )
        return self._given(cleaned(found, self.deps.secrets))

    def _given(self, cited: Sequence[Source]) -> Advice:
        given = self.showing.given
        return Advice(
            main_advice=given.main_advice,
            reasoning=given.reasoning,
            confidence=given.judged[0] if given.judged else None,
            outcome=given.outcome,
            choice=self._choice if given.outcome is not Outcome.REFUSED else None,
            alternatives=tuple(given.alternatives),
            sources=tuple(cited),
        )

    def _plain(self, choice: str) -> str:
        """A choice is a name: in it no number is a citation."""
        filtering = TextFilter(self.deps.secrets, lambda _: False, self._links())
        return (filtering.push(choice) + filtering.finish()).strip()

    async def _as_the_tables(self, choice: str) -> str:
        """The chosen option by its name in the tables, where it is known there."""
        for entity in self.deps.named:
            if choice.casefold() in (entity.name.casefold(), entity.said.casefold()):
                return entity.name
        entities, profile = self.deps.entities, self.deps.profile
        with suppress(QueryTrouble):  # the name as the model says it will do
            known = None if entities is None else await entities.resolve(profile, choice)
            if known is not None:
                return known
        return choice

    def _notices(self, advice: Advice, *, interrupted: bool) -> Sequence[str]:
        notices = list(self.deps.notices)
        if (pages := pages_notice(self._native.pages)) is not None:
            notices.append(pages)
        if (useless := base_rate_notice(advice.confidence)) is not None:
            notices.append(useless)
        if interrupted:
            notices.append(INTERRUPTED)
        elif advice.outcome is Outcome.ANSWERED and not advice.sources:
            looked = any(not call.failed for call in self.showing.tool_calls)
            notices.append(NOT_CITED if looked else NOT_LOOKED_UP)
        if self.deps.profile.disclaimer:
            notices.append(self.deps.profile.disclaimer)
        return tuple(self.deps.secrets.clean(notice) for notice in notices)

    def charge(self, now: datetime, *, complete: bool) -> Charge | None:
        """What it adds to its key's day."""
        return charge(
            self.deps.caller,
            self.run.usage if self.run and self._said else None,
            metered=self.resolved.answering(self._last_response()).metered,
            complete=complete,
            now=now,
            estimate=self.estimate,
        )

    def failed(self, now: datetime) -> Charge | None:
        """What a run that failed adds: as far as its provider told."""
        used = self.run is not None and self.run.usage.total_tokens > 0
        return self.charge(now, complete=True) if used else None

    def _usage(self, answering: ResolvedModel) -> RunUsage | None:
        if not answering.metered or self.run is None or not self._said:
            return None
        return self.run.usage

    @property
    def _said(self) -> Sequence[ModelMessage]:
        return () if self.run is None else model_calls.said(self.run)

    def _last_response(self) -> ModelResponse | None:
        """What tells which model of a chain answered."""
        responses = (m for m in reversed(self._said) if isinstance(m, ModelResponse))
        return next(responses, None)
