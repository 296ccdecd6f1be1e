"""Maps are exact without a reason to be otherwise, never decrease, and can be inverted; their fit is
drawn to the identity, kept in its bounds, and moves nothing too far.
"""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from tests.use_cases.advice.tuning.outcomes import fitted, version
from use_cases.advice.tuning.maps import (
    UNCHANGED,
    CalibrationLine,
    calibrate,
    clipped_logit,
    fit,
    least_stated,
    limit_move,
    map_in_force,
)
from use_cases.kernel.statistics.logistic_regression import logistic

unhurried = settings(max_examples=examples(60))
costly = settings(max_examples=examples(40))
INTERCEPTS = st.floats(-4, 4)
SLOPES = st.floats(0.05, 3)
STATED = st.integers(0, 10_000)
OUTCOMES = st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), max_size=60)
LINES = st.builds(CalibrationLine, st.floats(-4, 4), st.floats(0.05, 3))


@given(stated=STATED)
def test_without_a_map_and_with_the_identity_nothing_changes(stated: int) -> None:
    assert calibrate(stated, None) == stated
    assert calibrate(stated, fitted(0.0, 1.0)) == stated


@pytest.mark.parametrize(
    ("stated", "intercept", "slope", "expected"),
    [
        (5_000, 0.0, 0.5, 5_000),
        (8_000, 0.0, 0.5, 6_667),  # odds 4 become odds 2
        (8_000, -0.6931471805599453, 1.0, 6_667),  # odds 4 are halved
        (10_000, 0.0, 0.5, 9_087),  # held at 0.99: odds 99 become their root
        (0, 0.0, 0.5, 913),
        (9_900, 0.0, 0.5, 9_087),
    ],
)
def test_a_map_acts_on_log_odds(stated: int, intercept: float, slope: float, expected: int) -> None:
    assert calibrate(stated, fitted(intercept, slope)) == expected


@unhurried
@given(intercept=INTERCEPTS, slope=SLOPES)
def test_a_map_rises_strictly_between_the_clips(intercept: float, slope: float) -> None:
    values = [CalibrationLine(intercept, slope).at(50 * p) for p in range(2, 199)]
    assert all(low < high for low, high in pairwise(values))


@unhurried
@given(intercept=INTERCEPTS, slope=SLOPES, stated=STATED)
def test_what_is_calibrated_stays_a_probability_and_in_order(
    intercept: float, slope: float, stated: int
) -> None:
    line = fitted(intercept, slope)
    assert 0 <= calibrate(stated, line) <= 10_000
    assert calibrate(max(stated - 1, 0), line) <= calibrate(stated, line)


@unhurried
@given(intercept=INTERCEPTS, slope=SLOPES, edge=STATED)
def test_the_inverse_is_exact(intercept: float, slope: float, edge: int) -> None:
    line = fitted(intercept, slope)
    found = least_stated(edge, line)
    if found is None:
        assert calibrate(10_000, line) < edge
    else:
        assert calibrate(found, line) >= edge
        assert found == 0 or calibrate(found - 1, line) < edge


def test_the_finest_map_counts() -> None:
    own, of_model, of_all = fitted(0.1, 1, "m", "p1"), fitted(0.2, 1, "m"), fitted(0.3, 1)
    known = version(of_all, own, of_model)
    assert map_in_force(known, "m", "p1") == own
    assert map_in_force(known, "m", "p2") == of_model
    assert map_in_force(known, "other", "p1") == of_all
    assert map_in_force(version(own), "other", "p1") is None
    assert map_in_force(None, "m", "p1") is None


def test_what_other_models_get_wrong_is_not_charged_to_one_that_fits_its_chance_itself() -> None:
    own, of_model = fitted(0.1, 1, "offline:adviser", "p1"), fitted(0.2, 1, "offline:adviser")
    known = version(fitted(0.3, 1), own, of_model)
    assert map_in_force(known, "offline:adviser", "p1") == own
    assert map_in_force(known, "offline:adviser", "p2") is None


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


@costly
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


@costly
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


@costly
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
