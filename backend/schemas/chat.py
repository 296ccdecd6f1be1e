"""Recorded answers and their sources as JSON.

Offsets of a quote count characters of the stored version's text, those of a sentence characters
of the answer; end excluded.
"""

from datetime import date as day
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from backend.schemas.schema import NewestPage, Schema, attribute
from use_cases.chat import model as chat
from use_cases.kernel.citations import sources as kernel
from use_cases.kernel.model import Span


class Quote(Schema):
    """The characters of a source that support one sentence of the answer."""

    sentence: Span = Field(description="The sentence's place in the answer.")
    span: Span | None = Field(
        description="The quote's place in the version; null for a query or a page of the web."
    )
    text: str = Field(description="Empty where the source only gives orders to an assistant.")
    support: float = Field(description="0 to 1: the share of the sentence that the quote covers.")
    weak: bool


class Source(Schema):
    """What the answer cites as `[number]`."""

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
    quotes: list[Quote]


class ToolCall(Schema):
    """A tool the answer was found with."""

    name: str
    args: str = attribute("arguments", "The arguments, as JSON text.")
    result: str
    failed: bool


class Answer(Schema):
    """A recorded answer. Numbers that are not known are null."""

    answer_id: str
    id: str = attribute("answer_id", "The same, by its former name.")
    chat_id: str | None = Field(
        description="Null for an answer that was recorded before chats existed."
    )
    question: str
    category: str | None
    answer: str = attribute("text")
    outcome: kernel.Outcome
    sources: list[Source]
    tool_calls: list[ToolCall]
    model: str
    prompt_version: str
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None = Field(description="In US dollars.")
    latency_ms: int
    created_at: datetime
    interrupted: bool
    notices: list[str]
    feedback: chat.Judgement | None = Field(description="What a person said; null: nothing.")
    right: bool | None = Field(description="The same, in its former form.")
    feedback_notes: str | None
    expected: str | None = Field(description="The right answer, of a wrong one, if it was said.")
    expected_document: str | None = Field(description="The document that has it, if it was said.")
    mode: chat.Mode = Field(description="The chat's when it was given: grounded or open.")


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
