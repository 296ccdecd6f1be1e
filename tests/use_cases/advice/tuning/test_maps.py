"""Maps are exact without a reason to be otherwise, never decrease, and can be inverted."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from tests.use_cases.advice.tuning.outcomes import fitted, version
from use_cases.advice.tuning.maps import apply_map, calibrate, least_stated, map_in_force

unhurried = settings(max_examples=examples(60))
INTERCEPTS = st.floats(-4, 4)
SLOPES = st.floats(0.05, 3)
STATED = st.integers(0, 10_000)


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
    values = [apply_map(p / 200, intercept, slope) for p in range(2, 199)]
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
