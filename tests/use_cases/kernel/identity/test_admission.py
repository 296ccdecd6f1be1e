"""What an answer adds to its key's day, where all is known and where not."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic_ai.usage import RunUsage

from use_cases.kernel.identity.admission import Budget, Estimate, Used, charge, until_midnight
from use_cases.kernel.model import LOCAL, Caller

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ESTIMATE = Estimate(1000, Decimal("0.5"))
KEYED = Caller("anna", key_id="key_1")
PRICED = RunUsage(input_tokens=70, output_tokens=30, cost=Decimal("0.1"))


@pytest.mark.parametrize(
    ("usage", "metered", "complete", "used"),
    [
        (PRICED, True, True, Used(1, 70, 30, Decimal("0.1"), 0)),
        (PRICED, True, False, Used(1, 70, 1030, Decimal("0.6"), 1)),
        (RunUsage(input_tokens=70), True, True, Used(1, 70, 0, Decimal("0.5"), 1)),
        (RunUsage(), True, True, Used(1, 0, 1000, Decimal("0.5"), 1)),
        (None, True, True, Used(1, 0, 1000, Decimal("0.5"), 1)),
        (None, True, False, Used(1, 0, 1000, Decimal("0.5"), 1)),
        (PRICED, False, True, Used(1)),
        (None, False, False, Used(1)),
    ],
)
def test_what_is_not_known_counts_as_estimated_and_never_as_nothing(
    usage: RunUsage | None, metered: bool, complete: bool, used: Used
) -> None:
    found = charge(KEYED, usage, metered=metered, complete=complete, now=NOON, estimate=ESTIMATE)
    assert found is not None
    assert (found.key_id, found.day, found.used) == ("key_1", date(2026, 3, 14), used)


def test_without_a_key_nobody_is_charged() -> None:
    for caller in (LOCAL, Caller("anna")):
        kwargs = {"metered": True, "complete": True}
        assert charge(caller, PRICED, now=NOON, estimate=ESTIMATE, **kwargs) is None


def test_a_budget_is_over_when_one_of_its_limits_is_reached() -> None:
    used = Used(1, 60, 40, Decimal("0.5"))
    assert used.over(Budget(100)) == "100 of 100 tokens"
    assert used.over(Budget(101, Decimal("0.5"))) == "$0.50 of $0.50"
    assert used.over(Budget(101, Decimal("0.51"))) is None
    assert used.over(Budget(0, Decimal(0))) is None


def test_the_day_ends_at_midnight_utc() -> None:
    assert until_midnight(NOON) == 12 * 3600
    assert until_midnight(NOON.replace(hour=0)) == 24 * 3600
