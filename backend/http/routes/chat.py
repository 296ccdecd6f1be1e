"""Routes of the chat capability: asking a question, for one answer or for a stream (AI SDK 4)."""

from functools import partial

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Candor, Person, Router, acting_for
from backend.http.fields import CategoryName, ChatMode, FreeText, ModelName, SearchedIn, UserId
from backend.http.openapi import ANSWERED, EVENTS, STREAMED_TURN, streamed_run
from backend.http.runs import answered, started, streamed
from backend.schemas.chats import Reply
from backend.stream.data_stream import DataStream
from use_cases.chat.events import AnswerRecorded, TurnBegun
from use_cases.chat.model import Question, Within

router = Router(prefix="/chat", tags=["chat"])

_STREAM = """f:{"messageId":"ans_01"}
0:"Passwords must be rotated "
0:"every 90 days. [1]"
2:[{"chat_id":"chat_01","message_id":"ans_01","tool_calls":[],"sources":[]}]
d:{"finishReason":"stop","usage":{"promptTokens":812,"completionTokens":21}}
"""


class ChatRequest(BaseModel):
    """A question; the server keeps the history, so only the new message is sent."""

    user_id: UserId = Field(description="The user who asks.")
    chat_id: str | None = Field(
        default=None, description="The chat to continue; null starts a new one."
    )
    message: FreeText = Field(description="The question.")
    after: str | None = Field(
        default=None,
        max_length=128,
        description="Go on from this message of the chat, as a new branch; null: from the last one shown.",
    )
    category: CategoryName = None
    model: ModelName = None
    mode: ChatMode = None
    within: SearchedIn = Within.DOCUMENTS

    def question(self) -> Question:
        """The question in it."""
        return Question(
            text=self.message,
            chat_id=self.chat_id or None,
            after=self.after or None,
            category=self.category or None,
            model=self.model or None,
            mode=self.mode,
            within=self.within,
        )


@router.post("", dependencies=[JSON_ONLY], response_model=Reply, responses=ANSWERED)
async def ask(
    candor: Candor, person: Person, body: ChatRequest, request: Request
) -> Reply | Response:
    """Ask, and get the whole answer with its verified sources."""
    caller = acting_for(person, body.user_id)
    turn = await started(candor, candor.chat.ask.stream(body.question(), caller=caller), TurnBegun)
    # Not `CancelTurn`, which would look the chat up first: it is known whose it is.
    stop = partial(candor.chat.inflight.cancel, turn.first.chat.chat_id)
    return await answered(
        turn, AnswerRecorded, request.receive, lambda last: Reply.of_answer(last.answer), stop=stop
    )


@router.post(
    "/stream",
    dependencies=[JSON_ONLY],
    response_class=StreamingResponse,
    responses=streamed_run(
        "The answer while it is written: the data stream protocol of the Vercel AI SDK 4, lines of "
        "`code:JSON`. `0` text, `9` and `a` tool calls and results, `2` and `8` data with ids, "
        "sources and usage, `3` an error, `d` the end.",
        {EVENTS: _STREAM},
        STREAMED_TURN,
        headers={"X-Vercel-AI-Data-Stream": "Names the protocol."},
    ),
)
async def ask_for_stream(candor: Candor, person: Person, body: ChatRequest) -> Response:
    """Ask, and get the answer as it is written, for `useChat` of AI SDK 4 and for programs."""
    caller = acting_for(person, body.user_id)
    turn = await started(candor, candor.chat.ask.stream(body.question(), caller=caller), TurnBegun)
    return streamed(candor, turn, DataStream())
