"""Questions, answers, chats and their messages as JSON.

Offsets of a quote count characters of the stored version's text, those of a sentence characters
of the answer; end excluded. `answer` of a reply ends with a list of its sources in Markdown, made here from
the verified ones, so that a client that shows one string shows them too; `text` is the same without it, as
it was streamed and as it is stored, and the ranges of quotes count in both.
"""

import json
from collections.abc import Sequence
from datetime import date as day
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self, cast

from pydantic import BaseModel, BeforeValidator, Field, JsonValue
from pydantic_core import from_json

from backend.schemas.json_shape import NewestPage, Schema, attribute, shape_of
from use_cases.chat import model as chat
from use_cases.kernel.citations import sources as kernel
from use_cases.kernel.citations.sources import UNSOURCED
from use_cases.kernel.model import Door, Page, Span
from use_cases.kernel.text.plain_text import whole


@shape_of(kernel.Quote)
class QuoteReply(Schema):
    """The characters of a source that support one sentence of the answer."""

    sentence: Span = Field(description="The sentence's place in the answer.")
    span: Span | None = Field(
        description="The quote's place in the version; null for a query or a page of the web."
    )
    text: str = Field(description="Empty where the source only gives orders to an assistant.")
    support: float = Field(description="0 to 1: the share of the sentence that the quote covers.")


class SourceReply(Schema):
    """Source that the answer cites as `[number]`."""

    number: int
    kind: str = Field(description="passage, query, web or message.")
    document: str = attribute(
        "document.name", "The document's name; of a message, the id of its conversation."
    )
    document_id: str = attribute(
        "document.document_id", "The document's id; of a message, the message's."
    )
    version_id: int = attribute("document.version_id")
    title: str = attribute("document.title")
    category: str = attribute("document.category")
    section: str
    date: day = attribute("document.updated")
    page: int | None
    sql: str | None = Field(
        description="The query whose rows are cited, for a source of that kind."
    )
    said: str | None = Field(
        default=None,
        description="Of a message, its label, such as `said by gpt-4o on 2026-03-02, not verified`.",
    )
    quotes: list[QuoteReply]


class ToolCallReply(Schema):
    """A tool the answer was found with."""

    name: str
    args: str = attribute("arguments", "The arguments, as JSON text.")
    result: str
    failed: bool


@shape_of(
    chat.Answer,
    omit=["user_id"],
    first=["answer_id", "chat_id", "question", "category", "text", "outcome", "sources"],
    answer="text",
)
class AnswerReply(Schema):
    """A recorded answer. Numbers that are not known are null."""

    chat_id: str | None = Field(
        description="Null for an answer that was recorded before chats existed."
    )
    sources: list[SourceReply]
    tool_calls: list[ToolCallReply]
    cost: Decimal | None = Field(description="In US dollars.")
    feedback: chat.Judgement | None = Field(description="What a person said; null: nothing.")
    right: bool | None = Field(description="The same, in its former form.")
    expected: str | None = Field(description="The right answer, of a wrong one, if it was said.")
    expected_document: str | None = Field(description="The document that has it, if it was said.")
    mode: chat.Mode = Field(description="The chat's when it was given: grounded or open.")
    door: Door = Field(description="Where the question came in.")
    id: str = attribute("answer_id", "The same as `answer_id`, by its former name.")


class AnswerLine(Schema):
    """A recorded answer in a list."""

    answer_id: str
    id: str = attribute("answer_id", "The same, by its former name.")
    chat_id: str | None
    question: str
    outcome: kernel.Outcome
    mode: chat.Mode
    model: str
    prompt_version: str
    sources: Annotated[int, BeforeValidator(len)]
    interrupted: bool = Field(description="Whether it was stopped before its end.")
    created_at: datetime


class AnswerPage(NewestPage):
    """Some of the recorded answers, newest first."""

    answers: list[AnswerLine]


def arguments_object(arguments: str) -> dict[str, JsonValue]:
    """Returns a tool call's arguments as every door shows them: a JSON object, always.

    A model may write text that is no JSON object, or one with NaN or an infinite number, which no
    response can carry. The reader then gets that text: `{unreadable: text}`.
    """
    arguments = whole(arguments)
    try:
        found = cast("JsonValue", from_json(arguments or "{}", allow_inf_nan=False))
        json.dumps(found, allow_nan=False)  # `1e999` is JSON, and read as infinity
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": arguments}


class ToolUse(Schema):
    """A tool the answer was found with."""

    name: str
    args: Annotated[dict[str, JsonValue], BeforeValidator(arguments_object)] = attribute(
        "arguments",
        "The arguments; `{unreadable: text}` where the model wrote no JSON object.",
    )
    result: str = Field(description="The result that the model got.")
    failed: bool


class Usage(Schema):
    """Tokens; null where they are not known."""

    input_tokens: int | None
    output_tokens: int | None


NOT_IN_REPLIES = ("user_id", "question", "input_tokens", "output_tokens", "created_at", "door")
"""The fields of a record that a reply to its own request leaves out, or has under `usage`."""


