"""The price of a call before it is made, and a model's room."""

from decimal import Decimal

import pytest

from use_cases.kernel.runs.completion import call_price, context_window


def test_it_is_that_of_the_public_list() -> None:
    # gpt-4o-mini: 0.15 and 0.60 US dollars for a million tokens of input and output
    assert call_price("openai:gpt-4o-mini", 1_000_000, 100_000) == Decimal("0.21")


@pytest.mark.parametrize("name", ["openai:none-such", "none:gpt-4o-mini", "offline", ""])
def test_an_unknown_model_has_no_price(name: str) -> None:
    assert call_price(name, 1000, 10) is None


def test_a_models_room_is_that_of_the_public_list() -> None:
    for name in ("openai:gpt-4o", "gpt-4o", "openrouter:openai/gpt-4o"):
        assert context_window(name) == 128_000
    assert context_window("xai:grok-3-mini") == 131_072
    for unknown in (
        "openai:none-such",
        "offline:extractive",
        "openai:gpt-4o,openai:gpt-4",
        "",
        "openai:",
    ):
        assert context_window(unknown) is None
