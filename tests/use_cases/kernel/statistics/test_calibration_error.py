"""Errors over bands, and what chance alone would give."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.use_cases.kernel.statistics.making import FOUR, repeated, some
from use_cases.kernel.statistics.calibration_error import calibration_errors
from use_cases.kernel.statistics.figures import Forecast


def test_errors_by_hand() -> None:
    errors = calibration_errors(FOUR)  # four bands of one row, gaps 0.2, 0.6, 0.6, 0.2
    assert errors.ece == pytest.approx(0.4, abs=1e-15)


def test_bands_weigh_by_rows() -> None:
    errors = calibration_errors(repeated(0.75, right=30, of=40) + repeated(0.25, right=9, of=10))
    assert errors.ece == pytest.approx(0.65 * 10 / 50, abs=1e-15)


def test_what_a_calibrated_forecaster_would_get_by_hand() -> None:
    # Of two rows at 0.5 the share right is off by 0.5, 0, 0, 0.5.
    errors = calibration_errors(repeated(0.5, right=2, of=2))
    assert errors.ece_expected == pytest.approx(0.25, abs=1e-15)
    assert errors.ece_q95 == 0.5
    assert errors.ece_p == pytest.approx(0.5, abs=0.02)


def test_an_error_that_any_chance_gives_has_a_p_of_1() -> None:
    errors = calibration_errors([Forecast(0.5, right=True)])
    assert (errors.ece, errors.ece_expected, errors.ece_p) == (0.5, 0.5, 1.0)


def test_the_expectation_of_fifty_rows_by_hand() -> None:
    # E|S - 25| of a binomial (50, 1/2) is 25 C(50, 25) / 2^50.
    errors = calibration_errors(repeated(0.5, right=25, of=50))
    assert errors.ece_expected == pytest.approx(25 * 0.11227517265921705 / 50, abs=1e-12)


def test_draws_and_expectation_agree() -> None:
    rows = [Forecast(k / 400, right=k % 3 == 0) for k in range(400)]
    errors = calibration_errors(rows)
    assert errors.ece_expected == pytest.approx(0.0496, abs=5e-4)
    assert errors.ece_q95 is not None
    assert 0.06 < errors.ece_q95 < 0.08
    assert errors.ece_p == 1e-4


def test_a_certainty_that_failed_is_beyond_chance() -> None:
    errors = calibration_errors(repeated(1.0, right=15, of=20))
    assert (errors.ece, errors.ece_expected, errors.ece_q95) == (0.25, 0, 0)
    assert errors.ece_p == 1e-4


def test_certainties_that_held_have_no_error() -> None:
    errors = calibration_errors(repeated(1.0, right=20, of=20))
    assert (errors.ece, errors.ece_expected, errors.ece_p) == (0, 0, 1)


def test_no_rows_have_no_error() -> None:
    errors = calibration_errors([])
    assert (errors.ece, errors.ece_expected, errors.ece_q95, errors.ece_p) == (None,) * 4


def test_few_rows_are_said_to_be_chance() -> None:
    assert "mostly chance" in calibration_errors(repeated(0.5, right=25, of=50)).warnings[-1]
    assert calibration_errors(repeated(0.5, right=500, of=1000)).warnings == ()


def test_an_error_beyond_chance_is_not_said_to_be_chance() -> None:
    errors = calibration_errors(repeated(0.9, right=25, of=50))
    assert errors.ece_p is not None
    assert errors.ece_p < 0.01
    assert errors.warnings == ()


def test_the_seed_decides_the_draws() -> None:
    rows = repeated(0.55, right=20, of=40)
    assert calibration_errors(rows, seed=1) == calibration_errors(rows, seed=1)
    assert calibration_errors(rows, seed=1).ece == calibration_errors(rows, seed=2).ece


@given(some, st.integers(5, 20), st.randoms(use_true_random=False))
def test_errors_are_bounded_and_do_not_depend_on_the_order(
    forecasts: list[Forecast], bands: int, chance: Random
) -> None:
    errors = calibration_errors(forecasts, bands=bands, draws=99)
    shuffled = list(forecasts)
    chance.shuffle(shuffled)
    assert calibration_errors(shuffled, bands=bands, draws=99) == errors
    assert errors.ece is not None
    assert errors.ece_p is not None
    assert 0 <= errors.ece <= 1
    assert 0.01 <= errors.ece_p <= 1
