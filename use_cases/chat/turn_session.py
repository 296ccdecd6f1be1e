"""One turn from its kept question to what is recorded of it: what it needs, and what came of it."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic_ai import AgentStreamEvent
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.usage import RunUsage

from use_cases.chat.agent import PROMPT_VERSION, ChatDeps
from use_cases.chat.events import TurnBegun
from use_cases.chat.history_budget import UNSEEN, stored
from use_cases.chat.model import Answer, Message, Question, Role
from use_cases.chat.ports import Opened
from use_cases.chat.shown_parts import ShownParts
from use_cases.chat.turn import Turn, Verdict
from use_cases.kernel.citations.periods import other_time
from use_cases.kernel.citations.sources import CitationPolicy, Outcome, PassageEntry, SourceKind
from use_cases.kernel.identity.admission import Charge, Estimate, charge
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import ResolvedModel
from use_cases.kernel.runs import model_calls
from use_cases.kernel.runs.agent_run import Run

_LONG = 4000
"""Characters; to find the quotes for fewer takes a few milliseconds, about as long as the way to a
thread and back does on a busy server."""

INTERRUPTED = "The answer was stopped before it was complete."


@dataclass(frozen=True, slots=True)
class Ended:
    """What is recorded of a turn. `replaced` is the reason when the text is not what was shown."""

    answer: Answer
    message: Message
    model_messages: str
    replaced: str | None
    charge: Charge | None


@dataclass(slots=True, kw_only=True)
class TurnUnderWay:
    """A turn between its first event and its record."""

    question: Question
    caller: Caller
    resolved: ResolvedModel
    opened: Opened
    answer_id: str
    started: float
    deps: ChatDeps
    history: Sequence[ModelMessage]
    citations: CitationPolicy
    estimate: Estimate
    run: Run[ChatDeps, str] | None = None
    turn: Turn = field(init=False)
    _shown: ShownParts = field(default_factory=ShownParts)

    def __post_init__(self) -> None:
        self.turn = Turn(
            self.opened.question.text, self.deps.ledger, self.citations, self.deps.secrets
        )

    def begun(self) -> TurnBegun:
        """The first event."""
        return TurnBegun(
            chat=self.opened.chat, question=self.opened.question, answer_id=self.answer_id
        )

    def see(self, event: AgentStreamEvent) -> Iterator[AgentStreamEvent]:
        """What of this event a reader gets."""
        for shown in self.turn.see(event):
            self._shown.see(shown)
            yield shown

    async def end(self, *, interrupted: bool, now: datetime, seconds: float) -> Ended:
        """The answer with its message. The verdict over a long text is made in a thread."""
        verdict = (
            await asyncio.to_thread(self.turn.close, interrupted=interrupted)
            if self.turn.length > _LONG
            else self.turn.close(interrupted=interrupted)
        )
        if verdict.replaced is not None:
            self._shown.replaced(verdict.text, verdict.replaced)
        answer = self._answer(verdict, interrupted=interrupted, now=now, seconds=seconds)
        message = Message(
            message_id=self.answer_id,
            chat_id=self.opened.chat.chat_id,
            parent_id=self.opened.question.message_id,
            role=Role.ASSISTANT,
            text=verdict.text,
            created_at=now,
            parts=self._shown.parts(),
            answer=answer,
        )
        charge = self._charge(now, complete=not interrupted)
        return Ended(answer, message, self._model_messages(verdict), verdict.replaced, charge)

    def failed(self, now: datetime) -> Charge | None:
        """What a run that failed adds to its key's day: as far as its provider told."""
        used = self.run is not None and self.run.usage.total_tokens > 0
        return self._charge(now, complete=True) if used else None

    def _charge(self, now: datetime, *, complete: bool) -> Charge | None:
        answering = self.resolved.answering(self._last_response())
        return charge(
            self.caller,
            self.run.usage if self.run and self._said else None,
            metered=answering.metered,
            complete=complete,
            now=now,
            estimate=self.estimate,
        )

    @property
    def _said(self) -> Sequence[ModelMessage]:
        return () if self.run is None else model_calls.said(self.run)

    def _model_messages(self, verdict: Verdict) -> str:
        # A question that a content filter stopped would stop every later turn, too.
        if self.run is None or verdict.replaced == "content_filter":
            return UNSEEN
        delivered = verdict.text if verdict.replaced else None
        return stored(model_calls.said(self.run), delivered)

    def _answer(
        self, verdict: Verdict, *, interrupted: bool, now: datetime, seconds: float
    ) -> Answer:
        answering = self.resolved.answering(self._last_response())
        # What the last request of a stopped run took is never told.
        usage = None if interrupted else self._usage(answering)
        notices = [*self.deps.notices, *verdict.notices]
        if (other := self._other_time(verdict)) is not None:
            notices.append(other)
        if interrupted:
            notices.append(INTERRUPTED)
        return Answer(
            answer_id=self.answer_id,
            chat_id=self.opened.chat.chat_id,
            user_id=self.opened.chat.user_id,
            question=self.opened.question.text,
            category=self.question.category,
            text=verdict.text,
            outcome=verdict.outcome,
            sources=verdict.sources,
            tool_calls=tuple(self.turn.tool_calls),
            model=answering.name,
            prompt_version=PROMPT_VERSION,
            # A provider may not tell: unknown is None, never 0.
            input_tokens=usage.input_tokens or None if usage else None,
            output_tokens=usage.output_tokens or None if usage else None,
            cost=usage.cost if usage else None,
            latency_ms=round(seconds * 1000),
            created_at=now,
            interrupted=interrupted,
            notices=tuple(notices),
        )

    def _other_time(self, verdict: Verdict) -> str | None:
        """What to say of passages that are of another time than the question: of those that are
        cited, or, where nothing was found, of all that were read. The rows of a query speak for
        themselves.
        """
        question = self.opened.question.text
        if verdict.outcome is Outcome.NOT_FOUND:
            read = [
                e.passage for e in self.deps.ledger.entries.values() if isinstance(e, PassageEntry)
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

    def _usage(self, answering: ResolvedModel) -> RunUsage | None:
        if not answering.metered or self.run is None or not model_calls.said(self.run):
            return None
        return self.run.usage

    def _last_response(self) -> ModelResponse | None:
        """What tells which model of a chain answered."""
        responses = (
            message for message in reversed(self._said) if isinstance(message, ModelResponse)
        )
        return next(responses, None)
