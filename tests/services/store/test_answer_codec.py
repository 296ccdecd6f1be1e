"""The JSON of a recorded answer: there and back, from the past and from the future."""

import json
from collections.abc import Callable
from datetime import date
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.store.answer_codec import (
    decode_notices,
    decode_sources,
    decode_tool_calls,
    encode_notices,
    encode_sources,
    encode_tool_calls,
)
from tests.contracts.test_answers import FULL
from use_cases.kernel.citations.sources import Quote, Source, SourceKind, ToolCall
from use_cases.kernel.errors import NewerDatabase
from use_cases.kernel.model import Authority, DateOrigin, DocumentRef, Span

# Lone surrogates and NUL are replaced on purpose; see `test_columns.py`.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
spans = st.builds(Span, st.integers(0, 10**6), st.integers(0, 10**6))
quotes = st.builds(Quote, spans, st.none() | spans, texts, st.floats(0, 1), weak=st.booleans())
documents = st.builds(
    DocumentRef,
    document_id=texts,
    version_id=st.integers(0, 2**53),
    name=texts,
    title=texts,
    category=texts,
    updated=st.dates(),
    date_origin=st.sampled_from(DateOrigin),
    authority=st.sampled_from(Authority),
    superseded_by=st.none() | texts,
)
sources = st.builds(
    Source,
    number=st.integers(1, 100),
    kind=st.sampled_from(SourceKind),
    document=documents,
    section=texts,
    page=st.none() | st.integers(1, 9999),
    quotes=st.lists(quotes, max_size=3).map(tuple),
    sql=st.none() | texts,
)
calls = st.builds(ToolCall, texts, texts, texts, failed=st.booleans())

WRITTEN_BY_VERSION_1 = """{"version": 1, "items": [{
    "number": 1, "kind": "passage", "section": "Hotels", "page": null,
    "document": {"document_id": "doc_7", "version_id": 3, "name": "travel.md", "title": "Travel",
                 "category": "policies", "updated": "2026-02-01", "date_origin": "git"},
    "quotes": [{"sentence": {"start": 0, "end": 9}, "span": {"start": 5, "end": 14},
                "text": "up to 220", "support": 0.5, "weak": false}]}]}"""


def through_text(value: JsonValue) -> JsonValue:
    return cast("JsonValue", json.loads(json.dumps(value)))


def with_unknown_fields(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [with_unknown_fields(item) for item in value]
    if isinstance(value, dict):
        known = {name: with_unknown_fields(item) for name, item in value.items()}
        return {**known, "from_the_future": {"any": [1, None]}}
    return value


@given(st.lists(sources, max_size=3).map(tuple))
def test_sources_come_back_as_they_were(verified: tuple[Source, ...]) -> None:
    assert decode_sources(through_text(encode_sources(verified))) == verified


@given(st.lists(calls, max_size=3).map(tuple))
def test_tool_calls_come_back_as_they_were(made: tuple[ToolCall, ...]) -> None:
    assert decode_tool_calls(through_text(encode_tool_calls(made))) == made


@given(st.lists(texts, max_size=3).map(tuple))
def test_notices_come_back_as_they_were(told: tuple[str, ...]) -> None:
    assert decode_notices(through_text(encode_notices(told))) == told


def test_fields_of_a_later_version_are_ignored() -> None:
    stored = with_unknown_fields(encode_sources(FULL.sources))
    assert decode_sources(stored) == FULL.sources
    stored = with_unknown_fields(encode_tool_calls(FULL.tool_calls))
    assert decode_tool_calls(stored) == FULL.tool_calls
    stored = with_unknown_fields(encode_notices(FULL.notices))
    assert decode_notices(stored) == FULL.notices


def test_a_row_of_the_first_version_is_read() -> None:
    assert decode_sources(cast("JsonValue", json.loads(WRITTEN_BY_VERSION_1))) == (
        Source(
            number=1,
            kind=SourceKind.PASSAGE,
            document=DocumentRef(
                document_id="doc_7",
                version_id=3,
                name="travel.md",
                title="Travel",
                category="policies",
                updated=date(2026, 2, 1),
                date_origin=DateOrigin.GIT,
                authority=Authority.NORMAL,
                superseded_by=None,
            ),
            section="Hotels",
            page=None,
            quotes=(Quote(Span(0, 9), Span(5, 14), "up to 220", 0.5, weak=False),),
            sql=None,
        ),
    )


@pytest.mark.parametrize("decode", [decode_sources, decode_tool_calls, decode_notices])
def test_a_form_of_a_later_version_is_refused(decode: Callable[[JsonValue], object]) -> None:
    with pytest.raises(NewerDatabase, match="form 2"):
        decode({"version": 2, "items": []})


@pytest.mark.parametrize(
    "junk", ["null", "7", '"x"', "[]", "{}", '{"version": 1}', '{"items": [{}]}']
)
def test_what_is_no_stored_form_is_an_error(junk: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        decode_sources(cast("JsonValue", json.loads(junk)))
