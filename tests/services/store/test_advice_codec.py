"""The JSON inside rows of advice: there and back, from the past and from the future."""

import json
import struct
from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.store.advice_codec import (
    decode_alternatives,
    decode_maps,
    encode_alternatives,
    encode_maps,
)
from tests.services.store.test_answer_codec import texts
from use_cases.advice.model import Alternative, FittedMap
from use_cases.kernel.errors import NewerDatabase

floats = st.floats(allow_nan=False, allow_infinity=False)
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

WRITTEN_BY_VERSION_1 = """{"version": 1, "items": [{
    "model": "openai:gpt-4.1", "prompt_version": null, "intercept": -0.1, "slope": 0.7, "n": 212,
    "effect": -0.03, "effect_low": -0.05, "effect_high": -0.01, "of_later": 1}]}"""


def through_text(stored: JsonValue) -> JsonValue:
    """As a database keeps it."""
    return cast("JsonValue", json.loads(json.dumps(stored)))


def bits(fitted: Sequence[FittedMap]) -> list[bytes]:
    return [
        struct.pack("<5d", one.intercept, one.slope, one.effect, one.effect_low, one.effect_high)
        for one in fitted
    ]


@given(st.lists(maps, max_size=3).map(tuple))
def test_maps_come_back_bit_for_bit(fitted: tuple[FittedMap, ...]) -> None:
    again = decode_maps(through_text(encode_maps(fitted)))
    assert again == fitted
    assert bits(again) == bits(fitted)


@given(st.lists(alternatives, max_size=3).map(tuple))
def test_alternatives_come_back_as_they_were(others: tuple[Alternative, ...]) -> None:
    assert decode_alternatives(through_text(encode_alternatives(others))) == others


def test_what_was_written_before_is_read() -> None:
    (found,) = decode_maps(cast("JsonValue", json.loads(WRITTEN_BY_VERSION_1)))
    assert found == FittedMap(
        model="openai:gpt-4.1",
        prompt_version=None,
        intercept=-0.1,
        slope=0.7,
        n=212,
        effect=-0.03,
        effect_low=-0.05,
        effect_high=-0.01,
    )


def test_what_a_newer_version_wrote_is_refused() -> None:
    with pytest.raises(NewerDatabase):
        decode_maps({"version": 2, "items": []})
    with pytest.raises(NewerDatabase):
        decode_alternatives({"version": 2, "items": []})


def test_what_the_server_refuses_is_replaced() -> None:
    stored = encode_alternatives((Alternative("a\x00b", "\ud800"),))
    assert decode_alternatives(stored) == (Alternative("a\ufffdb", "\ufffd"),)
