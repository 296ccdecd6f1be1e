"""Gives advice as one stream of events, and records it: one turn, from the question to its response.

The one path: HTTP, the command line and the tests read the same stream. The response id is known
before the model is asked, the record is durable before the last event; the rest is as
`use_cases.kernel.runs.turn` promises.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic_ai import Agent, AgentStreamEvent

from use_cases.advice.advice_deps import AdviceDeps
from use_cases.advice.confidence.shown_confidence import base_rate_notice
from use_cases.advice.giving.events import (
    AdviceBegun,
    AdviceEvent,
    AdviceRecorded,
    AdviceReplaced,
)
from use_cases.advice.giving.model_output import AdviceOutput
from use_cases.advice.giving.preparation import PrepareAdvice, PreparedAdvice
from use_cases.advice.giving.shown_advice import REFUSAL_TEXT, Judged, Showing
from use_cases.advice.model import Advice, AdviceQuestion, Freshness, Response
from use_cases.advice.ports import ResponseWriter
from use_cases.advice.profiles.queries import QueryTrouble
from use_cases.advice.web.search_tool import NativeSearches, freshness, pages_notice
from use_cases.kernel.citations.links import LinkFilter, stands_in
from use_cases.kernel.citations.sources import CitationPolicy, Outcome, Source
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.citations.verification import remove_secrets, sources
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock
from use_cases.kernel.prompts.prompt_registry import ActivePrompts
from use_cases.kernel.runs.surroundings import RunLog
from use_cases.kernel.runs.turn import Ending, Listener, Recorded, RunEnd, Turn

_LONG = 4000
"""Characters; the quotes for fewer take a few milliseconds, about as long as the way to a thread."""

INTERRUPTED = "The advice was stopped before it was complete."
NOT_LOOKED_UP = "Nothing was looked up for this advice; it rests on what the model knows."
NOT_CITED = "The advice cites none of what was looked up; it rests on the model's reasoning."


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveAdvice:
    """Recommends, says how sure it is, and keeps what it said."""

    agent: Agent[AdviceDeps, AdviceOutput]
    prepare: PrepareAdvice
    responses: ResponseWriter
    citations: CitationPolicy
    clock: Clock
    listeners: Sequence[Listener] = ()

    def stream(
        self, question: AdviceQuestion, *, caller: Caller, tried: ActivePrompts | None = None
    ) -> AsyncGenerator[AdviceEvent]:
        """Returns the events of the advice; the first is `AdviceBegun`, the last `AdviceRecorded`.

        `tried` are instructions to try, with a model that was checked before; else those in production
        advise.

        Before the last one the confidence was given (or that there is none), or `AdviceReplaced`
        came. Before the first event raises `ConversationInvalid`, `ProfileUnknown`,
        `ProfileBroken`, `PromptTypeUnknown`, `SearchOverrideConflict`, `SearchOverrideAlone`,
        `InvalidInput`, `ModelUnknown`, `ModelNotAllowed`, `ModelNotConfigured` or `DefaultModelUnusable`; after it the
        errors of the model (see `use_cases.kernel.errors`). A failed run is not recorded.
        """
        return AdviceTurn(self, question, caller, tried).stream()

    async def default_model(self) -> str:
        """Returns the name of the model that advises when a question names none."""
        return await self.prepare.default_model()


class AdviceTurn(Turn[AdviceDeps, AdviceOutput, AdviceEvent]):
    """A question for advice on its way to its response."""

    log = RunLog("advice", "advice", "advice", finished=False)

    _prepared: PreparedAdvice
    _choice: str | None = None
    _rest: Sequence[AdviceEvent] = ()

    def __init__(
        self,
        give: GiveAdvice,
        question: AdviceQuestion,
        caller: Caller,
        tried: ActivePrompts | None,
    ) -> None:
        super().__init__(
            agent=give.agent,
            caller=caller,
            policy=give.prepare.bounds,
            clock=give.clock,
            listeners=give.listeners,
        )
        self._ports = give
        self._question = question
        self._tried = tried
        self._native = NativeSearches()
        self._showing = Showing(self._filter, self._judged, self._native)

    async def open(self) -> AdviceBegun:
        """Understands the question."""
        ready = await self._ports.prepare.run(self._question, self.caller, self._tried)
        self._prepared, profile = ready, ready.deps.profile
        self.prompt, self.deps, self.history = ready.prompt, ready.deps, ready.history
        self.resolved, self.named, self.settings = ready.resolved, ready.named, ready.settings
        self.capabilities = ready.capabilities
        search_decision = ready.decision.final_decision
        begun = AdviceBegun(
            response_id=ready.response_id,
            model=ready.resolved.name,
            profile=profile.profile_id,
            option_label=profile.option_label,
            search_decision=search_decision,
        )
        self.log.asked(
            ready.text,
            begun.labels,
            user=self.caller.user_id,
            profile=profile.profile_id,
            search=search_decision,
        )
        return begun

    @property
    def has_shown(self) -> bool:
        """True once a reader has seen anything of it."""
        return self._showing.given.begun

    def see(self, event: AgentStreamEvent) -> Iterator[AdviceEvent]:
        """Yields the events that a reader gets for this one."""
        return self._showing.see(event)

    async def end(self, ending: Ending) -> None:
        """Settles what is still to be given, once the run is over."""
        match ending:
            case Ending.COMPLETE:
                output = self.output
                self._rest, void = self._showing.close(output)
                choice = self._plain(output.choice or "")
                self._choice = await self._as_the_tables(choice) if choice else None
                reason = "invalid_first_attempt"
            case Ending.REFUSED:
                self._rest, void = self._showing.decline(REFUSAL_TEXT)
                reason = "content_filter"
            case Ending.INTERRUPTED:
                self._rest = self._showing.stop()
                return
        if void:
            self._rest = [AdviceReplaced(advice=self._given(()), reason=reason)]

    async def record(self, end: RunEnd) -> Recorded[AdviceEvent]:
        """Keeps the response."""
        advice, profile = await self._advice(), self.deps.profile
        response = Response(
            response_id=self._prepared.response_id,
            user_id=self.deps.caller.user_id,
            profile=profile.profile_id,
            profile_version=profile.version,
            prompt_type=self._prepared.instructions.prompt_type,
            prompt_version=self._prepared.instructions.version,
            door=self.caller.door,
            question=self._prepared.text,
            advice=advice,
            search_decision=self._prepared.decision.final_decision,
            web_search_used=self._searched,
            freshness=self._freshness,
            event_key=self._prepared.event_key,
            event_ends=self._prepared.event_ends,
            period=self.deps.period,
            tool_calls=tuple(self._showing.tool_calls),
            notices=self._notices(advice, interrupted=end.interrupted),
            **end.figures,
        )
        await self._ports.responses.keep(response, end.charge)
        about = {
            "outcome": advice.outcome,
            "interrupted": end.interrupted,
            "confidence": advice.confidence and advice.confidence.calibrated,
            "latency_ms": end.latency_ms,
            "tools": len(response.tool_calls),
            "sources": len(advice.sources),
            "model": end.model,
        }
        return Recorded(response, [*self._rest, AdviceRecorded(response=response)], about)

    async def abandon(self, charge: Charge | None) -> None:
        """Keeps the charge alone."""
        if charge is not None:
            await self._ports.responses.charge(charge)

    @property
    def _searched(self) -> bool:
        return bool(self.deps.web_searches or self._native.succeeded)

    @property
    def _freshness(self) -> Freshness:
        """Returns the freshness that was given with the confidence, or today's."""
        judged = self._showing.given.judged
        return judged[1] if judged else freshness(self._prepared.decision, searched=self._searched)

    def _filter(self, declared: Outcome | None) -> TextFilter:
        return TextFilter(self.deps.secrets, self.deps.ledger.knows, self._links(), declared)

    def _links(self) -> LinkFilter:
        return LinkFilter(self._ports.citations.links, self._stands)

    def _stands(self, address: str) -> bool:
        """Returns True if a source or a page that was looked up contains the address."""
        seen = any(page.url == address for page in self._native.pages)
        return seen or stands_in(address, self.deps.ledger.entries.values())

    def _judged(self, score: float | None) -> Judged:
        fresh = freshness(self._prepared.decision, searched=self._searched)
        if score is None:
            return None, fresh
        answering = self.answering
        # Of a chain that is only just answering, the first one stands for it.
        single = answering.candidates[0] if answering.candidates else answering
        return self._prepared.scale.confidence(score, single.name, fresh), fresh

    async def _advice(self) -> Advice:
        given = self._showing.given
        if given.outcome in (Outcome.REFUSED, Outcome.NOT_FOUND):
            return self._given(())
        entries, text = self.deps.ledger.entries, given.text
        found = (
            await asyncio.to_thread(sources, text, entries, self._ports.citations)
            if len(text) > _LONG
            else sources(text, entries, self._ports.citations)
        )
        return self._given(remove_secrets(found, self.deps.secrets))

    def _given(self, cited: Sequence[Source]) -> Advice:
        given = self._showing.given
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
        """Returns a choice as a name: in it no number is a citation."""
        filtering = TextFilter(self.deps.secrets, lambda _: False, self._links())
        return (filtering.push(choice) + filtering.finish()).strip()

    async def _as_the_tables(self, choice: str) -> str:
        """Returns the chosen option by its name in the tables, where it is known there."""
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
            looked = any(not call.failed for call in self._showing.tool_calls)
            notices.append(NOT_CITED if looked else NOT_LOOKED_UP)
        if self.deps.profile.disclaimer:
            notices.append(self.deps.profile.disclaimer)
        return tuple(self.deps.secrets.clean(notice) for notice in notices)
