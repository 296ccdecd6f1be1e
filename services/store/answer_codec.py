"""The JSON inside a recorded answer's row: sources, tool calls, notices."""

from collections.abc import Sequence
from datetime import date

from pydantic import JsonValue

from services.store.stored_form import Envelope, StorableText, StoredForm, readable
from use_cases.kernel.citations.sources import Quote, Source, SourceKind, ToolCall
from use_cases.kernel.model import Authority, DateOrigin, DocumentRef, Span


def encode_sources(sources: Sequence[Source]) -> JsonValue:
    """The stored form of verified sources."""
    return _Sources.model_validate({"items": sources}).stored()


def decode_sources(stored: JsonValue) -> tuple[Source, ...]:
    """The sources again. Raises `NewerDatabase`, or `ValueError` for what is no stored form."""
    return tuple(_source(item) for item in _Sources.model_validate(readable(stored)).items)


def encode_tool_calls(calls: Sequence[ToolCall]) -> JsonValue:
    """The stored form of tool calls."""
    return _ToolCalls.model_validate({"items": calls}).stored()


def decode_tool_calls(stored: JsonValue) -> tuple[ToolCall, ...]:
    """The tool calls again. Raises as `decode_sources` does."""
    return tuple(
        ToolCall(name=call.name, arguments=call.arguments, result=call.result, failed=call.failed)
        for call in _ToolCalls.model_validate(readable(stored)).items
    )


def encode_notices(notices: Sequence[str]) -> JsonValue:
    """The stored form of notices."""
    return _Notices.model_validate({"items": notices}).stored()


def decode_notices(stored: JsonValue) -> tuple[str, ...]:
    """The notices again. Raises as `decode_sources` does."""
    return _Notices.model_validate(readable(stored)).items


class _Span(StoredForm):
    start: int
    end: int


class _Quote(StoredForm):
    sentence: _Span
    span: _Span | None
    text: StorableText
    support: float
    weak: bool


class _Document(StoredForm):
    document_id: StorableText
    version_id: int
    name: StorableText
    title: StorableText
    category: StorableText
    updated: date
    date_origin: DateOrigin
    authority: Authority = Authority.NORMAL
    superseded_by: StorableText | None = None


class _Source(StoredForm):
    number: int
    kind: SourceKind
    document: _Document
    section: StorableText
    page: int | None
    quotes: tuple[_Quote, ...]
    sql: StorableText | None = None


class _ToolCall(StoredForm):
    name: StorableText
    arguments: StorableText
    result: StorableText
    failed: bool = False


class _Sources(Envelope):
    items: tuple[_Source, ...]


class _ToolCalls(Envelope):
    items: tuple[_ToolCall, ...]


class _Notices(Envelope):
    items: tuple[StorableText, ...]


def _source(stored: _Source) -> Source:
    return Source(
        number=stored.number,
        kind=stored.kind,
        document=_document(stored.document),
        section=stored.section,
        page=stored.page,
        quotes=tuple(_quote(quote) for quote in stored.quotes),
        sql=stored.sql,
    )


def _document(stored: _Document) -> DocumentRef:
    return DocumentRef(
        document_id=stored.document_id,
        version_id=stored.version_id,
        name=stored.name,
        title=stored.title,
        category=stored.category,
        updated=stored.updated,
        date_origin=stored.date_origin,
        authority=stored.authority,
        superseded_by=stored.superseded_by,
    )


def _quote(stored: _Quote) -> Quote:
    return Quote(
        sentence=_span(stored.sentence),
        span=None if stored.span is None else _span(stored.span),
        text=stored.text,
        support=stored.support,
        weak=stored.weak,
    )


def _span(stored: _Span) -> Span:
    return Span(start=stored.start, end=stored.end)
