"""The JSON inside a recorded answer's row: sources, tool calls, notices.

The stored form has its own types and a version, apart from the domain's, so that renaming a field
there does not make old rows unreadable. Reading ignores fields it does not know and fills in what
older rows lack. `VERSION` goes up only when an old reader would misunderstand a new row.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, TypeAdapter

from services.store.storable import storable
from use_cases.chat.model import Quote, Source, SourceKind, ToolCall
from use_cases.kernel.errors import NewerDatabase
from use_cases.kernel.model import Authority, DateOrigin, DocumentRef, Span

VERSION = 1


def encode_sources(sources: Sequence[Source]) -> JsonValue:
    """The stored form of verified sources."""
    return _Sources.model_validate({"items": sources}).stored()


def decode_sources(stored: JsonValue) -> tuple[Source, ...]:
    """The sources again. Raises `NewerDatabase`, or `ValueError` for what is no stored form."""
    return tuple(_source(item) for item in _Sources.model_validate(_readable(stored)).items)


def encode_tool_calls(calls: Sequence[ToolCall]) -> JsonValue:
    """The stored form of tool calls."""
    return _ToolCalls.model_validate({"items": calls}).stored()


def decode_tool_calls(stored: JsonValue) -> tuple[ToolCall, ...]:
    """The tool calls again. Raises as `decode_sources` does."""
    return tuple(
        ToolCall(name=call.name, arguments=call.arguments, result=call.result, failed=call.failed)
        for call in _ToolCalls.model_validate(_readable(stored)).items
    )


def encode_notices(notices: Sequence[str]) -> JsonValue:
    """The stored form of notices."""
    return _Notices.model_validate({"items": notices}).stored()


def decode_notices(stored: JsonValue) -> tuple[str, ...]:
    """The notices again. Raises as `decode_sources` does."""
    return _Notices.model_validate(_readable(stored)).items


def _clean(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


_Text = Annotated[str, BeforeValidator(_clean)]


class _Stored(BaseModel):
    # Attributes: a domain value is encoded by reading the fields of the same names from it.
    model_config = ConfigDict(from_attributes=True, extra="ignore")


class _Envelope(_Stored):
    version: int = VERSION

    def stored(self) -> JsonValue:
        return _JSON.validate_python(self.model_dump(mode="json"))


class _Span(_Stored):
    start: int
    end: int


class _Quote(_Stored):
    sentence: _Span
    span: _Span | None
    text: _Text
    support: float
    weak: bool


class _Document(_Stored):
    document_id: _Text
    version_id: int
    name: _Text
    title: _Text
    category: _Text
    updated: date
    date_origin: DateOrigin
    authority: Authority = Authority.NORMAL
    superseded_by: _Text | None = None


class _Source(_Stored):
    number: int
    kind: SourceKind
    document: _Document
    section: _Text
    page: int | None
    quotes: tuple[_Quote, ...]
    sql: _Text | None = None


class _ToolCall(_Stored):
    name: _Text
    arguments: _Text
    result: _Text
    failed: bool = False


class _Sources(_Envelope):
    items: tuple[_Source, ...]


class _ToolCalls(_Envelope):
    items: tuple[_ToolCall, ...]


class _Notices(_Envelope):
    items: tuple[_Text, ...]


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def _readable(stored: JsonValue) -> JsonValue:
    version = _Envelope.model_validate(stored).version
    if version > VERSION:
        raise NewerDatabase(
            f"An answer was recorded in form {version}; this version reads {VERSION}."
        )
    return stored


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
