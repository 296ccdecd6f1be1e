"""Scores of forecasts, their intervals and their parts."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from tests.use_cases.kernel.statistics.making import FOUR, repeated, rows, some
from use_cases.kernel.statistics.bands import Edges
from use_cases.kernel.statistics.figures import Forecast
from use_cases.kernel.statistics.forecast_scores import (
    auc,
    brier,
    brier_interval,
    brier_score,
    climatology,
    gap,
    log_loss,
    mean_probability,
    murphy,
    rate,
    skill,
)
from use_cases.kernel.statistics.intervals import percentile

ALL = (brier_score, climatology, gap, log_loss, mean_probability, rate, skill, auc)


def test_four_rows_by_hand() -> None:
    assert mean_probability(FOUR).value == pytest.approx(0.5, abs=1e-15)
    assert rate(FOUR).value == 0.5
    assert gap(FOUR).value == pytest.approx(0, abs=1e-15)
    assert brier_score(FOUR).value == pytest.approx((0.04 + 0.36 + 0.36 + 0.04) / 4, abs=1e-15)
    assert climatology(FOUR).value == 0.25
    assert skill(FOUR).value == pytest.approx(0.2, abs=1e-14)
    assert log_loss(FOUR).value == pytest.approx(0.5697171415941824, abs=1e-14)


def test_stating_the_base_rate_looks_good_and_has_no_skill() -> None:
    constant = repeated(0.95, right=95, of=100)
    assert brier_score(constant).value == pytest.approx(0.0475, abs=1e-15)
    assert skill(constant).value == pytest.approx(0, abs=1e-12)


def test_confidence_above_what_happens_is_a_gap_above_0() -> None:
    assert gap(repeated(0.9, right=7, of=10)).value == pytest.approx(0.2, abs=1e-15)


@pytest.mark.parametrize("score", ALL)
def test_nothing_is_said_of_no_rows(score: type) -> None:
    nothing = score([], coverage=0.0)
    assert nothing.value is None
    assert nothing.interval is None
    assert nothing.n == 0
    assert nothing.warnings[0] == "There is no outcome yet."


def test_a_miss_at_certainty_costs_what_the_clip_allows() -> None:
    certain = repeated(1.0, right=15, of=20)
    loss = log_loss(certain)
    assert loss.value == pytest.approx(5 / 20 * 36.04365338911715, abs=1e-9)
    assert loss.warnings == (
        "Only 20 outcomes: too few for a reliable figure.",
        "5 stated as certain went the other way: each costs ln(2^52) = 36.04 by the clip, without "
        "it the loss is infinite.",
    )
    assert brier_score(certain).value == 0.25


def test_one_class_has_a_loss_but_neither_skill_nor_order() -> None:
    right = repeated(0.8, right=40, of=40)
    assert log_loss(right).value == pytest.approx(0.2231435513142097, abs=1e-14)
    assert climatology(right).value == 0
    assert skill(right).value is None
    assert auc(right).value is None
    assert auc(right).warnings == ("Every outcome is right.",)
    assert auc(repeated(0.8, right=0, of=40)).warnings == ("Every outcome is wrong.",)


def test_order_by_hand_with_its_interval() -> None:
    order = auc(FOUR)
    assert order.value == 0.75  # 0.8 is above 0.6 and 0.2; 0.4 is above 0.2
    # Placements 1 and 0.5 on either side: variance 0.125 / 2 + 0.125 / 2.
    assert order.interval == pytest.approx((0.75 - 1.959963984540054 * 0.125**0.5, 1.0))


def test_ties_count_half() -> None:
    assert auc(rows((0.7, 1), (0.7, 0), (0.7, 1), (0.7, 0))).value == 0.5
    assert auc(rows((0.7, 1), (0.7, 0), (0.9, 1), (0.1, 0))).value == 0.875


def test_a_perfect_order_has_no_interval_for_its_width_cannot_be_told() -> None:
    order = auc(rows((0.9, 1), (0.8, 1), (0.2, 0), (0.1, 0)))
    assert order.value == 1
    assert order.interval is None
    assert "No interval" in order.warnings[-1]


def test_one_row_of_a_class_has_no_interval() -> None:
    order = auc(rows((0.9, 1), (0.8, 0), (0.2, 0)))
    assert order.value == 1
    assert order.interval is None


def test_coverage_goes_with_every_figure() -> None:
    for score in ALL:
        assert score(FOUR, coverage=0.25).coverage == 0.25
        assert "Only 25% of the responses" in score(FOUR, coverage=0.25).warnings[1]


@given(some)
def test_figures_stay_within_their_bounds(forecasts: list[Forecast]) -> None:
    assert 0 <= (brier_score(forecasts).value or 0) <= 1
    assert 0 <= (log_loss(forecasts).value or 0) <= 36.05
    assert 0 <= (climatology(forecasts).value or 0) <= 0.25
    assert -1 <= (gap(forecasts).value or 0) <= 1
    assert (skill(forecasts).value or 0) <= 1
    assert 0 <= (auc(forecasts).value or 0) <= 1


@given(some)
def test_turning_every_confidence_round_turns_the_order_round(forecasts: list[Forecast]) -> None:
    turned = [Forecast(1 - row.probability, row.right) for row in forecasts]
    # 1 - p is not exact for the smallest p: two of them may become one.
    if len({row.probability for row in turned}) == len({row.probability for row in forecasts}):
        one, other = auc(forecasts).value, auc(turned).value
        assert (one is None) == (other is None)
        assert one is None or other is None or one + other == pytest.approx(1, abs=1e-12)


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


@pytest.mark.exhaustive
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


TWO_BANDS = rows((0.65, 1), (0.75, 0), (0.1, 0), (0.1, 0))
"""With five bands: mean 0.7 and rate 0.5 in the fourth, mean 0.1 and rate 0 in the first."""


def test_five_terms_by_hand() -> None:
    terms = murphy(TWO_BANDS, bands=5)
    assert terms.reliability == pytest.approx((2 * 0.2**2 + 2 * 0.1**2) / 4, abs=1e-15)
    assert terms.resolution == pytest.approx((2 * 0.25**2 + 2 * 0.25**2) / 4, abs=1e-15)
    assert terms.uncertainty == 0.1875
    assert terms.within_variance == pytest.approx(0.00125, abs=1e-15)
    assert terms.within_covariance == pytest.approx(-0.025, abs=1e-15)
    assert terms.five_terms == pytest.approx(0.17625, abs=1e-15)
    assert terms.brier == pytest.approx(0.17625, abs=1e-15)


def test_equal_values_in_each_band_need_three_terms_only() -> None:
    terms = murphy(repeated(0.9, right=7, of=10) + repeated(0.3, right=3, of=10))
    assert terms.reliability == pytest.approx(0.02, abs=1e-15)
    assert terms.within_variance == pytest.approx(0, abs=1e-30)
    assert terms.within_covariance == pytest.approx(0, abs=1e-30)
    assert terms.five_terms == pytest.approx(terms.brier, abs=1e-15)


def test_no_rows_have_no_terms() -> None:
    terms = murphy([])
    assert (terms.brier, terms.reliability, terms.five_terms) == (None,) * 3


@given(some, st.integers(5, 20), st.sampled_from(["left", "right"]))
def test_five_terms_are_the_brier_score(
    forecasts: list[Forecast], bands: int, edges: Edges
) -> None:
    terms = murphy(forecasts, bands=bands, edges=edges)
    assert terms.five_terms == pytest.approx(brier(forecasts), abs=1e-12)
