"""Forecasts, and the cautions that any figure over them carries."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tests.use_cases.kernel.statistics.making import FOUR, repeated
from use_cases.kernel.statistics.figures import (
    Forecast,
    ForecastInvalid,
    StatisticsOptionInvalid,
    cautions,
    moment,
    outcomes,
    probabilities,
    sort_by_time,
)
from use_cases.kernel.statistics.forecast_scores import rate


@pytest.mark.parametrize(
    "probability", [float("nan"), float("inf"), -0.01, 1.01, True, "0.8", None], ids=repr
)
def test_what_is_no_number_from_0_to_1_is_no_forecast(probability: object) -> None:
    with pytest.raises(ForecastInvalid, match="not a number from 0 to 1"):
        Forecast(probability, right=True)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("right", [1, 0, 0.5, None, "true"], ids=repr)
def test_an_outcome_is_right_or_wrong(right: object) -> None:
    with pytest.raises(ForecastInvalid, match="neither right nor wrong"):
        Forecast(0.5, right)  # pyright: ignore[reportArgumentType]


def test_certainties_and_whole_numbers_are_probabilities() -> None:
    assert probabilities([Forecast(0, right=False), Forecast(1, right=True)]) == [0, 1]


def test_outcomes_are_counted_as_1_and_0() -> None:
    assert outcomes(FOUR) == [1, 0, 1, 0]


def test_rows_are_ordered_by_moment_and_ties_stay() -> None:
    late = Forecast(0.1, right=True, at=datetime(2026, 1, 2, 12, tzinfo=UTC))
    first = Forecast(0.2, right=True, at=date(2026, 1, 2))
    second = Forecast(0.3, right=True, at=date(2026, 1, 2))
    assert sort_by_time([late, first, second]) == [first, second, late]


def test_without_every_moment_the_order_given_holds() -> None:
    given = [
        Forecast(0.1, right=True, at=date(2026, 1, 2)),
        Forecast(0.2, right=True),
        Forecast(0.3, right=True, at=date(2026, 1, 1)),
    ]
    assert sort_by_time(given) == given


def test_a_date_is_its_midnight_and_a_naive_moment_is_utc() -> None:
    assert moment(date(2026, 1, 2)) == datetime(2026, 1, 2, tzinfo=UTC)
    naive = datetime(2026, 1, 2, 3, tzinfo=UTC).replace(tzinfo=None)
    assert moment(naive) == datetime(2026, 1, 2, 3, tzinfo=UTC)
    zoned = datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    assert moment(zoned) == datetime(2026, 1, 2, 1, tzinfo=UTC)


def test_few_rows_and_a_low_coverage_are_said() -> None:
    assert cautions(repeated(0.5, right=1, of=29), 0.59) == (
        "Only 29 outcomes: too few for a reliable figure.",
        "Only 59% of the responses have an outcome, and these may differ from the others.",
    )


def test_enough_rows_and_coverage_need_no_caution() -> None:
    assert cautions(repeated(0.5, right=1, of=30), 0.6) == ()
    assert cautions(repeated(0.5, right=1, of=30), None) == ()


def test_a_coverage_is_a_share() -> None:
    with pytest.raises(StatisticsOptionInvalid, match=r"1\.5 is not a share"):
        rate(FOUR, coverage=1.5)
