"""One turn from its kept question to its recorded answer: the events that it shows, and its record."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from pydantic_ai import AgentStreamEvent

from use_cases.chat.agent import ChatDeps
from use_cases.chat.events import AnswerRecorded, AnswerReplaced, ChatEvent, TurnBegun
from use_cases.chat.model import Answer, Message, Question, Role, Within
from use_cases.chat.ports import Opened, Transcript
from use_cases.chat.recollect import SaidScope
from use_cases.chat.shown_parts import ShownParts
from use_cases.chat.turn import Turn, Verdict
from use_cases.kernel.citations.sources import CitationPolicy, Outcome, PassageEntry, SourceKind
from use_cases.kernel.citations.verification import other_time
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Scope
from use_cases.kernel.runs.history import UNSEEN, stored
from use_cases.kernel.runs.inflight import Flight, InFlight
from use_cases.kernel.runs.model_calls import ModelCall, RunEnd
from use_cases.kernel.runs.recorded_run import Ending, Recorded
from use_cases.kernel.runs.run_log import RunLog

_LONG = 4000
"""Characters; to find the quotes for fewer takes a few milliseconds, about as long as the way to a
thread and back does on a busy server."""

_IN_DOUBT = (Outcome.NOT_FOUND, Outcome.TENTATIVE)
SAID_ELSEWHERE = (
    "Your conversations may hold this: ask again with --in conversations "
    "(over HTTP with `in`: `conversations`)."
)
INTERRUPTED = "The answer was stopped before it was complete."


@dataclass(slots=True, kw_only=True)
class TurnSession:
    """A turn between its first event and its record. It holds its chat by its `flight`."""

    log: ClassVar[RunLog] = RunLog("question", "stream", "answer")

    question: Question
    opened: Opened
    call: ModelCall[ChatDeps, str]
    flight: Flight
    inflight: InFlight
    transcript: Transcript
    citations: CitationPolicy
    _turn: Turn = field(init=False)
    _shown: ShownParts = field(default_factory=ShownParts)
    _verdict: Verdict | None = None

    def __post_init__(self) -> None:
        deps = self.call.deps
        self._turn = Turn(
            self.opened.question.text,
            deps.ledger,
            self.citations,
            deps.secrets,
            self.opened.chat.mode,
            self.question.within,
        )

    @property
    def has_acted(self) -> bool:
        """False: it only says something."""
        return False

    @property
    def has_shown(self) -> bool:
        """True once a reader has seen any text of it."""
        return self._turn.begun

    def begun(self) -> TurnBegun:
        """The first event."""
        return TurnBegun(
            chat=self.opened.chat, question=self.opened.question, answer_id=self.flight.turn_id
        )

    def see(self, event: AgentStreamEvent) -> Iterator[ChatEvent]:
        """The events that a reader gets for this one."""
        for shown in self._turn.see(event):
            self._shown.see(shown)
            yield shown

    async def end(self, ending: Ending) -> None:
        """The model has said all that it will say."""
        if ending is Ending.REFUSED:
            self._turn.refuse()
        if ending is Ending.COMPLETE:
            self._verdict = verdict = await self._closed(interrupted=False)
            if verdict.outcome in _IN_DOUBT and await self._was_said():
                self._verdict = replace(verdict, notices=[*verdict.notices, SAID_ELSEWHERE])

    async def record(self, end: RunEnd) -> Recorded[ChatEvent]:
        """Keep the answer with its message. The verdict over a long text is made in a thread."""
        verdict = self._verdict or await self._closed(interrupted=end.interrupted)
        events = list[ChatEvent]()
        if verdict.replaced is not None:
            self._shown.replaced(verdict.text, verdict.replaced)
            events.append(AnswerReplaced(text=verdict.text, reason=verdict.replaced))
        answer = self._answer(verdict, end)
        message = Message(
            message_id=answer.answer_id,
            chat_id=self.opened.chat.chat_id,
            parent_id=self.opened.question.message_id,
            role=Role.ASSISTANT,
            text=verdict.text,
            created_at=end.created_at,
            parts=self._shown.parts(),
            answer=answer,
        )
        said = self._model_messages(verdict)
        await self.transcript.close(self.call.caller, answer, message, said, end.charge)
        self.inflight.recorded(self.flight)
        about = {
            "outcome": answer.outcome,
            "interrupted": answer.interrupted,
            "latency_ms": answer.latency_ms,
            "tools": len(answer.tool_calls),
            "sources": len(answer.sources),
            "input_tokens": answer.input_tokens,
            "output_tokens": answer.output_tokens,
            "model": answer.model,
        }
        return Recorded(answer, [*events, AnswerRecorded(answer=answer)], about)

    async def _closed(self, *, interrupted: bool) -> Verdict:
        close = partial(self._turn.close, interrupted=interrupted)
        return await asyncio.to_thread(close) if self._turn.length > _LONG else close()

    async def _was_said(self) -> bool:
        """Whether what only documents were searched for may stand in the person's conversations."""
        deps = self.call.deps
        if deps.recollect is None or self.question.within is not Within.DOCUMENTS:
            return False
        if Scope.CONVERSATIONS not in deps.caller.scopes:
            return False
        caller = replace(deps.caller, owns_all=False)
        return await deps.recollect.is_strong(
            SaidScope(caller=caller, question=self.opened.question)
        )

    async def abandon(self, charge: Charge | None) -> None:
        """Let go of the chat without an answer, in the end of the flight."""
        self.flight.abandon = partial(self.transcript.abandon, self.flight.turn_id, charge)

    def _model_messages(self, verdict: Verdict) -> str:
        # A question that a content filter stopped would stop every later turn, too.
        if verdict.replaced == "content_filter":
            return UNSEEN
        return stored(self.call.said, verdict.text if verdict.replaced else None)

    def _answer(self, verdict: Verdict, end: RunEnd) -> Answer:
        notices = [*self.call.deps.notices, *verdict.notices]
        if (other := self._other_time(verdict)) is not None:
            notices.append(other)
        if end.interrupted:
            notices.append(INTERRUPTED)
        return Answer(
            answer_id=self.flight.turn_id,
            chat_id=self.opened.chat.chat_id,
            user_id=self.opened.chat.user_id,
            question=self.opened.question.text,
            category=self.question.category,
            text=verdict.text,
            outcome=verdict.outcome,
            sources=verdict.sources,
            tool_calls=tuple(self._turn.tool_calls),
            prompt_version=self.call.deps.prompt.version,
            notices=tuple(notices),
            mode=self.opened.chat.mode,
            **end.figures,
        )

    def _other_time(self, verdict: Verdict) -> str | None:
        """A notice where the passages are of another time than the question: the cited ones, or, where
        nothing was found, all that were read. The rows of a query speak for
        themselves.
        """
        question = self.opened.question.text
        if verdict.outcome is Outcome.NOT_FOUND:
            read = [
                e.passage
                for e in self.call.deps.ledger.entries.values()
                if isinstance(e, PassageEntry)
            ]
            texts = [
                f"{p.document.title} {p.document.name} {p.section} {p.reading_text}" for p in read
            ]
            return other_time(question, texts, [p.document.updated for p in read])
        if any(source.kind is not SourceKind.PASSAGE for source in verdict.sources):
            return None
        quoted = [
            " ".join([s.document.title, s.document.name, s.section, *(q.text for q in s.quotes)])
            for s in verdict.sources
        ]
        return other_time(question, quoted, [s.document.updated for s in verdict.sources])
