"""Routes of the chat for frontends of the AI SDK 5 to 7, at the address that `useChat` calls by itself.

The frontend sends its whole copy of the chat. The server keeps its own, so only the newest message is
read, and only if it is the user's: earlier ones, and those of the assistant or the system, are ignored.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Literal, Self, cast

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, Field

from backend.composition.container import Container
from backend.errors import AttachmentUnsupported, NotAUserMessage, UserMismatch
from backend.http.dependencies import (
    ID,
    JSON_ONLY,
    LONGEST_ID,
    Before,
    Candor,
    CategoryName,
    ChatId,
    ChatMode,
    FreeText,
    ModelName,
    Owner,
    Person,
    Router,
    SearchedIn,
    UserId,
    acting_for,
)
from backend.http.openapi import EVENTS, STREAMED_TURN, TEXT, UI_STREAM, streamed_run
from backend.http.problems import documented
from backend.http.runs import StartedRun, started, streamed
from backend.stream.reload import UIMessage, ui_messages
from backend.stream.response import StreamedResponse
from backend.stream.ui_messages import UIMessageFrames, UIMessageStream
from use_cases.chat.chat_turn import ChatEvent, TurnBegun
from use_cases.chat.errors import ChatNotFound, MessageNotFound
from use_cases.chat.live_answers import Written
from use_cases.chat.model import Message, Question, Within
from use_cases.kernel.errors import InvalidInput, NotFound
from use_cases.kernel.model import Page


def _newest(messages: object) -> object:
    """Returns the last message alone: the others are not even validated, in any number."""
    return cast("list[object]", messages)[-1:] if isinstance(messages, list) else messages


def _keep_known(part: object) -> object:
    """Returns a non-text part's type alone; frontends add parts of their own."""
    if not isinstance(part, dict):
        return part
    fields = cast("dict[str, object]", part)
    return fields if fields.get("type") == "text" else {"type": fields.get("type")}


class SentPart(BaseModel):
    """A part of a message. Only text is read; a `file` is refused, and other kinds do not count."""

    type: str
    text: FreeText = ""


class SentMessage(BaseModel):
    """A message as the AI SDK writes it (`UIMessage`)."""

    id: str | None = Field(default=None, max_length=LONGEST_ID)
    role: str
    parts: list[Annotated[SentPart, BeforeValidator(_keep_known)]] = Field(default=[])

    def text(self) -> str:
        """Returns its text parts, as paragraphs. Raises `AttachmentUnsupported`."""
        if any(part.type == "file" for part in self.parts):
            raise AttachmentUnsupported("The message carries a file.")
        return "\n\n".join(part.text for part in self.parts if part.type == "text")


class UIChatRequest(BaseModel):
    """The body of `useChat`. Fields that are not listed are ignored."""

    id: str = Field(
        max_length=LONGEST_ID, pattern=ID, description="The frontend's own id of the chat."
    )
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    messages: Annotated[list[SentMessage], BeforeValidator(_newest)] = Field(
        default=[], description="The frontend's copy of the chat; only the last message is read."
    )
    message: SentMessage | None = Field(
        default=None, description="The newest message, instead of all of them."
    )
    message_id: str | None = Field(
        default=None,
        alias="messageId",
        max_length=LONGEST_ID,
        description="The message to put a new question in the place of, or to answer again.",
    )
    after: str | None = Field(
        default=None,
        max_length=LONGEST_ID,
        description="Put the new question behind this message, as a new branch; null: behind the last one shown. Not with `messageId`.",
    )
    user_id: UserId | None = None
    category: CategoryName = None
    model: ModelName = None
    mode: ChatMode = None
    within: SearchedIn = Within.DOCUMENTS

    def questions(self) -> Sequence[Question]:
        """Returns the question, and the alternative for a server that does not know its message.

        Raises `NotAUserMessage` when the newest message is not the user's, and `InvalidInput` for
        `after` without a new question.
        """
        newest = self.message or next(iter(self.messages), None)
        if self.after and (self.message_id or self.trigger == "regenerate-message"):
            raise InvalidInput(
                "`after` goes with a new question only.",
                hint="Leave out `messageId` and `regenerate-message`, or `after`.",
            )
        if self.trigger == "regenerate-message":
            return self._again(newest)
        if newest is None or newest.role != "user":
            raise NotAUserMessage("The last message is not the user's.")
        asked = self._question(newest.text(), client_id=newest.id or None)
        if self.message_id is None:
            return (asked,)
        edited = self._question(asked.text, client_id=asked.client_id, at=self.message_id)
        return edited, asked

    def _again(self, newest: SentMessage | None) -> Sequence[Question]:
        """Returns the existing question; as a new one where it never arrived."""
        if newest is None or newest.role != "user":
            return (self._question(None, at=self.message_id),)
        again = self._question(None, at=self.message_id or newest.id or None)
        return again, self._question(newest.text(), client_id=newest.id or None)

    def _question(
        self, text: str | None, *, client_id: str | None = None, at: str | None = None
    ) -> Question:
        return Question(
            text=text,
            chat_id=self.id,
            own_chat_id=True,
            at=at,
            after=self.after or None,
            client_id=client_id,
            category=self.category or None,
            model=self.model or None,
            mode=self.mode,
            within=self.within,
        )


