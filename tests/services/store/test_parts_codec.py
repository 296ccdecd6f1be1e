"""The JSON of a message's parts: there and back, from the past and from the future."""

import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.store.parts_codec import decode_parts, encode_parts
from tests.contracts.test_chats import PARTS
from tests.services.store.test_answer_codec import texts, through_text, with_unknown_fields
from use_cases.chat.model import (
    Part,
    ShownReasoning,
    ShownReplacement,
    ShownText,
    ShownTool,
    StepBegun,
)
from use_cases.kernel.errors import NewerDatabase

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

WRITTEN_BY_VERSION_1 = """{"version": 1, "items": [
    {"kind": "step"},
    {"kind": "reasoning", "text": "Hm."},
    {"kind": "tool", "call_id": "t", "name": "search_knowledge_base", "arguments": "{}"},
    {"kind": "text", "text": "So."},
    {"kind": "replacement", "text": "No.", "reason": "uncited"}]}"""


@given(st.lists(parts, max_size=4).map(tuple))
def test_parts_come_back_as_they_were(shown: tuple[Part, ...]) -> None:
    assert decode_parts(through_text(encode_parts(shown))) == shown


def test_fields_of_a_later_version_are_ignored() -> None:
    assert decode_parts(with_unknown_fields(encode_parts(PARTS))) == PARTS


def test_a_row_of_the_first_version_is_read() -> None:
    assert decode_parts(cast("JsonValue", json.loads(WRITTEN_BY_VERSION_1))) == (
        StepBegun(),
        ShownReasoning("Hm."),
        ShownTool("t", "search_knowledge_base", "{}", result=None, failed=False),
        ShownText("So."),
        ShownReplacement("No.", "uncited"),
    )


def test_characters_no_database_can_hold_are_replaced() -> None:
    odd = ShownTool("t\x00", "x", "\ud800", "a\x00")
    assert decode_parts(encode_parts([odd])) == (ShownTool("t\ufffd", "x", "\ufffd", "a\ufffd"),)


def test_a_form_of_a_later_version_is_refused() -> None:
    with pytest.raises(NewerDatabase, match="form 2"):
        decode_parts({"version": 2, "items": []})


@pytest.mark.parametrize(
    "junk", ["null", "7", "[]", "{}", '{"version": 1}', '{"items": [{"kind": "from nowhere"}]}']
)
def test_what_is_no_stored_form_is_an_error(junk: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        decode_parts(cast("JsonValue", json.loads(junk)))
