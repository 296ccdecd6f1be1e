"""The price of a call before it is made."""

from decimal import Decimal

import pytest

from use_cases.kernel.runs.call_price import call_price


def test_it_is_that_of_the_public_list() -> None:
    # gpt-4o-mini: 0.15 and 0.60 US dollars for a million tokens of input and output
    assert call_price("openai:gpt-4o-mini", 1_000_000, 100_000) == Decimal("0.21")


@pytest.mark.parametrize("name", ["openai:none-such", "none:gpt-4o-mini", "offline", ""])
def test_an_unknown_model_has_no_price(name: str) -> None:
    assert call_price(name, 1000, 10) is None
