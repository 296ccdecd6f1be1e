"""Whether and in what way probabilities are wrong as a whole."""

from math import exp, log

import pytest
from hypothesis import given

from tests.use_cases.kernel.statistics.making import FOUR, repeated, rows, some
from use_cases.kernel.statistics.calibration_error import recalibration
from use_cases.kernel.statistics.figures import Forecast


def test_two_stated_values_fit_exactly() -> None:
    line = recalibration(repeated(0.8, right=6, of=10) + repeated(0.2, right=4, of=10))
    # Through logit 0.6 at logit 0.8, and their opposites.
    assert line.intercept == pytest.approx(0, abs=1e-12)
    assert line.slope == pytest.approx(0.4054651081081644 / 1.3862943611198906, abs=1e-12)
    reach = 1.959963984540054 * (2 / 2.4) ** 0.5 / 2
    assert line.intercept_interval == pytest.approx((-reach, reach), abs=1e-9)
    slope_reach = reach / 1.3862943611198906
    assert line.slope_interval == pytest.approx(
        (0.292481250360578 - slope_reach, 0.292481250360578 + slope_reach), abs=1e-9
    )
    # 2 x 20 x (0.6 ln (0.6 / 0.8) + 0.4 ln (0.4 / 0.2)), two degrees.
    assert line.p == pytest.approx(0.12332, abs=1e-5)


def test_true_probabilities_have_intercept_0_and_slope_1() -> None:
    line = recalibration(repeated(0.8, right=80, of=100) + repeated(0.3, right=30, of=100))
    assert line.intercept == pytest.approx(0, abs=1e-12)
    assert line.slope == pytest.approx(1, abs=1e-12)
    assert line.p == pytest.approx(1, abs=1e-9)


def test_a_reversed_order_has_a_slope_below_0() -> None:
    line = recalibration(repeated(0.8, right=2, of=10) + repeated(0.2, right=8, of=10))
    assert line.slope == pytest.approx(-1, abs=1e-10)


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([(0.9, 1), (0.8, 1), (0.2, 0)], "A threshold separates right from wrong"),
        ([(0.9, 0), (0.8, 0), (0.2, 1)], "A threshold separates right from wrong"),
        ([(0.9, 1), (0.5, 1), (0.5, 0), (0.2, 0)], "A threshold separates right from wrong"),
        ([(0.9, 1), (0.2, 1)], "Every outcome is right. No line can be fitted."),
        ([(0.7, 1), (0.7, 0)], "Only one probability was stated"),
    ],
    ids=["separated", "reversed", "touching", "one class", "one value"],
)
def test_without_a_maximum_there_is_no_line(pairs: list[tuple[float, int]], reason: str) -> None:
    line = recalibration(rows(*pairs))
    assert (line.intercept, line.slope, line.slope_interval, line.p) == (None,) * 4
    assert reason in line.warnings[-1]


def test_certainties_are_moved_and_that_is_said() -> None:
    line = recalibration(repeated(1.0, right=15, of=20) + repeated(0.6, right=12, of=20))
    assert line.clipped == 20
    assert line.warnings == (
        "20 probabilities were moved to 1e-06 from 0 or 1: the slope depends on it.",
    )
    # logit 0.75 - logit 0.6, over logit (1 - 1e-6) - logit 0.6
    assert line.slope == pytest.approx(0.6931471805599454 / 13.410044449, abs=1e-9)


def test_a_line_far_from_the_stated_one_is_reached() -> None:
    line = recalibration(repeated(0.999999, right=50, of=100) + repeated(1e-6, right=49, of=100))
    assert line.slope == pytest.approx(0.040005334613699 / (2 * 13.815509557963774), abs=1e-9)


@pytest.mark.parametrize("missed", [1, 2, 10])
def test_a_steep_line_of_one_miss_among_near_certainties_settles(missed: int) -> None:
    # Its intercept is far from 0, so that the last steps are rounding: they must count as none.
    near = [Forecast(round(0.99 + 0.0001 * place, 6), place != missed) for place in range(100)]
    line = recalibration(near)
    assert line.warnings == ()
    assert line.slope is not None
    assert line.slope > 1


def test_certainties_that_fail_nearly_always_are_turned_round() -> None:
    line = recalibration(repeated(1.0, right=1, of=20) + repeated(0.0, right=19, of=20))
    assert line.intercept == pytest.approx(0, abs=1e-10)
    assert line.slope == pytest.approx(-2.9444389791664403 / 13.815509557963774, abs=1e-10)


@given(some)
def test_a_fitted_line_leaves_no_residual(forecasts: list[Forecast]) -> None:
    line = recalibration(forecasts)
    if line.intercept is None or line.slope is None:
        return
    logits = [log(p / (1 - p)) for p in (held(row.probability) for row in forecasts)]
    rests = [
        row.right - 1 / (1 + exp(-line.intercept - line.slope * logit))
        for row, logit in zip(forecasts, logits, strict=True)
    ]
    assert sum(rests) == pytest.approx(0, abs=1e-8)
    along = sum(rest * logit for rest, logit in zip(rests, logits, strict=True))
    assert along == pytest.approx(0, abs=1e-7)


def held(probability: float) -> float:
    return min(max(probability, 1e-6), 1 - 1e-6)


def test_clipping_keeps_the_fit_of_what_is_not_clipped() -> None:
    assert recalibration(FOUR).clipped == 0
