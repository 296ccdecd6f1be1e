"""Amounts in words: never in a form that a reader must decode."""

from decimal import Decimal

import pytest

from backend.reports.verdict_words import dollars


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, ""),
        (Decimal(0), "$0.00"),
        (Decimal("1e-7"), "$0.0000001"),
        (Decimal("0.00000039"), "$0.00000039"),
        (Decimal("0.0001"), "$0.0001"),
        (Decimal("0.0456"), "$0.046"),
        (Decimal("2.5"), "$2.50"),
        (Decimal(12345), "$12,345.00"),
    ],
)
def test_dollars_are_written_in_digits(amount: Decimal | None, words: str) -> None:
    assert dollars(amount) == words
