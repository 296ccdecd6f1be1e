"""Asks one question and streams the verified, recorded answer.

The one path of a turn: HTTP, the command line and the tests read the same stream. The question is
kept before the model is asked; the rest is as `use_cases.kernel.runs.recorded_run` promises.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from pydantic_ai import Agent

from use_cases.chat.agent import BUILT_IN, PURPOSE, ChatDeps
from use_cases.chat.errors import (
    ChatBusy,
    ChatIdInvalid,
    ChatNotFound,
    QuestionEmpty,
    QuestionTooLong,
)
from use_cases.chat.events import ChatEvent
from use_cases.chat.live_answers import LiveAnswers
from use_cases.chat.model import Chat, Mode, Question, Within
from use_cases.chat.ports import Chats, Opened, Opening, Transcript
from use_cases.chat.recollect import BranchContext, Recollect, SaidScope
from use_cases.chat.turn_session import TurnSession
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.identity.errors import ScopeMissing
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.ports import Clock, Ids, Models, ResolvedModel, Search, StructuredData
from use_cases.kernel.prompts.content import RunPrompt
from use_cases.kernel.prompts.registry import ActivePrompts
from use_cases.kernel.runs.history import remembered
from use_cases.kernel.runs.inflight import Flight, InFlight
from use_cases.kernel.runs.model_calls import (
    ModelCall,
    RunPolicy,
    model_settings,
    resolved_model,
)
from use_cases.kernel.runs.recorded_run import Listener, recorded_run
from use_cases.kernel.text.lengths import title_of
from use_cases.kernel.text.secrets import SecretFilter
from use_cases.kernel.text.storable_text import without_unstorable

_CHAT = "chat"
_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}")


@dataclass(frozen=True, slots=True)
class TurnPolicy(RunPolicy):
    """Bounds of one turn. `patience` is the seconds for which a question waits for the turn before
    it to be over.
    """

    patience: float = 1.0


class AskQuestion:
    """Answers from the knowledge base with verified citations, or says that it cannot."""

    def __init__(
        self,
        *,
        agent: Agent[ChatDeps, str],
        search: Search,
        data: StructuredData,
        models: Models,
        chats: Chats,
        transcript: Transcript,
        clock: Clock,
        ids: Ids,
        inflight: InFlight,
        prompt_registry: ActivePrompts,
        citations: CitationPolicy,
        bounds: TurnPolicy,
        secrets: SecretFilter,
        listeners: Sequence[Listener] = (),
        live_answers: LiveAnswers | None = None,
        recollect: Recollect | None = None,
    ) -> None:
        self._agent = agent
        self._search = search
        self._data = data
        self._models = models
        self._chats = chats
        self._transcript = transcript
        self._clock = clock
        self._ids = ids
        self._inflight = inflight
        self._registry = prompt_registry
        self._citations = citations
        self._bounds = bounds
        self._secrets = secrets
        self._listeners = listeners
        self._live_answers = live_answers
        self._recollect = recollect

    def stream(
        self, question: Question, *, caller: Caller, tried: ActivePrompts | None = None
    ) -> AsyncGenerator[ChatEvent]:
        """The events of the turn; the first is `TurnBegun`, the last `AnswerRecorded`.

        `tried` are instructions to try, with a model that was checked before; else those in production
        answer.
        Raises `QuestionEmpty`, `QuestionTooLong`, `CategoryUnknown`, `ChatIdInvalid`, `ChatNotFound`, `ChatBusy`, `ConversationLocked`,
        `MessageNotFound`, `ModelUnknown`, `ModelNotAllowed`, `ModelNotConfigured` or `DefaultModelUnusable`, and `ScopeMissing` for conversations, before the first event, and the
        errors of the model (see `use_cases.kernel.errors`) after it; a failed run is not recorded
        as an answer. `ManageChats.stop` ends the stream early with what was said so far.
        """
        return recorded_run(self._turn(question, caller, tried), self._listeners)

    @asynccontextmanager
    async def _turn(
        self, question: Question, caller: Caller, tried: ActivePrompts | None
    ) -> AsyncGenerator[TurnSession]:
        text = self._checked(question.text)
        if question.within is not Within.DOCUMENTS:
            _require_conversations(caller)
        active = await (tried or self._registry).active(PURPOSE, PURPOSE)
        trusted = tried is not None
        resolved = resolved_model(self._models, question.model, active.model, trusted=trusted)
        prompt = active.prompt or BUILT_IN
        await self._search.require_category(question.category)
        async with self._inflight.turn(self._ids.new("ans")) as flight:
            opened = await self._opened(question, caller, text, flight)
            self._inflight.holds(flight, opened.chat.chat_id)
            yield await self._session(question, caller, resolved, prompt, opened, flight)

    def _checked(self, text: str | None) -> str | None:
        """The question without what no store or provider accepts: lone surrogates and NULs."""
        if text is None:
            return None
        cleaned = without_unstorable(text).strip()
        if not cleaned:
            raise QuestionEmpty("The question is empty.")
        if len(cleaned) > self._bounds.max_question_characters:
            raise QuestionTooLong(
                f"The question has {len(cleaned)} characters; the limit is {self._bounds.max_question_characters}."
            )
        return cleaned

    async def _opened(
        self, question: Question, caller: Caller, text: str | None, flight: Flight
    ) -> Opened:
        """Keep the question, if need be after a moment's wait for a turn that is coming to its end."""
        loop = asyncio.get_running_loop()
        latest, waiting = loop.time() + self._bounds.patience, False
        while True:
            chat = await self._chat(question, caller)
            try:
                return await self._transcript.open(
                    caller, self._opening(question, text, chat, flight)
                )
            except ChatBusy:
                left = latest - loop.time()
                if left <= 0:
                    raise
            except asyncio.CancelledError:
                await self._inflight.release(flight)
                raise
            # That turn may have made the chat, or see it go.
            chat = chat or await self._chat(question, caller)
            if chat is not None and self._live_answers is not None and not waiting:
                waiting = True
                await self._live_answers.make_way(chat.chat_id)
            await self._inflight.pause("" if chat is None else chat.chat_id, left)

    async def _chat(self, question: Question, caller: Caller) -> Chat | None:
        """The chat that is meant; None for a new one."""
        if question.chat_id is None:
            return None
        if not _ID.fullmatch(question.chat_id):
            raise ChatIdInvalid("The chat id has an invalid format.")
        try:
            return _their_own(await self._chats.chat(caller, question.chat_id), question, caller)
        except ChatNotFound:
            # Ids of our own making are never a frontend's: such a chat is gone, or another person's.
            ours = question.chat_id.startswith(f"{_CHAT}_")
            if ours or not question.own_chat_id or question.text is None:
                raise
            return None

    def _opening(
        self, question: Question, text: str | None, chat: Chat | None, flight: Flight
    ) -> Opening:
        return Opening(
            chat=chat,
            new_chat=self._ids.new(_CHAT),
            client_chat_id=question.chat_id if question.own_chat_id else None,
            title=title_of(text or ""),
            question=text,
            message_id=self._ids.new("msg"),
            client_id=question.client_id,
            at=question.at,
            after=question.after,
            mode=question.mode,
            now=self._clock.now(),
            turn_id=flight.turn_id,
            until=self._inflight.until(),
        )

    async def _session(
        self,
        question: Question,
        caller: Caller,
        resolved: ResolvedModel,
        prompt: RunPrompt,
        opened: Opened,
        flight: Flight,
    ) -> TurnSession:
        chat, text, bounds = opened.chat, opened.question.text, self._bounds
        labels = {"chat_id": chat.chat_id, "run_id": flight.turn_id}
        TurnSession.log.asked(text, labels, preview=bounds.log_message_preview, user=chat.user_id)
        tokens, turns, branch = bounds.history_tokens, opened.past, BranchContext()
        if chat.mode is Mode.OPEN and self._recollect is not None:
            # What was imported is a source, between fences; what was said here is history.
            turns = [turn for turn in turns if turn.model_messages is not None]
            tokens = tokens // 2 if turns else tokens
            branch = await self._recollect.branch(chat, opened.question, tokens)
        past = remembered(turns, tokens, 0 if branch.ids else opened.earlier)
        deps = ChatDeps(
            caller=caller,
            search=self._search,
            data=self._data.for_caller(caller),
            today=self._clock.now().date().isoformat(),
            tables=tuple(await self._data.tables()),
            category=question.category,
            secrets=self._secrets,
            forgotten=past.left_out or branch.left_out,
            prompt=prompt,
            mode=chat.mode,
            documents=question.within is not Within.CONVERSATIONS,
            recollect=self._recollect,
            said=self._said(question, caller, opened, branch),
        )
        deps.branch = tuple(dict.fromkeys(map(deps.ledger.add_hit, branch.hits)))
        if past.left_out:
            deps.notices.append(_forgotten(past.left_out))
        if branch.left_out:
            deps.notices.append(_unread(branch.left_out))
        return TurnSession(
            question=question,
            opened=opened,
            call=ModelCall(
                agent=self._agent,
                prompt=text,
                resolved=resolved,
                deps=deps,
                caller=caller,
                policy=bounds,
                clock=self._clock,
                started=self._clock.monotonic(),
                history=past.messages,
                token=flight.token,
                named=question.model is not None,
                settings=model_settings(prompt),
            ),
            flight=flight,
            inflight=self._inflight,
            transcript=self._transcript,
            citations=self._citations,
        )

    def _said(
        self, question: Question, caller: Caller, opened: Opened, branch: BranchContext
    ) -> SaidScope | None:
        """The messages that the turn may search: all of the person's where they ask for that, in an open
        chat those before the question; None for none.
        """
        if self._recollect is None:
            return None
        if question.within is not Within.DOCUMENTS:
            return SaidScope(caller=replace(caller, owns_all=False), question=opened.question)
        if opened.chat.mode is not Mode.OPEN or not branch.ids:
            return None
        owner = Caller(opened.chat.user_id)
        return SaidScope(caller=owner, question=opened.question, branch=branch.ids)


def _their_own(chat: Chat, question: Question, caller: Caller) -> Chat:
    """The chat, if it is not another person's whose frontend gives the same ids. Raises `ChatNotFound`.

    Only a caller who owns all is ever given such a chat, as when a frontend acts for its users.
    """
    named = question.own_chat_id and chat.chat_id != question.chat_id
    if named and chat.user_id != caller.user_id:
        raise ChatNotFound("The caller has no chat with this id.")
    return chat


def _require_conversations(caller: Caller) -> None:
    """Raise `ScopeMissing` for a caller who may not read conversations."""
    if Scope.CONVERSATIONS not in caller.scopes:
        raise ScopeMissing(f"The caller lacks the scope `{Scope.CONVERSATIONS}`.")


def _unread(messages: int) -> str:
    what = "1 older message was" if messages == 1 else f"{messages} older messages were"
    return f"{what} not sent to the model, but can be searched by it: the chat is longer than HISTORY_TOKENS."


def _forgotten(turns: int) -> str:
    what = "The oldest turn of this chat was" if turns == 1 else f"The {turns} oldest turns were"
    return f"{what} not sent to the model: the chat is longer than HISTORY_TOKENS."
