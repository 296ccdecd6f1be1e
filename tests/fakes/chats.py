"""Chats, their transcript and the recorded answers in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields, replace

from tests.fakes.leases import InMemoryLeases, Lease
from use_cases.chat.errors import AnswerNotFound, ChatBusy, ChatNotFound, MessageNotFound
from use_cases.chat.model import (
    Answer,
    AnswerFacts,
    Chat,
    Feedback,
    Message,
    Mode,
    Role,
)
from use_cases.chat.questions import (
    Opened,
    Opening,
    choose_chat,
    choose_question,
    earlier_messages,
)
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller, Page, page_of
from use_cases.kernel.runs.record import PastTurn
from use_cases.kernel.targets import EVERY_ANSWER, AnswerFilter, Judgement


class InMemoryChats:
    """Ports `Chats`, `Transcript` and `Answers` over dictionaries."""

    def __init__(self) -> None:
        self.kept: dict[str, Chat] = {}
        self.said: dict[str, Message] = {}
        self.recorded: dict[str, Answer] = {}
        self.leases = InMemoryLeases()
        self.charged: list[Charge] = []
        self._leaves: dict[str, str] = {}
        self._model_messages: dict[str, str] = {}

    # Transcript

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """Keep the question, and its chat where it is new."""
        chat = await self._opened(caller, opening)
        chat = replace(chat, updated_at=opening.now, mode=opening.question.mode or chat.mode)
        if self.leases.in_force(chat.chat_id, opening.now):
            raise ChatBusy("An answer is being written in this chat.")
        if chat.chat_id not in self._leaves:
            for message, model_messages in earlier_messages(opening, chat):
                self.said[message.message_id] = message
                self._model_messages |= (
                    {message.message_id: model_messages} if model_messages else {}
                )
                self._leaves[chat.chat_id] = message.message_id
        said = _Said([one for one in self.said.values() if one.chat_id == chat.chat_id])
        question, new = choose_question(opening, chat, self._leaves.get(chat.chat_id), said)
        if new and question.message_id in self.said:
            raise Conflict(f"A message {question.message_id!r} is kept already.")
        self.leases.end_all(chat.chat_id)
        self.leases.held[opening.turn_id] = Lease(chat.chat_id, opening.until)
        self.said[question.message_id] = question
        self._leaves[chat.chat_id] = question.message_id
        self.kept[chat.chat_id] = chat
        path = list(self._path(question.parent_id))[::-1]
        return Opened(chat, question, tuple(self._turns(path)))

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: Callable[[], str],
        charge: Charge | None = None,
    ) -> None:
        """Keep an answer with its message."""
        chat = self.kept.get(message.chat_id)
        if chat is None or not _sees(caller, chat.user_id):
            raise ChatNotFound("The chat no longer exists.")
        if answer.answer_id in self.recorded or message.message_id in self.said:
            raise Conflict(f"An answer {answer.answer_id!r} is recorded already.")
        self.recorded[answer.answer_id] = answer
        await self.abandon(answer.answer_id, charge)
        self.said[message.message_id] = message
        self._model_messages[message.message_id] = model_messages()
        self._leaves[chat.chat_id] = message.message_id
        self.kept[chat.chat_id] = replace(chat, updated_at=message.created_at)

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """Let go of the chat, and note the charge."""
        await self.leases.release(turn_id)
        self.charged += [charge] if charge else []

    # Chats

    async def chat(self, caller: Caller, chat_id: str) -> Chat:
        """One chat, by its own id or the frontend's."""
        found = [
            chat
            for chat in self.kept.values()
            if _sees(caller, chat.user_id) and chat_id in (chat.chat_id, chat.client_id)
        ]
        if not found:
            raise ChatNotFound(f"No chat has the id {chat_id!r}.")

        def rank(chat: Chat) -> tuple[bool, bool, tuple[float, str]]:
            return chat.chat_id == chat_id, chat.user_id == caller.user_id, _place(chat)

        return max(found, key=rank)

    async def chats(
        self,
        caller: Caller,
        *,
        user_id: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Chat]:
        """The last used first."""
        own = [
            chat
            for chat in self.kept.values()
            if _sees(caller, chat.user_id) and user_id in (None, chat.user_id)
        ]
        own.sort(key=_place, reverse=True)
        if before is not None:
            seen = _place(await self.chat(caller, before))
            own = [chat for chat in own if _place(chat) < seen]
        return page_of(own, limit)

    async def messages(
        self, caller: Caller, chat_id: str, *, limit: int = 200, before: str | None = None
    ) -> Page[Message]:
        """The shown branch, oldest first."""
        chat = await self.chat(caller, chat_id)
        path = [one for one in self._path(self._leaves[chat.chat_id]) if not one.hidden]
        if before is not None:
            places = [place for place, message in enumerate(path) if before in _ids(message)]
            if not places:
                raise MessageNotFound(f"There is no message {before!r} in this chat.")
            path = path[places[0] + 1 :]
        shown = [replace(one, siblings=self._siblings(one)) for one in reversed(path[:limit])]
        return Page(shown, more=len(path) > limit)

    async def change(
        self, caller: Caller, chat_id: str, *, title: str | None, mode: Mode | None
    ) -> Chat:
        """Give it another title or mode."""
        chat = await self.chat(caller, chat_id)
        chat = replace(chat, title=title or chat.title, mode=mode or chat.mode)
        self.kept[chat.chat_id] = chat
        return chat

    async def delete(self, caller: Caller, chat_id: str) -> None:
        """Remove it with all that was said in it."""
        chat = await self.chat(caller, chat_id)
        del self.kept[chat.chat_id], self._leaves[chat.chat_id]
        self.leases.end_all(chat.chat_id)
        self.said = {k: m for k, m in self.said.items() if m.chat_id != chat.chat_id}
        self.recorded = {k: a for k, a in self.recorded.items() if a.chat_id != chat.chat_id}

    # Answers

    async def answers(
        self,
        caller: Caller,
        wanted: AnswerFilter = EVERY_ANSWER,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Answer]:
        """The caller's, newest first, after `before`."""
        own = [
            answer
            for answer in self.recorded.values()
            if _sees(caller, answer.user_id) and _meets(answer, wanted)
        ]
        own.sort(key=_moment, reverse=True)
        if before is not None:
            seen = _moment(await self.answer(caller, before))
            own = [answer for answer in own if _moment(answer) < seen]
        return page_of(own, limit)

    async def facts(self, caller: Caller, wanted: AnswerFilter, *, limit: int) -> Page[AnswerFacts]:
        """The figures of the caller's, newest first."""
        own = await self.answers(caller, wanted, limit=limit)
        return Page([_facts(answer) for answer in own], more=own.more)

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """One of the caller's."""
        answer = self.recorded.get(answer_id)
        if answer is None or not _sees(caller, answer.user_id):
            raise AnswerNotFound(f"No recorded answer has the id {answer_id!r}.")
        return answer

    async def judge(self, caller: Caller, answer_id: str, feedback: Feedback) -> Answer:
        """Keep the feedback, also in the message of the answer."""
        found = await self.answer(caller, answer_id)
        judged = replace(
            found,
            right=feedback.right,
            feedback_notes=feedback.notes,
            expected=feedback.expected,
            expected_document=feedback.expected_document,
        )
        self.recorded[answer_id] = judged
        if (said := self.said.get(answer_id)) is not None:
            self.said[answer_id] = replace(said, answer=judged)
        return judged

    async def _opened(self, caller: Caller, opening: Opening) -> Chat:
        found = None
        with suppress(ChatNotFound):
            found = await self.chat(caller, opening.question.chat_id or "")
        chosen = choose_chat(opening.question, found, caller)
        if chosen is not None:
            return chosen
        if opening.new_chat in self.kept:
            raise Conflict(f"The chat id {opening.new_chat!r} is taken.")
        return Chat(
            chat_id=opening.new_chat,
            user_id=caller.user_id,
            title=opening.title,
            created_at=opening.now,
            updated_at=opening.now,
            client_id=opening.client_chat_id,
        )

    def _path(self, message_id: str | None) -> Iterator[Message]:
        """From this message up to the first."""
        while message_id is not None:
            message = self.said[message_id]
            yield message
            message_id = message.parent_id

    def _siblings(self, message: Message) -> Sequence[str]:
        own = [
            one
            for one in self.said.values()
            if (one.chat_id, one.parent_id) == (message.chat_id, message.parent_id)
            and not one.hidden
        ]
        own.sort(key=lambda one: (one.created_at, one.message_id))
        return [one.message_id for one in own]

    def _turns(self, path: Iterable[Message]) -> Iterator[PastTurn]:
        asked: Message | None = None
        for message in path:
            if message.role is Role.ASSISTANT and asked is not None:
                kept = self._model_messages.get(message.message_id)
                yield PastTurn(asked.text, message.text, kept)
                asked = None
            elif message.role is Role.USER:
                if asked is not None:
                    yield PastTurn(asked.text, None, None)
                asked = message
        if asked is not None:
            yield PastTurn(asked.text, None, None)


