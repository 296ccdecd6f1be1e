"""Asks one question and streams the verified, recorded answer.

The one path of a turn: HTTP, the command line and the tests read the same stream. The question is
kept before the model is asked, the answer before its last event is given. Whoever stops reading
early must close the stream (`use_cases.kernel.runs.cancellation.closing`): what was said so far is then
recorded, marked interrupted.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import TypeAlias

from pydantic_ai import Agent, AgentStreamEvent, RunCancelled, RunTimedOut, UsageLimits

from use_cases.chat import log_points
from use_cases.chat.agent import ChatDeps
from use_cases.chat.errors import (
    ChatBusy,
    ChatIdInvalid,
    ChatNotFound,
    QuestionEmpty,
    QuestionTooLong,
)
from use_cases.chat.events import AnswerRecorded, AnswerReplaced, TurnBegun
from use_cases.chat.history_budget import remembered
from use_cases.chat.inflight import Flight, InFlight
from use_cases.chat.model import Answer, Chat, Question
from use_cases.chat.ports import Chats, Opened, Opening, Transcript
from use_cases.chat.titles import title_of
from use_cases.chat.turn_session import Ended, TurnUnderWay
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.errors import CandorError, ContentFiltered, DefaultModelUnusable, InvalidInput
from use_cases.kernel.identity.admission import ESTIMATE, Estimate
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Ids, Models, ResolvedModel, Search, StructuredData
from use_cases.kernel.runs import model_calls
from use_cases.kernel.runs.agent_run import Run
from use_cases.kernel.runs.cancellation import completed
from use_cases.kernel.runs.log_labels import labelled_stream
from use_cases.kernel.text.secrets import SecretFilter

ChatEvent: TypeAlias = AgentStreamEvent | TurnBegun | AnswerReplaced | AnswerRecorded

_CHAT = "chat"
_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}")


@dataclass(frozen=True, slots=True)
class TurnPolicy:
    """Bounds of one turn. `timeout` is in seconds, for the whole run; `history_tokens` what of the
    chat before is given to the model, `preview` how many characters of a question the log shows,
    `patience` the seconds for which a question waits for the turn before it to be over, `estimate`
    what counts of an answer whose tokens or price are not known.
    """

    longest_question: int = 8000
    request_limit: int = 12
    tool_calls_limit: int = 16
    timeout: float = 120.0
    history_tokens: int = 24_000
    preview: int = 0
    patience: float = 1.0
    estimate: Estimate = ESTIMATE


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
        citations: CitationPolicy,
        bounds: TurnPolicy,
        secrets: SecretFilter,
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
        self._citations = citations
        self._bounds = bounds
        self._secrets = secrets

    @labelled_stream
    async def stream(self, question: Question, *, caller: Caller) -> AsyncGenerator[ChatEvent]:
        """The events of the turn; the first is `TurnBegun`, the last `AnswerRecorded`.

        Raises `QuestionEmpty`, `QuestionTooLong`, `CategoryUnknown`, `ChatIdInvalid`, `ChatNotFound`, `ChatBusy`,
        `MessageNotFound`, `ModelUnknown`, `ModelNotAllowed`, `ModelNotConfigured` or `DefaultModelUnusable` before the first event, and the
        errors of the model (see `use_cases.kernel.errors`) after it; a failed run is not recorded
        as an answer. `CancelTurn` ends the stream early with what was said so far.
        """
        text = self._checked(question.text)
        resolved = self._resolved(question.model)
        await self._search.require_category(question.category)
        async with self._inflight.turn(self._ids.new("ans")) as flight:
            opened = await self._opened(question, caller, text, flight)
            self._inflight.holds(flight, opened.chat.chat_id)
            under_way = await self._begin(question, caller, resolved, opened, flight.turn_id)
            flight.abandon = lambda: self._transcript.abandon(
                flight.turn_id, under_way.failed(self._clock.now())
            )
            interrupted = False
            try:
                with log_points.ending():
                    yield under_way.begun()
                    async with self._run(under_way, flight) as run:
                        under_way.run = run
                        async for event in run:
                            for shown in under_way.see(event):
                                yield shown
            except ContentFiltered as error:
                if not error.jailbreak:
                    raise
                under_way.turn.refuse()
            except RunCancelled as stopped:
                # Out of time with something to show for it, perhaps because its reader is slow.
                if isinstance(stopped, RunTimedOut) and not under_way.turn.begun:
                    raise model_calls.translate(stopped, resolved.name) from None
                interrupted = True
            except (asyncio.CancelledError, GeneratorExit):
                # Nobody is there to be told that it could not be kept; the log has it.
                with suppress(CandorError):
                    await self._record(under_way, flight, interrupted=True)
                raise
            answer, replaced = await self._record(under_way, flight, interrupted=interrupted)
            if replaced is not None:
                yield AnswerReplaced(text=answer.text, reason=replaced)
            yield AnswerRecorded(answer=answer)

    def _checked(self, text: str | None) -> str | None:
        """The question without what no store or provider accepts: lone surrogates and NULs."""
        if text is None:
            return None
        cleaned = text.encode("utf-8", "ignore").decode().replace("\0", "").strip()
        if not cleaned:
            raise QuestionEmpty("The question is empty.")
        if len(cleaned) > self._bounds.longest_question:
            raise QuestionTooLong(
                f"The question has {len(cleaned)} characters; the limit is {self._bounds.longest_question}."
            )
        return cleaned

    def _resolved(self, name: str | None) -> ResolvedModel:
        try:
            return self._models.resolve(name)
        except InvalidInput as error:
            if name is not None:
                raise
            # Whoever asked has named none: it is not their mistake.
            raise DefaultModelUnusable(error.detail, hint=error.hint) from error

    async def _opened(
        self, question: Question, caller: Caller, text: str | None, flight: Flight
    ) -> Opened:
        """Keep the question, if need be after a moment's wait for a turn that is coming to its end."""
        loop = asyncio.get_running_loop()
        latest = loop.time() + self._bounds.patience
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
            now=self._clock.now(),
            turn_id=flight.turn_id,
            until=self._inflight.until(),
        )

    async def _begin(
        self,
        question: Question,
        caller: Caller,
        resolved: ResolvedModel,
        opened: Opened,
        answer_id: str,
    ) -> TurnUnderWay:
        log_points.asked(opened, run_id=answer_id, preview=self._bounds.preview)
        past = remembered(opened.past, self._bounds.history_tokens, opened.earlier)
        deps = ChatDeps(
            caller=caller,
            search=self._search,
            data=self._data.for_caller(caller),
            today=self._clock.now().date().isoformat(),
            tables=tuple(await self._data.tables()),
            category=question.category,
            secrets=self._secrets,
            forgotten=past.left_out,
        )
        if past.left_out:
            deps.notices.append(_forgotten(past.left_out))
        return TurnUnderWay(
            question=question,
            caller=caller,
            resolved=resolved,
            opened=opened,
            answer_id=answer_id,
            started=self._clock.monotonic(),
            deps=deps,
            history=past.messages,
            citations=self._citations,
            estimate=self._bounds.estimate,
        )

    def _run(
        self, under_way: TurnUnderWay, flight: Flight
    ) -> AbstractAsyncContextManager[Run[ChatDeps, str]]:
        return model_calls.events(
            self._agent,
            under_way.opened.question.text,
            model=under_way.resolved.model,
            deps=under_way.deps,
            limits=UsageLimits(
                request_limit=self._bounds.request_limit,
                tool_calls_limit=self._bounds.tool_calls_limit,
            ),
            history=under_way.history,
            token=flight.token,
            timeout=self._bounds.timeout,
            named=under_way.question.model is not None,
        )

    async def _record(
        self, under_way: TurnUnderWay, flight: Flight, *, interrupted: bool
    ) -> tuple[Answer, str | None]:
        """Keep what came of the turn, whoever wants to stop us; the reason if the text was replaced."""
        with log_points.recording():
            ended = await completed(self._keep(under_way, flight, interrupted=interrupted))
        log_points.answered(ended.answer)
        return ended.answer, ended.replaced

    async def _keep(self, under_way: TurnUnderWay, flight: Flight, *, interrupted: bool) -> Ended:
        seconds = self._clock.monotonic() - under_way.started
        ended = await under_way.end(interrupted=interrupted, now=self._clock.now(), seconds=seconds)
        await self._transcript.close(
            under_way.caller, ended.answer, ended.message, ended.model_messages, ended.charge
        )
        self._inflight.recorded(flight)
        return ended


def _their_own(chat: Chat, question: Question, caller: Caller) -> Chat:
    """The chat, if it is not another person's whose frontend gives the same ids. Raises `ChatNotFound`.

    Only a caller who owns all is ever given such a chat, as when a frontend acts for its users.
    """
    named = question.own_chat_id and chat.chat_id != question.chat_id
    if named and chat.user_id != caller.user_id:
        raise ChatNotFound("The caller has no chat with this id.")
    return chat


def _forgotten(turns: int) -> str:
    what = "The oldest turn of this chat was" if turns == 1 else f"The {turns} oldest turns were"
    return f"{what} not sent to the model: the chat is longer than HISTORY_TOKENS."