router = Router(prefix="/api/chat", tags=["chat"])

MOST_MESSAGES = 500


class UIMessagePage(BaseModel):
    """The last messages of a chat's shown branch, or those before a page of them; oldest first."""

    messages: list[UIMessage] = Field(description="For `useChat({messages})`.")
    limit: int
    next_before: str | None = Field(
        description="Pass it as `before` to get the messages before these; null on the first page."
    )

    @classmethod
    def of(cls, page: Page[Message], *, limit: int) -> Self:
        """From a page of at most `limit`."""
        return cls(
            messages=ui_messages(page),
            limit=limit,
            next_before=page[0].message_id if page.more else None,
        )


@router.post(
    "",
    dependencies=[JSON_ONLY],
    response_class=StreamingResponse,
    responses=streamed_run(
        "The answer while it is written: the UI message stream protocol of the Vercel AI SDK, "
        "server-sent events with one JSON chunk each: text, tool calls and results, "
        "`source-document`, `data-*`, message metadata with ids and usage, `error`, `finish`.",
        {EVENTS: UI_STREAM},
        STREAMED_TURN,
        headers={"x-vercel-ai-ui-message-stream": "Names the protocol."},
    ),
)
async def ask_as_frontend(candor: Candor, person: Person, body: UIChatRequest) -> Response:
    """Ask as `useChat` does. Only the newest message is read; the server keeps the history."""
    caller = acting_for(person, body.user_id)
    questions = body.questions()

    async def opening() -> Written:
        *tried, last = (candor.chat.ask.stream(each, caller=caller) for each in questions)
        for stream in tried:
            # A frontend that asks again, or edits, does not know whether its question arrived.
            with suppress(NotFound):
                return _written(candor, await started(candor, stream, TurnBegun))
        return _written(candor, await started(candor, last, TurnBegun))

    return await _followed(candor, await candor.chat.live_answers.begin(opening))


@router.get(
    "/{chat_id}/messages", responses=documented(ChatNotFound, MessageNotFound, UserMismatch)
)
async def reload_messages(
    chat_id: ChatId,
    candor: Candor,
    owner: Owner,
    limit: Annotated[
        int, Query(ge=1, le=MOST_MESSAGES, description="The most to return: the last ones.")
    ] = MOST_MESSAGES,
    before: Before = None,
) -> UIMessagePage:
    """The chat as `useChat` keeps it, for its `messages`; equal to what was streamed."""
    found = await candor.chat.manage_chats.read(owner, chat_id, limit=limit, before=before)
    return UIMessagePage.of(found, limit=limit)


@router.get(
    "/{chat_id}/stream",
    response_class=StreamingResponse,
    responses={
        **documented(),
        HTTPStatus.OK: {
            "description": "The answer that is being written in this chat: what was streamed so far, and "
            "then live, in any process of the server.",
            "content": {EVENTS: {"schema": TEXT, "example": UI_STREAM}},
        },
        HTTPStatus.NO_CONTENT: {"description": "No answer is being written in this chat."},
    },
)
async def resume_stream(chat_id: ChatId, candor: Candor, person: Person) -> Response:
    """Follow the answer that is being written, as `resume` of `useChat` does; leaving it again does not
    stop it.
    """
    found = await candor.chat.live_answers.resume(person, chat_id)
    if found is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return await _followed(candor, found)


def _written(candor: Container, run: StartedRun[TurnBegun, ChatEvent]) -> Written:
    frames = streamed(candor, run, UIMessageStream()).frames()
    return Written(run.first.chat.chat_id, run.first.answer_id, frames)


async def _followed(candor: Container, pieces: AsyncGenerator[str]) -> Response:
    """Returns the response to a reader of an answer that is written elsewhere."""
    first = await anext(pieces)
    return StreamedResponse(first, pieces, UIMessageFrames(), candor.settings.heartbeat_seconds)
