"""Whatever a model writes as arguments, text or reasoning, a client reads valid JSON on every wire."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_ai.models.function import DeltaToolCall

from backend.schemas.chat_schemas import arguments_object
from backend.stream.data_stream import DataStream
from backend.stream.ui_messages import UIMessageStream
from tests.backend.stream.turns import Ground, Piece, saying, thinking
from tests.strict_json import parsed
from tests.thoroughness import examples

pytestmark = pytest.mark.anyio

_numbers = st.sampled_from(["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1", "9" * 400])
_texts = st.text(st.characters(exclude_categories=()), max_size=20)
_values = st.recursive(
    st.one_of(_numbers, _texts.map(json.dumps), st.sampled_from(["null", "true", '"\\ud83d"'])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(_texts.map(json.dumps), inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        ),
    ),
    max_leaves=6,
)
_arguments = st.one_of(
    _values, _values.map(lambda value: f'{{"query": {value}}}'), _texts, st.just('{"que')
)


def values(frames: list[str]) -> list[object]:
    """What a client parses of these frames."""
    lines = [line for frame in frames for line in frame.split("\n") if line]
    bodies = [
        line.removeprefix("data: ") if line.startswith("data: ") else line[2:] for line in lines
    ]
    return [parsed(body) for body in bodies if body != "[DONE]"]


@settings(max_examples=examples(60))
@given(_arguments, _texts, _texts)
async def test_every_frame_is_json(arguments: str, text: str, thought: str) -> None:
    call: Piece = {0: DeltaToolCall("search_knowledge_base", arguments, tool_call_id="t0")}
    script = saying((thinking(f"so {thought}"), call), (f"Every {text} 90 days [1].",))
    for wire in (DataStream(), UIMessageStream()):
        assert values(await Ground(script).frames(wire))


@settings(max_examples=examples(300))
@given(_arguments)
async def test_arguments_are_an_object_of_json(arguments: str) -> None:
    found = arguments_object(arguments)
    assert isinstance(parsed(json.dumps(found, allow_nan=False)), dict)
