"""Recorded answers and their sources as JSON.

Offsets of a quote count characters of the stored version's text, those of a sentence characters
of the answer; end excluded.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from use_cases.chat import model as chat
from use_cases.kernel.citations import sources as kernel
from use_cases.kernel.model import Span
from use_cases.kernel.page import Page


class Range(BaseModel):
    """A range of characters."""

    start: int
    end: int

    @classmethod
    def of(cls, span: Span) -> Self:
        """From a span."""
        return cls(start=span.start, end=span.end)


class Quote(BaseModel):
    """The characters of a source that support one sentence of the answer."""

    sentence: Range = Field(description="The sentence's place in the answer.")
    span: Range | None = Field(
        description="The quote's place in the version; null for a query or a page of the web."
    )
    text: str = Field(description="Empty where the source only gives orders to an assistant.")
    support: float = Field(description="0 to 1: the share of the sentence that the quote covers.")
    weak: bool

    @classmethod
    def of(cls, quote: kernel.Quote) -> Self:
        """From a verified quote."""
        return cls(
            sentence=Range.of(quote.sentence),
            span=None if quote.span is None else Range.of(quote.span),
            text=quote.text,
            support=quote.support,
            weak=quote.weak,
        )


class Source(BaseModel):
    """What the answer cites as `[number]`."""

    number: int
    kind: str = Field(description="passage, query or web.")
    document: str = Field(description="The document's name.")
    document_id: str
    version_id: int
    title: str
    category: str
    section: str
    date: date
    page: int | None
    sql: str | None = Field(
        description="The query whose rows are cited, for a source of that kind."
    )
    quotes: list[Quote]

    @classmethod
    def of(cls, source: kernel.Source) -> Self:
        """From a verified source."""
        ref = source.document
        return cls(
            number=source.number,
            kind=source.kind,
            document=ref.name,
            document_id=ref.document_id,
            version_id=ref.version_id,
            title=ref.title,
            category=ref.category,
            section=source.section,
            date=ref.updated,
            page=source.page,
            sql=source.sql,
            quotes=[Quote.of(quote) for quote in source.quotes],
        )


class ToolCall(BaseModel):
    """A tool the answer was found with."""

    name: str
    args: str = Field(description="The arguments, as JSON text.")
    result: str
    failed: bool


class Answer(BaseModel):
    """A recorded answer. Numbers that are not known are null."""

    id: str
    chat_id: str | None = Field(
        description="Null for an answer that was recorded before chats existed."
    )
    question: str
    category: str | None
    answer: str
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

    @classmethod
    def of(cls, answer: chat.Answer) -> Self:
        """From a recorded answer."""
        return cls(
            id=answer.answer_id,
            chat_id=answer.chat_id,
            question=answer.question,
            category=answer.category,
            answer=answer.text,
            outcome=answer.outcome,
            sources=[Source.of(source) for source in answer.sources],
            tool_calls=[
                ToolCall(
                    name=call.name, args=call.arguments, result=call.result, failed=call.failed
                )
                for call in answer.tool_calls
            ],
            model=answer.model,
            prompt_version=answer.prompt_version,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
            cost=answer.cost,
            latency_ms=answer.latency_ms,
            created_at=answer.created_at,
            interrupted=answer.interrupted,
            notices=list(answer.notices),
        )


class AnswerLine(BaseModel):
    """A recorded answer in a list."""

    id: str
    chat_id: str | None
    question: str
    outcome: kernel.Outcome
    model: str
    sources: int
    created_at: datetime

    @classmethod
    def of(cls, answer: chat.Answer) -> Self:
        """From a recorded answer."""
        return cls(
            id=answer.answer_id,
            chat_id=answer.chat_id,
            question=answer.question,
            outcome=answer.outcome,
            model=answer.model,
            sources=len(answer.sources),
            created_at=answer.created_at,
        )


class AnswerPage(BaseModel):
    """Some of the recorded answers, newest first."""

    answers: list[AnswerLine]
    limit: int
    next_before: str | None = Field(
        description="Pass it as `before` to get the next page; null on the last page."
    )

    @classmethod
    def of(cls, page: Page[chat.Answer], *, limit: int) -> Self:
        """From a page of at most `limit`."""
        return cls(
            answers=[AnswerLine.of(answer) for answer in page],
            limit=limit,
            next_before=page[-1].answer_id if page.more else None,
        )