@shape_of(
    chat.Answer,
    omit=[*NOT_IN_REPLIES, "category", "right", "feedback_notes", "expected", "expected_document"],
    first=["chat_id", "answer_id", "text"],
)
class Replied(Schema):
    """The answer to one question, as it is recorded."""

    answer_id: str = Field(description="Its id under `/answers`.")
    text: str = Field(description="The text alone.")
    tool_calls: list[ToolUse]
    sources: list[SourceReply] = Field(description="What the answer cites, and nothing else.")
    mode: chat.Mode = Field(description="The chat's mode: grounded or open.")
    cost: Decimal | None = Field(description="In US dollars.")
    interrupted: bool = Field(description="Stopped before it was complete.")
    notices: list[str] = Field(description="Notices for the reader.")
    usage: Usage


class Reply(Replied):
    """The answer to one question. Numbers that are not known are null."""

    message_id: str = attribute("answer_id", "Of its message in the chat: the same.")
    answer: str = Field(
        description="The text, with a label where it is `unsourced`, and a list of its sources in Markdown."
    )

    @classmethod
    def of_answer(cls, answer: chat.Answer) -> Self:
        """Reads it from a recorded answer."""
        shown = answer.text + unsourced_label(answer) + _source_list(answer.sources)
        return cls.of(answer, answer=shown, usage=answer)


@shape_of(chat.Chat, id="chat_id")
class ChatReply(Schema):
    """A chat."""

    client_id: str | None = Field(description="The id that the person's frontend gave it.")
    mode: chat.Mode = Field(
        description="grounded: a text without a source is withdrawn; open: it stays, as `unsourced`."
    )


class ChatPage(NewestPage):
    """Some of a person's chats, the last used first."""

    chats: list[ChatReply]


def _of_reply(name: str, default: object = None, description: str | None = None) -> Any:
    """Reads a field from the record of a message that is an answer of chat, or a reply about a draft."""
    return attribute(f"answer.{name}", description, default, f"reply.{name}")


class RepliedMessage(Schema):
    """A message. What is known of answers only is null, or empty, in a question."""

    id: str = attribute("message_id")
    role: chat.Role
    content: str = attribute("text")
    created_at: datetime
    tool_calls: list[ToolUse] = _of_reply("tool_calls", [])
    model: str | None = _of_reply("model")
    usage: Usage | None = attribute("answer", None, None, "reply")
    cost: Decimal | None = _of_reply("cost", None, "In US dollars.")
    latency_ms: int | None = _of_reply("latency_ms")
    interrupted: bool = _of_reply("interrupted", default=False)
    notices: list[str] = _of_reply("notices", [])


class ChatMessageReply(RepliedMessage):
    """A message of a chat. What is known of answers only is null, or empty, in a question."""

    chat_id: str
    parent_id: str | None = Field(description="The message that it follows or answers.")
    client_id: str | None = Field(description="The id that the person's frontend gave it.")
    sources: list[SourceReply] = _of_reply("sources", [])
    outcome: chat.Outcome | None = _of_reply("outcome")
    mode: chat.Mode | None = _of_reply("mode")
    feedback: chat.Judgement | None = _of_reply("feedback", None, "What a person said of it.")
    siblings: list[str] = Field(
        description="All messages in its place, itself included, oldest first; `leaf_id` of "
        "`PATCH /api/conversations/{conversation_id}` shows another."
    )


class MessagePage(Schema):
    """The last messages of a chat's shown branch, or those before a page of them; oldest first."""

    chat_id: str
    messages: list[ChatMessageReply]
    limit: int
    next_before: str | None = Field(
        description="Pass it as `before` to get the messages before these; null on the first page."
    )

    @classmethod
    def of_page(cls, chat_id: str, page: Page[chat.Message], *, limit: int) -> Self:
        """Reads it from a page of at most `limit`."""
        before = page[0].message_id if page.more else None
        known = page[0].chat_id if page else chat_id
        return cls.of(chat_id=known, messages=list(page), limit=limit, next_before=before)


class Cancelled(BaseModel):
    """Result of a request to stop."""

    cancelled: bool = Field(description="False when no answer was being written.")


def unsourced_label(answer: chat.Answer) -> str:
    """Returns the paragraph that follows an answer which rests on no source; empty for any other."""
    return f"\n\n*({UNSOURCED})*" if answer.outcome is chat.Outcome.UNSOURCED else ""


def _source_list(sources: Sequence[kernel.Source]) -> str:
    """Empty without sources; else a heading and a line such as `[1] leave.md — Carry-over — 2026-01-19`,
    of a message who said it when.
    """
    lines = [
        f"[{source.number}] " + " — ".join(part for part in _named(source) if part)
        for source in sources
    ]
    return "\n\n**Sources**\n" + "\n".join(lines) if lines else ""


def _named(source: kernel.Source) -> Sequence[str]:
    document = source.document
    if source.said is not None:
        return document.title, source.said
    return document.name, _place(source), document.updated.isoformat()


def _place(source: kernel.Source) -> str:
    """Returns its section; a short document may be one passage, and then has its title."""
    return source.section or source.document.title
