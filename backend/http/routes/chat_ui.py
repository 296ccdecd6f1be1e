"""Routes of the chat capability for `useChat` of AI SDK 5 to 7, at the address it calls by itself."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Self

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from backend.composition.container import Container
from backend.errors import UserMismatch
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Candor, Owner, Person, Router, acting_for
from backend.http.fields import Before, ChatId
from backend.http.openapi import EVENTS, STREAMED_TURN, TEXT, streamed_run
from backend.http.problems import documented
from backend.http.runs import StartedRun, started, streamed
from backend.http.ui_request import UIChatRequest
from backend.stream.reload import UIMessage, ui_messages
from backend.stream.response import StreamedResponse
from backend.stream.ui_messages import UIMessageFrames, UIMessageStream
from use_cases.chat.errors import ChatNotFound, MessageNotFound
from use_cases.chat.events import ChatEvent, TurnBegun
from use_cases.chat.live_answers import Written
from use_cases.chat.model import Message
from use_cases.kernel.errors import NotFound
from use_cases.kernel.page import Page

router = Router(prefix="/api/chat", tags=["chat"])

MOST_MESSAGES = 500

_STREAM = """data: {"type":"start","messageId":"ans_01","messageMetadata":{"chat_id":"chat_01"}}

data: {"type":"text-start","id":"0"}

data: {"type":"text-delta","id":"0","delta":"Passwords must be rotated every 90 days. [1]"}

data: {"type":"text-end","id":"0"}

data: {"type":"finish","finishReason":"stop"}

data: [DONE]

"""


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
        {EVENTS: _STREAM},
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
            "content": {EVENTS: {"schema": TEXT, "example": _STREAM}},
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
    """The response to a reader of an answer that is written elsewhere."""
    first = await anext(pieces)
    return StreamedResponse(first, pieces, UIMessageFrames(), candor.settings.heartbeat_seconds)
