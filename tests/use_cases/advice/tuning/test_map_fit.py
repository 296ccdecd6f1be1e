"""The fit is drawn to the identity, kept in its bounds, and moves nothing too far."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from use_cases.advice.tuning.map_fit import UNCHANGED, CalibrationLine, fit, limit_move
from use_cases.advice.tuning.maps import clipped_logit, logistic

unhurried = settings(max_examples=examples(40))
OUTCOMES = st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), max_size=60)
LINES = st.builds(CalibrationLine, st.floats(-4, 4), st.floats(0.05, 3))


def gradient(line: CalibrationLine, outcomes: list[tuple[int, bool]]) -> tuple[float, float]:
    """Of the penalised log likelihood, the prior's variance being 0.25."""
    by_intercept, by_slope = -4 * line.intercept, -4 * (line.slope - 1)
    for stated, right in outcomes:
        x = clipped_logit(stated / 10_000)
        rest = right - logistic(line.intercept + line.slope * x)
        by_intercept += rest
        by_slope += rest * x
    return by_intercept, by_slope


def test_without_rows_nothing_is_known() -> None:
    assert fit([]) == UNCHANGED


def test_one_row_hardly_matters() -> None:
    line = fit([(8_000, False)])
    assert line.intercept == pytest.approx(-0.1762546, abs=1e-7)
    assert line.slope == pytest.approx(0.7556592, abs=1e-7)


@unhurried
@given(outcomes=OUTCOMES)
def test_the_fit_is_a_maximum_or_lies_on_its_bound(outcomes: list[tuple[int, bool]]) -> None:
    line = fit(outcomes)
    by_intercept, by_slope = gradient(line, outcomes)
    assert by_intercept == pytest.approx(0, abs=1e-6)
    if 0.05 < line.slope < 3:
        assert by_slope == pytest.approx(0, abs=1e-5)
    elif line.slope == 0.05:
        assert by_slope <= 1e-6
    else:
        assert line.slope == 3
        assert by_slope >= -1e-6


@unhurried
@given(outcomes=OUTCOMES, seed=st.integers(0, 9))
def test_the_order_of_rows_does_not_matter(outcomes: list[tuple[int, bool]], seed: int) -> None:
    shuffled = list(outcomes)
    random.Random(seed).shuffle(shuffled)
    assert fit(shuffled) == fit(outcomes)


def test_many_outcomes_outweigh_the_prior() -> None:
    outcomes = [(9_000, i % 10 < 7) for i in range(5_000)]
    outcomes += [(6_000, i % 10 < 4) for i in range(5_000)]
    line = fit(outcomes)
    assert line.at(9_000) == pytest.approx(0.70, abs=0.002)
    assert line.at(6_000) == pytest.approx(0.40, abs=0.002)


def test_confidence_that_points_the_wrong_way_is_flattened_no_further_than_the_bound() -> None:
    line = fit([(9_900, False)] * 400 + [(100, True)] * 400)
    assert line.slope == 0.05


@unhurried
@given(line=LINES, current=LINES)
def test_no_stated_value_moves_by_more_than_a_tenth(
    line: CalibrationLine, current: CalibrationLine
) -> None:
    near = limit_move(line, current)
    moves = [abs(near.at(stated) - current.at(stated)) for stated in range(10_001)]
    assert max(moves) <= 0.10 + 1e-12
    assert min(line.slope, current.slope) - 1e-12 <= near.slope
    assert near.slope <= max(line.slope, current.slope) + 1e-12


def test_a_small_move_is_not_limited() -> None:
    assert limit_move(CalibrationLine(0.1, 0.95), UNCHANGED) == CalibrationLine(0.1, 0.95)
