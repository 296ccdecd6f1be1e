"""A turn of a chat, from the question to the recorded answer, with verified citations.

The one path of a question: HTTP, the command line and the tests read the same stream, of pydantic-ai's own
events (text parts and deltas, tool calls and results) and of those here. Text deltas have been through
citation checking: a reader sees the text that is recorded, unless `AnswerReplaced` says otherwise. The
question is kept before the model is asked; the rest is as `use_cases.kernel.runs.turn` promises.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from pydantic_ai import Agent, AgentStreamEvent, CustomEvent

from use_cases.chat.agent import BUILT_IN, PURPOSE, ChatDeps
from use_cases.chat.errors import (
    ChatBusy,
    ChatIdInvalid,
    ChatNotFound,
    QuestionEmpty,
    QuestionTooLong,
)
from use_cases.chat.live_answers import LiveAnswers
from use_cases.chat.model import Answer, Chat, Message, Mode, Question, Role, Within
from use_cases.chat.ports import Chats, Transcript
from use_cases.chat.questions import CHAT, Opened, Opening, choose_chat
from use_cases.chat.recollect import BranchContext, Recollect, SaidScope
from use_cases.chat.shown_answer import ShownAnswer, TurnVerdict
from use_cases.kernel.citations.sources import CitationPolicy, Outcome
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.identity.errors import ScopeMissing
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.ports import Clock, Ids, Models, Search, StructuredData
from use_cases.kernel.prompts.prompt_registry import ActivePrompts
from use_cases.kernel.runs.history import UNSEEN, remembered, stored
from use_cases.kernel.runs.inflight import Flight, InFlight
from use_cases.kernel.runs.model_calls import model_settings, resolved_model
from use_cases.kernel.runs.surroundings import RunLog
from use_cases.kernel.runs.turn import (
    Ending,
    Listener,
    Recorded,
    RunBegun,
    RunEnd,
    RunPolicy,
    Turn,
    checked,
)
from use_cases.kernel.text.plain_text import title_of
from use_cases.kernel.text.secrets import SecretFilter

_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}")
_LONG = 4000
"""Characters; to find the quotes for fewer takes a few milliseconds, about as long as the way to a
thread and back does on a busy server."""

_IN_DOUBT = (Outcome.NOT_FOUND, Outcome.TENTATIVE)
SAID_ELSEWHERE = (
    "Your conversations may hold this: ask again with --in conversations "
    "(over HTTP with `in`: `conversations`)."
)
INTERRUPTED = "The answer was stopped before it was complete."


@dataclass(kw_only=True)
class TurnBegun(RunBegun):
    """The question is kept; `answer_id` will be the id of the answer and of its message."""

    chat: Chat
    question: Message
    answer_id: str

    @property
    def labels(self) -> Mapping[str, str]:
        """Chat and answer."""
        return {"chat_id": self.chat.chat_id, "run_id": self.answer_id}


@dataclass(kw_only=True)
class AnswerReplaced(CustomEvent):
    """Everything shown so far is void; `text` is the answer (for example a polite refusal)."""

    text: str
    reason: str


@dataclass(kw_only=True)
class AnswerRecorded(CustomEvent):
    """The turn is over and stored: outcome, verified sources, model, tokens, cost."""

    answer: Answer


ChatEvent: TypeAlias = AgentStreamEvent | TurnBegun | AnswerReplaced | AnswerRecorded
"""An event of a turn."""


@dataclass(frozen=True, slots=True)
class TurnPolicy(RunPolicy):
    """Bounds of one turn. `patience` is the seconds for which a question waits for the turn before
    it to be over.
    """

    patience: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskQuestion:
    """Answers from the knowledge base with verified citations, or says that it cannot."""

    agent: Agent[ChatDeps, str]
    search: Search
    data: StructuredData
    models: Models
    chats: Chats
    transcript: Transcript
    clock: Clock
    ids: Ids
    inflight: InFlight
    prompt_registry: ActivePrompts
    citations: CitationPolicy
    bounds: TurnPolicy
    secrets: SecretFilter
    listeners: Sequence[Listener] = ()
    live_answers: LiveAnswers | None = None
    recollect: Recollect | None = None

    def stream(
        self, question: Question, *, caller: Caller, tried: ActivePrompts | None = None
    ) -> AsyncGenerator[ChatEvent]:
        """Returns the events of the turn; the first is `TurnBegun`, the last `AnswerRecorded`.

        `tried` are instructions to try, with a model that was checked before; else those in production
        answer.
        Raises `QuestionEmpty`, `QuestionTooLong`, `CategoryUnknown`, `ChatIdInvalid`, `ChatNotFound`,
        `ChatBusy`, `ConversationLocked`, `MessageNotFound`, `ModelUnknown`, `ModelNotAllowed`,
        `ModelNotConfigured` or `DefaultModelUnusable`, and `ScopeMissing` for conversations, before the
        first event, and the errors of the model (see `use_cases.kernel.errors`) after it; a failed run is
        not recorded as an answer. `ManageChats.stop` ends the stream early with what was said so far.
        """
        return ChatTurn(self, question, caller, tried).stream()


class ChatTurn(Turn[ChatDeps, str, ChatEvent]):
    """A question of a chat on its way to its answer. It holds its chat by its flight."""

    log = RunLog("question", "stream", "answer")

    _flight: Flight
    _opened: Opened
    _shown: ShownAnswer
    _verdict: TurnVerdict | None = None

    def __init__(
        self, ask: AskQuestion, question: Question, caller: Caller, tried: ActivePrompts | None
    ) -> None:
        super().__init__(
            agent=ask.agent,
            caller=caller,
            policy=ask.bounds,
            clock=ask.clock,
            listeners=ask.listeners,
        )
        self._ports = ask
        self._question = question
        self._tried = tried

    async def open(self) -> TurnBegun:
        """Checks and keeps the question, and gathers what the model is given with it."""
        ask, question, tried = self._ports, self._question, self._tried
        text, longest = question.text, self.policy.max_question_characters
        if text is not None:
            text = checked(text, "question", longest, QuestionEmpty, QuestionTooLong)
        if (
            question.within is not Within.DOCUMENTS
            and Scope.CONVERSATIONS not in self.caller.scopes
        ):
            raise ScopeMissing(f"The caller lacks the scope `{Scope.CONVERSATIONS}`.")
        active = await (tried or ask.prompt_registry).active(PURPOSE, PURPOSE)
        trusted = tried is not None
        self.resolved = resolved_model(ask.models, question.model, active.model, trusted=trusted)
        self.named = question.model is not None
        prompt = active.prompt or BUILT_IN
        self.settings = model_settings(prompt)
        await ask.search.require_category(question.category)
        flight = await self.held.enter_async_context(ask.inflight.turn(ask.ids.new("ans")))
        self._flight, self.token = flight, flight.token
        self._opened = opened = await self._kept(text)
        chat, self.prompt = opened.chat, opened.question.text
        ask.inflight.holds(flight, chat.chat_id)
        begun = TurnBegun(chat=chat, question=opened.question, answer_id=flight.turn_id)
        self.log.asked(self.prompt, begun.labels, user=chat.user_id)
        tokens, branch = self.policy.history_tokens, BranchContext()
        turns = opened.past or question.earlier
        if chat.mode is Mode.OPEN and ask.recollect is not None:
            # What was imported is a source, between fences; what was said here is history.
            turns = [turn for turn in turns if turn.model_messages is not None]
            tokens = tokens // 2 if turns else tokens
            branch = await ask.recollect.branch(chat, opened.question, tokens)
        past = remembered(turns, tokens, 0 if branch.ids else opened.earlier)
        self.history = past.messages
        self.deps = deps = ChatDeps(
            caller=self.caller,
            search=ask.search,
            data=ask.data.for_caller(self.caller),
            today=ask.clock.now().date().isoformat(),
            tables=tuple(await ask.data.tables()),
            category=question.category,
            secrets=ask.secrets,
            forgotten=past.left_out or branch.left_out,
            prompt=prompt,
            mode=chat.mode,
            documents=question.within is not Within.CONVERSATIONS,
            recollect=ask.recollect,
            said=self._said(branch),
        )
        deps.branch = tuple(dict.fromkeys(map(deps.ledger.add_hit, branch.hits)))
        deps.notices += [each.notice for each in (past, branch) if each.left_out]
        self._shown = ShownAnswer(
            self.prompt, deps.ledger, ask.citations, ask.secrets, chat.mode, question.within
        )
        self.started = ask.clock.monotonic()
        return begun

    async def _kept(self, text: str | None) -> Opened:
        """Keeps the question, if need be after a moment's wait for a turn that is coming to its end."""
        ask, loop, asked = self._ports, asyncio.get_running_loop(), self._question
        if asked.chat_id is not None and not _ID.fullmatch(asked.chat_id):
            raise ChatIdInvalid("The chat id has an invalid format.")
        latest, waiting = loop.time() + ask.bounds.patience, False
        while True:
            opening = Opening(
                question=replace(asked, text=text),
                new_chat=ask.ids.new(CHAT),
                title=title_of(text or ""),
                message_id=ask.ids.new("msg"),
                now=ask.clock.now(),
                turn_id=self._flight.turn_id,
                until=ask.inflight.until(),
            )
            try:
                return await ask.transcript.open(self.caller, opening)
            except ChatBusy:
                left = latest - loop.time()
                if left <= 0:
                    raise
            except asyncio.CancelledError:
                await ask.inflight.release(self._flight)
                raise
            chat = await self._busy_chat()
            if chat is not None and ask.live_answers is not None and not waiting:
                waiting = True
                await ask.live_answers.make_way(chat.chat_id)
            await ask.inflight.pause("" if chat is None else chat.chat_id, left)

    async def _busy_chat(self) -> Chat | None:
        """Returns the chat in which another turn is being answered; None where it is gone."""
        question = self._question
        if question.chat_id is None:
            return None
        try:
            found = await self._ports.chats.chat(self.caller, question.chat_id)
            return choose_chat(question, found, self.caller)
        except ChatNotFound:
            return None

    def _said(self, branch: BranchContext) -> SaidScope | None:
        """Returns the messages that the turn may search: all of the person's where they ask for that,
        in an open chat those before the question; None for none.
        """
        chat, question = self._opened.chat, self._opened.question
        if self._ports.recollect is None:
            return None
        if self._question.within is not Within.DOCUMENTS:
            return SaidScope(caller=replace(self.caller, owns_all=False), question=question)
        if chat.mode is not Mode.OPEN or not branch.ids:
            return None
        return SaidScope(caller=Caller(chat.user_id), question=question, branch=branch.ids)

    @property
    def has_shown(self) -> bool:
        """True once a reader has seen any text of it."""
        return self._shown.begun

    def see(self, event: AgentStreamEvent) -> Iterator[ChatEvent]:
        """Yields the events that a reader gets for this one."""
        return self._shown.see(event)

    async def end(self, ending: Ending) -> None:
        """Ends the answer: the model has said all that it will say."""
        if ending is Ending.REFUSED:
            self._shown.refuse()
        if ending is Ending.COMPLETE:
            self._verdict = verdict = await self._closed(interrupted=False)
            if verdict.outcome in _IN_DOUBT and await self._was_said():
                self._verdict = replace(verdict, notices=[*verdict.notices, SAID_ELSEWHERE])

    async def _closed(self, *, interrupted: bool) -> TurnVerdict:
        """Returns the verdict over the text; over a long one it is made in a thread."""
        close = partial(self._shown.close, interrupted=interrupted)
        return await asyncio.to_thread(close) if self._shown.length > _LONG else close()

    async def _was_said(self) -> bool:
        """Returns whether what only documents were searched for may stand in the person's
        conversations.
        """
        recollect, caller = self._ports.recollect, replace(self.caller, owns_all=False)
        if recollect is None or self._question.within is not Within.DOCUMENTS:
            return False
        scope = SaidScope(caller=caller, question=self._opened.question)
        return Scope.CONVERSATIONS in caller.scopes and await recollect.is_strong(scope)

    async def record(self, end: RunEnd) -> Recorded[ChatEvent]:
        """Keeps the answer with its message."""
        verdict = self._verdict or await self._closed(interrupted=end.interrupted)
        events = list[ChatEvent]()
        if verdict.replaced is not None:
            self._shown.void(verdict.text, verdict.replaced)
            events.append(AnswerReplaced(text=verdict.text, reason=verdict.replaced))
        answer = self._answer(verdict, end)
        message = Message(
            message_id=answer.answer_id,
            chat_id=self._opened.chat.chat_id,
            parent_id=self._opened.question.message_id,
            role=Role.ASSISTANT,
            text=verdict.text,
            created_at=end.created_at,
            parts=self._shown.parts(),
            answer=answer,
        )
        # A question that a content filter stopped would stop every later turn, too.
        filtered = verdict.replaced == "content_filter"
        delivered = verdict.text if verdict.replaced else None
        await self._ports.transcript.close(
            self.caller,
            answer,
            message,
            lambda: UNSEEN if filtered else stored(self.said, delivered),
            end.charge,
        )
        self._ports.inflight.recorded(self._flight)
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

    def _answer(self, verdict: TurnVerdict, end: RunEnd) -> Answer:
        notices = [*self.deps.notices, *verdict.notices]
        if (other := self._shown.other_time(verdict)) is not None:
            notices.append(other)
        if end.interrupted:
            notices.append(INTERRUPTED)
        return Answer(
            answer_id=self._flight.turn_id,
            chat_id=self._opened.chat.chat_id,
            user_id=self._opened.chat.user_id,
            question=self._opened.question.text,
            category=self._question.category,
            text=verdict.text,
            outcome=verdict.outcome,
            sources=verdict.sources,
            tool_calls=tuple(self._shown.tool_calls),
            prompt_version=self.deps.prompt.version,
            door=self.caller.door,
            notices=tuple(notices),
            mode=self._opened.chat.mode,
            **end.figures,
        )

    async def abandon(self, charge: Charge | None) -> None:
        """Lets go of the chat without an answer, in the end of the flight."""
        abandon = self._ports.transcript.abandon
        self._flight.abandon = partial(abandon, self._flight.turn_id, charge)