class _Said:
    """The messages of a chat, as `choose_question` asks for them."""

    def __init__(self, messages: Sequence[Message]) -> None:
        newest_first = sorted(messages, key=lambda m: (m.created_at, m.message_id), reverse=True)
        self._newest_first = newest_first

    def by_id(self, message_id: str) -> Message | None:
        return next((m for m in self._newest_first if m.message_id == message_id), None)

    def by_client_id(self, client_id: str) -> Message | None:
        return next((m for m in self._newest_first if m.client_id == client_id), None)

    def repeated(self, client_id: str, text: str) -> Message | None:
        asked = [m for m in self._newest_first if m.role is Role.USER and m.text == text]
        return next((m for m in asked if m.client_id == client_id), None)


def _sees(caller: Caller, user_id: str) -> bool:
    return caller.owns_all or caller.user_id == user_id


def _meets(answer: Answer, wanted: AnswerFilter) -> bool:
    named = {name for s in answer.sources for name in (s.document.document_id, s.document.name)}
    said = f"{answer.question}\n{answer.text}".casefold()
    return (
        (wanted.ids is None or answer.answer_id in wanted.ids)
        and wanted.outcome in (None, answer.outcome)
        and wanted.feedback in (None, Judgement.of(answer.right))
        and wanted.model in (None, answer.model)
        and wanted.prompt_version in (None, answer.prompt_version)
        and (wanted.document is None or wanted.document in named)
        and (wanted.since is None or answer.created_at >= wanted.since)
        and (wanted.until is None or answer.created_at < wanted.until)
        and (wanted.text is None or wanted.text.casefold() in said)
    )


def _facts(answer: Answer) -> AnswerFacts:
    own = {
        each.name: getattr(answer, each.name)
        for each in fields(AnswerFacts)
        if each.name != "cited"
    }
    cited = {source.document.document_id: source.document.name for source in answer.sources}
    return AnswerFacts(**own, cited=cited)


def _ids(message: Message) -> Sequence[str]:
    return [one for one in (message.message_id, message.client_id) if one]


def _place(chat: Chat) -> tuple[float, str]:
    return chat.updated_at.timestamp(), chat.chat_id


def _moment(answer: Answer) -> tuple[float, str]:
    return answer.created_at.timestamp(), answer.answer_id
