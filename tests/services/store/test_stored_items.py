"""Items as JSON in a row: there and back, from the past and from the future."""

import json
import struct
from collections.abc import Sequence
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from sqlalchemy.dialects import sqlite

from services.store.column_types import StoredItems, UnreadableValue
from tests.contracts.test_answers import FULL
from tests.contracts.test_chats import PARTS
from use_cases.advice.model import Alternative, FittedMap
from use_cases.chat.model import (
    Part,
    ShownReasoning,
    ShownReplacement,
    ShownText,
    ShownTool,
    StepBegun,
)
from use_cases.kernel.citations.sources import Quote, Source, SourceKind, ToolCall
from use_cases.kernel.errors import NewerDatabase
from use_cases.kernel.model import Authority, DateOrigin, DocumentRef, Span

Item = TypeVar("Item")

SOURCES = StoredItems[Source](Source)
CALLS = StoredItems[ToolCall](ToolCall)
NOTICES = StoredItems[str](str)
PARTS_SHOWN = StoredItems[Part](Part)
ALTERNATIVES = StoredItems[Alternative](Alternative)
MAPS = StoredItems[FittedMap](FittedMap)
ALL: Sequence[StoredItems[Any]] = (SOURCES, CALLS, NOTICES, PARTS_SHOWN, ALTERNATIVES, MAPS)

# Lone surrogates and NUL are replaced on purpose; see below.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
floats = st.floats(allow_nan=False, allow_infinity=False)
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
tools = st.builds(
    ShownTool,
    call_id=texts,
    name=texts,
    arguments=texts,
    result=st.none() | texts,
    failed=st.booleans(),
)
parts = st.one_of(
    st.just(StepBegun()),
    st.builds(ShownText, texts),
    st.builds(ShownReasoning, texts),
    tools,
    st.builds(ShownReplacement, texts, texts),
)
maps = st.builds(
    FittedMap,
    model=st.none() | texts,
    prompt_version=st.none() | texts,
    intercept=floats,
    slope=floats,
    n=st.integers(0, 2**53),
    effect=floats,
    effect_low=floats,
    effect_high=floats,
    stated_from=st.none() | floats,
    stated_to=st.none() | floats,
)
alternatives = st.builds(Alternative, texts, texts)

MAPS_OF_VERSION_1 = """{"version": 1, "items": [{
    "model": "openai:gpt-4.1", "prompt_version": null, "intercept": -0.1, "slope": 0.7, "n": 212,
    "effect": -0.03, "effect_low": -0.05, "effect_high": -0.01, "of_later": 1}]}"""


def written(column: StoredItems[Item], items: Sequence[Item]) -> JsonValue:
    return column.process_bind_param(items, sqlite.dialect())


def read(column: StoredItems[Item], stored: JsonValue) -> Sequence[Item]:
    """What is read, through the text that a database keeps."""
    kept = cast("JsonValue", json.loads(json.dumps(stored)))
    return cast("Sequence[Item]", column.process_result_value(kept, sqlite.dialect()))


def there_and_back(column: StoredItems[Item], items: Sequence[Item]) -> Sequence[Item]:
    return read(column, written(column, items))


def with_unknown_fields(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [with_unknown_fields(item) for item in value]
    if isinstance(value, dict):
        known = {name: with_unknown_fields(item) for name, item in value.items()}
        return {**known, "from_the_future": {"any": [1, None]}}
    return value


@pytest.mark.parametrize(
    ("column", "items"),
    [
        (SOURCES, sources),
        (CALLS, calls),
        (NOTICES, texts),
        (PARTS_SHOWN, parts),
        (ALTERNATIVES, alternatives),
    ],
)
@given(data=st.data())
def test_items_come_back_as_they_were(
    column: StoredItems[Any], items: st.SearchStrategy[object], data: st.DataObject
) -> None:
    stored = tuple(data.draw(st.lists(items, max_size=3)))
    assert there_and_back(column, stored) == stored


def bits(fitted: Sequence[FittedMap]) -> list[bytes]:
    return [
        struct.pack("<5d", one.intercept, one.slope, one.effect, one.effect_low, one.effect_high)
        for one in fitted
    ]


@given(st.lists(maps, max_size=3).map(tuple))
def test_maps_come_back_bit_for_bit(fitted: tuple[FittedMap, ...]) -> None:
    again = there_and_back(MAPS, fitted)
    assert again == fitted
    assert bits(again) == bits(fitted)


@pytest.mark.parametrize(
    ("column", "items"), [(SOURCES, FULL.sources), (CALLS, FULL.tool_calls), (PARTS_SHOWN, PARTS)]
)
def test_fields_of_a_later_version_are_ignored(
    column: StoredItems[Any], items: Sequence[object]
) -> None:
    assert read(column, with_unknown_fields(written(column, items))) == items


def test_maps_of_the_first_version_are_read() -> None:
    assert read(MAPS, json.loads(MAPS_OF_VERSION_1)) == (
        FittedMap(
            model="openai:gpt-4.1",
            prompt_version=None,
            intercept=-0.1,
            slope=0.7,
            n=212,
            effect=-0.03,
            effect_low=-0.05,
            effect_high=-0.01,
        ),
    )


def test_the_form_is_the_one_that_is_in_every_database() -> None:
    shown = (StepBegun(), ShownTool("t", "search", "{}"), ShownText("So."))
    assert written(PARTS_SHOWN, shown) == {
        "version": 1,
        "items": [
            {"kind": "step"},
            {
                "kind": "tool",
                "call_id": "t",
                "name": "search",
                "arguments": "{}",
                "result": None,
                "failed": False,
            },
            {"kind": "text", "text": "So."},
        ],
    }


def test_characters_no_database_can_hold_are_replaced() -> None:
    odd = ShownTool("t\x00", "x", "\ud800", "a\x00")
    clean = ShownTool("t\ufffd", "x", "\ufffd", "a\ufffd")
    assert there_and_back(PARTS_SHOWN, [odd]) == (clean,)
    assert there_and_back(NOTICES, ["a\x00b\ud800"]) == ("a\ufffdb\ufffd",)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_number_is_refused(number: float) -> None:
    (fitted,) = read(MAPS, json.loads(MAPS_OF_VERSION_1.replace("0.7", "1.5")))
    broken = FittedMap(
        model=None,
        prompt_version=None,
        intercept=number,
        slope=fitted.slope,
        n=1,
        effect=0.0,
        effect_low=0.0,
        effect_high=0.0,
    )
    with pytest.raises(ValueError, match="not a finite number"):
        written(MAPS, [broken])


@pytest.mark.parametrize("column", ALL)
def test_a_form_of_a_later_version_is_refused(column: StoredItems[Any]) -> None:
    with pytest.raises(NewerDatabase, match="form 2"):
        read(column, {"version": 2, "items": []})


@pytest.mark.parametrize("column", ALL)
@pytest.mark.parametrize(
    "junk", ["null", "7", '"x"', "[]", "{}", '{"version": 1}', '{"items": [{}]}']
)
def test_what_is_no_stored_form_is_unreadable(column: StoredItems[Any], junk: str) -> None:
    assert isinstance(read(column, json.loads(junk)), UnreadableValue)


def test_a_part_of_no_known_kind_is_unreadable() -> None:
    stored: JsonValue = {"version": 1, "items": [{"kind": "from nowhere"}]}
    assert isinstance(read(PARTS_SHOWN, stored), UnreadableValue)
