"""A response holds whole characters, in whichever of its parts they were cut."""

import pytest
from pydantic_ai import ModelResponse
from pydantic_ai.messages import (
    ModelResponsePart,
    NativeToolCallPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)

from use_cases.kernel.runs.agent_run import repair_response

CUT, WHOLE, LOST = "a \ud83d\ude00", "a 😀", "b \ud83d"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (TextPart(CUT), TextPart(WHOLE)),
        (TextPart(LOST), TextPart("b \ufffd")),
        (ThinkingPart(CUT, signature="s"), ThinkingPart(WHOLE, signature="s")),
        (ToolCallPart("t", CUT, "c"), ToolCallPart("t", WHOLE, "c")),
        (ToolCallPart("t", None, "c"), ToolCallPart("t", None, "c")),
        (
            ToolCallPart("t", {"q": [CUT, 0.5, None, LOST]}, "c"),
            ToolCallPart("t", {"q": [WHOLE, 0.5, None, "b \ufffd"]}, "c"),
        ),
        (NativeToolCallPart("w", {"q": CUT}, "c"), NativeToolCallPart("w", {"q": WHOLE}, "c")),
    ],
)
def test_every_part_is_mended(part: ModelResponsePart, expected: ModelResponsePart) -> None:
    response = repair_response(ModelResponse(parts=[part], model_name="m"))
    assert (response.parts, response.model_name) == ([expected], "m")
