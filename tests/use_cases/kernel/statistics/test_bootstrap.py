"""How far scores of events may be off."""

import random

import pytest
from hypothesis import given, settings

from tests.thoroughness import examples
from tests.use_cases.kernel.statistics.making import FOUR, repeated, some
from use_cases.kernel.statistics.bootstrap import brier_interval
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.resampling import percentile


def test_no_rows_have_no_interval() -> None:
    assert brier_interval([]).interval is None
    assert brier_interval([]).value is None


def test_percentiles_lie_between_values() -> None:
    assert percentile([0, 10], 0.025) == 0.25
    assert percentile([1, 2, 3, 4], 0.5) == 2.5
    assert percentile([7], 0.975) == 7


def test_rows_of_one_event_count_as_one() -> None:
    chance = random.Random(5)
    rows: list[Forecast] = []
    for event in range(40):
        right = chance.random() < 0.5
        rows += [Forecast(0.8, right, event=str(event))] * 25
    alone = [Forecast(row.probability, row.right) for row in rows]
    low, high = brier_interval(rows).interval or (0.0, 0.0)
    low_alone, high_alone = brier_interval(alone).interval or (0.0, 0.0)
    assert brier_interval(rows).value == brier_interval(alone).value
    assert (high - low) / (high_alone - low_alone) == pytest.approx(5, rel=0.1)


def test_an_interval_by_hand() -> None:
    # Losses 0 and 1 of 100 events: the resampled mean is binomial (100, 1/2) / 100.
    rows = repeated(1.0, right=50, of=100)
    interval = brier_interval(rows)
    assert interval.value == 0.5
    assert interval.interval == pytest.approx((0.40, 0.60), abs=0.01)
    assert interval.warnings == ()


def test_many_events_are_computed_as_they_would_be_drawn() -> None:
    chance = random.Random(7)
    rows: list[Forecast] = []
    for event in range(1_001):
        size, ease = chance.choice([1, 1, 2, 9]), chance.random()
        rows += [Forecast(ease, chance.random() < ease**2, event=str(event)) for _ in range(size)]
    drawn: list[float] = []
    events = [[row for row in rows if row.event == str(event)] for event in range(1_001)]
    sums = [(sum((row.probability - row.right) ** 2 for row in part), len(part)) for part in events]
    for _ in range(2_000):
        picked = chance.choices(sums, k=1_001)
        drawn.append(sum(loss for loss, _ in picked) / sum(size for _, size in picked))
    drawn.sort()
    expected = (percentile(drawn, 0.025), percentile(drawn, 0.975))
    assert brier_interval(rows).interval == pytest.approx(expected, abs=1e-3)


def test_many_equal_losses_have_an_interval_without_width() -> None:
    assert brier_interval(repeated(0.5, right=600, of=1_200)).interval == (0.25, 0.25)


def test_few_events_are_said() -> None:
    rows = [Forecast(0.7, right=k % 2 == 0, event=str(k % 19)) for k in range(190)]
    assert brier_interval(rows).warnings == (
        "Only 19 events (190 outcomes): the interval is too narrow.",
    )


def test_one_event_has_no_interval() -> None:
    one = brier_interval([Forecast(0.7, right=True, event="a")] * 40)
    assert one.interval is None
    assert one.warnings == ("No interval: all outcomes belong to one event.",)
    assert brier_interval(FOUR[:1]).interval is None


@given(some)
@settings(max_examples=examples(30))
def test_the_order_of_rows_does_not_matter(forecasts: list[Forecast]) -> None:
    assert brier_interval(forecasts) == brier_interval(forecasts[::-1])


@given(some)
@settings(max_examples=examples(30))
def test_the_interval_is_a_range_of_possible_scores(forecasts: list[Forecast]) -> None:
    low, high = brier_interval(forecasts).interval or (0.0, 1.0)
    assert -1e-12 <= low <= high <= 1 + 1e-12
