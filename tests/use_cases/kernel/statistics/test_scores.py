"""Scores by hand, at the ends, and in any order."""

import pytest
from hypothesis import given

from tests.use_cases.kernel.statistics.making import FOUR, repeated, rows, some
from use_cases.kernel.statistics.discrimination import auc
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.scores import (
    brier_score,
    climatology,
    gap,
    log_loss,
    mean_probability,
    rate,
    skill,
)

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
