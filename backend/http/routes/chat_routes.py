"""Routes of chat: a question, for one answer or for a stream (AI SDK 4), chats, and recorded answers."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AliasChoices, BaseModel, Field, StrictBool

from backend.errors import UserMismatch
from backend.http.dependencies import (
    JSON_ONLY,
    Before,
    Candor,
    CategoryName,
    ChatId,
    ChatMode,
    FreeText,
    Limit,
    ModelName,
    Moment,
    Owner,
    OwnerQuery,
    Person,
    Router,
    SearchedIn,
    ThingId,
    UserId,
    acting_for,
)
from backend.http.openapi import ANSWERED, EVENTS, STREAMED_TURN, streamed_run
from backend.http.problems import WRITING, documented
from backend.http.runs import answered, started, streamed
from backend.schemas.chat_schemas import (
    AnswerPage,
    AnswerReply,
    Cancelled,
    ChatPage,
    ChatReply,
    MessagePage,
    Reply,
)
from backend.stream.data_stream import DataStream
from use_cases.chat.chat_turn import AnswerRecorded, TurnBegun
from use_cases.chat.errors import (
    AnswerNotFound,
    ChatNotFound,
    CorrectionUnknown,
    MessageNotFound,
    TitleInvalid,
)
from use_cases.chat.model import Question, Within
from use_cases.chat.read_answers import LISTED, LONGEST_NOTES, AnswerSummary
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import ConversationLocked, StorageBusy, StorageFull
from use_cases.kernel.targets import AnswerFilter, Judgement

router = Router(tags=["chat"])

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
        """Returns the question in it."""
        return Question(
            text=self.message,
            chat_id=self.chat_id or None,
            after=self.after or None,
            category=self.category or None,
            model=self.model or None,
            mode=self.mode,
            within=self.within,
        )


@router.post("/chat", dependencies=[JSON_ONLY], response_model=Reply, responses=ANSWERED)
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
    "/chat/stream",
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


_MOST_MESSAGES = 500


class ChatChange(BaseModel):
    """Changes of a chat; null: no change."""

    title: FreeText | None = Field(
        default=None, description="The title: 1 to 200 characters, as one line."
    )
    mode: ChatMode = None


@router.get("/chats", responses=documented(ChatNotFound, UserMismatch))
async def list_chats(
    candor: Candor,
    person: Person,
    user_id: OwnerQuery = None,
    limit: Limit = 50,
    before: Before = None,
) -> ChatPage:
    """A user's chats, the last used first. Without a name: the caller's own, in local mode all."""
    caller = acting_for(person, user_id)
    found = await candor.chat.manage_chats.list(caller, user_id=user_id, limit=limit, before=before)
    return ChatPage.of_page(found, limit=limit, by="chat_id")


@router.get("/chats/{chat_id}", responses=documented(ChatNotFound, UserMismatch))
async def show_chat(chat_id: ChatId, candor: Candor, owner: Owner) -> ChatReply:
    """One chat."""
    return ChatReply.of(await candor.chat.manage_chats.show(owner, chat_id))


@router.get(
    "/chats/{chat_id}/messages", responses=documented(ChatNotFound, UserMismatch, MessageNotFound)
)
async def read_messages(
    chat_id: ChatId,
    candor: Candor,
    owner: Owner,
    limit: Annotated[
        int, Query(ge=1, le=_MOST_MESSAGES, description="The most to return: the last ones.")
    ] = 200,
    before: Before = None,
) -> MessagePage:
    """The last messages of a chat, oldest first; of several answers to a question, the last one."""
    found = await candor.chat.manage_chats.read(owner, chat_id, limit=limit, before=before)
    return MessagePage.of_page(chat_id, found, limit=limit)


@router.patch(
    "/chats/{chat_id}",
    dependencies=[JSON_ONLY],
    responses=documented(ChatNotFound, ConversationLocked, UserMismatch, TitleInvalid, *WRITING),
)
async def rename_chat(chat_id: ChatId, candor: Candor, owner: Owner, to: ChatChange) -> ChatReply:
    """Give a chat another title or mode."""
    found = await candor.chat.manage_chats.change(owner, chat_id, title=to.title, mode=to.mode)
    return ChatReply.of(found)


@router.delete(
    "/chats/{chat_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(ChatNotFound, UserMismatch, StorageBusy),
)
async def delete_chat(chat_id: ChatId, candor: Candor, owner: Owner) -> None:
    """Remove a chat with its messages and recorded answers; a running answer is stopped first."""
    await candor.chat.manage_chats.delete(owner, chat_id)


@router.post("/chats/{chat_id}/cancel", responses=documented(ChatNotFound, UserMismatch))
async def cancel_turn(chat_id: ChatId, candor: Candor, owner: Owner) -> Cancelled:
    """Stop the answer that is being written; what was said so far is kept, marked interrupted."""
    return Cancelled(cancelled=await candor.chat.manage_chats.stop(owner, chat_id))


_Name = Annotated[FreeText | None, Query(max_length=500)]


def wanted_answers(
    outcome: Annotated[Outcome | None, Query(description="How the question ended.")] = None,
    feedback: Annotated[
        Judgement | None, Query(description="What a person said of it; `none`: nothing.")
    ] = None,
    model: Annotated[_Name, Query(description="Such as `openai:gpt-4.1-mini`.")] = None,
    prompt_version: Annotated[_Name, Query(description="Such as `chat-1-3249ce9c`.")] = None,
    document: Annotated[_Name, Query(description="Id or name of a document that it cites.")] = None,
    since: Annotated[Moment | None, Query(description="Asked then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Asked before then.")] = None,
    text: Annotated[_Name, Query(description="Stands in the question or the answer.")] = None,
) -> AnswerFilter:
    """Reads the filter of answers."""
    return AnswerFilter(
        outcome=outcome,
        feedback=feedback,
        model=model,
        prompt_version=prompt_version,
        document=document,
        since=since,
        until=until,
        text=text,
    )


Wanted = Annotated[AnswerFilter, Depends(wanted_answers)]


@router.get("/answers", responses=documented(AnswerNotFound))
async def list_answers(
    candor: Candor, person: Person, wanted: Wanted, limit: Limit = 50, before: Before = None
) -> AnswerPage:
    """The recorded answers, newest first; all filters that are given must hold."""
    found = await candor.chat.read_answers.list(person, wanted, limit=limit, before=before)
    return AnswerPage.of_page(found, limit=limit, by="answer_id")


@router.get("/answers/summary", responses=documented())
async def summarise_answers(
    candor: Candor,
    person: Person,
    wanted: Wanted,
    listed: Annotated[
        int, Query(ge=1, le=1000, description="The most documents to name of each kind.")
    ] = LISTED,
) -> AnswerSummary:
    """What these answers add up to: outcomes, feedback, costs, times, and the documents cited most
    and never.
    """
    return await candor.chat.read_answers.summarise(person, wanted, listed=listed)


@router.get("/answers/{answer_id}", responses=documented(AnswerNotFound))
async def show_answer(answer_id: ThingId, candor: Candor, person: Person) -> AnswerReply:
    """One recorded answer with its verified sources."""
    return AnswerReply.of(await candor.chat.read_answers.show(person, answer_id))


class AnswerFeedback(BaseModel):
    """Judgement of an answer; the last one is in force."""

    feedback: StrictBool | Literal["right", "wrong"] | None = Field(
        validation_alias=AliasChoices("feedback", "outcome"),
        description="`right` or true, `wrong` or false; null takes it back. Also called `outcome`.",
    )
    feedback_notes: FreeText | None = Field(default=None, max_length=LONGEST_NOTES)
    expected: FreeText | None = Field(
        default=None, max_length=LONGEST_NOTES, description="The right answer, of a wrong one."
    )
    expected_document: FreeText | None = Field(
        default=None,
        max_length=LONGEST_NOTES,
        description="The document that has it: its name, the last part of it, title or id.",
    )


@router.post(
    "/answers/{answer_id}/feedback",
    dependencies=[JSON_ONLY],
    responses=documented(AnswerNotFound, CorrectionUnknown, *WRITING, StorageFull),
)
async def judge_answer(
    answer_id: ThingId, candor: Candor, person: Person, body: AnswerFeedback
) -> AnswerReply:
    """Record whether an answer is right; `candor datasets from-answers --feedback` collects them."""
    said = body.feedback
    judged = await candor.chat.judge_answer.run(
        person,
        answer_id,
        said if isinstance(said, bool | None) else said == "right",
        notes=body.feedback_notes,
        expected=body.expected,
        document=body.expected_document,
    )
    return AnswerReply.of(judged)
