"""The comparison of two windows."""

import pytest

from tests.use_cases.kernel.statistics.making import repeated
from use_cases.kernel.statistics.drift import compare_windows, welch


def test_two_windows_by_hand() -> None:
    windows = compare_windows(repeated(0.5, right=2, of=2), repeated(0.5, right=0, of=2))
    assert (windows.n, windows.n_earlier, windows.n_later) == (4, 2, 2)
    assert (windows.residual_earlier, windows.residual_later) == (0.5, -0.5)
    assert windows.z == pytest.approx(-2, abs=1e-15)
    assert windows.p == pytest.approx(0.04550026389635842, abs=1e-15)
    assert (windows.brier_earlier, windows.brier_later) == (0.25, 0.25)
    assert (windows.excess_earlier, windows.excess_later) == (0, 0)
    assert (windows.p_brier, windows.p_excess) == (None, None)  # no spread within


def test_harder_questions_worsen_the_score_and_not_the_excess() -> None:
    easy = repeated(0.95, right=95, of=100)
    hard = repeated(0.55, right=55, of=100)
    windows = compare_windows(easy, hard)
    assert windows.p_brier is not None
    assert windows.p_brier < 1e-9
    assert windows.p_excess == pytest.approx(1, abs=1e-9)
    assert windows.p == pytest.approx(1, abs=1e-9)


def test_an_empty_window_compares_with_nothing() -> None:
    windows = compare_windows([], repeated(0.5, right=20, of=40))
    assert (windows.z, windows.p, windows.residual_earlier, windows.brier_earlier) == (None,) * 4
    assert windows.warnings == ("Only 0 outcomes in one of the windows.",)


def test_certainties_do_not_vary() -> None:
    windows = compare_windows(repeated(1.0, right=2, of=2), repeated(1.0, right=1, of=2))
    assert (windows.z, windows.p) == (None, None)


@pytest.mark.parametrize("size", [1e-3, 1e-80, 1e-82, 1e-90, 1e-150, 1e80])
def test_welch_does_not_depend_on_the_size_of_the_values(size: float) -> None:
    one, other = [size * value for value in (1, 2, 3)], [size * value for value in (2, 4, 6)]
    assert welch(one, other) == pytest.approx(0.2208808405, abs=1e-9)


def test_welch_survives_variances_that_vanish() -> None:
    assert welch([0.0, 1e-200], [0.0, 2e-200]) is None  # their squares are 0: no spread
    # With a variance in one window alone, its own degrees of freedom count: Student's law of one.
    assert welch([0.25, 0.25, 0.25], [0.25, 0.5]) == pytest.approx(0.5, abs=1e-9)
    assert welch([0.0, 0.0, 0.0], [0.0, 1e-120]) == pytest.approx(0.5, abs=1e-9)


def test_welch_by_hand() -> None:
    # t = -2 / sqrt(1/3 + 4/3) with 2.94118 degrees.
    assert welch([1, 2, 3], [2, 4, 6]) == pytest.approx(0.2208808405, abs=1e-9)
    assert welch([1], [2, 3]) is None
    assert welch([1, 1], [2, 2]) is None


def test_equal_spreads_and_sizes_are_students_test() -> None:
    # t = -2 / sqrt(2/2 + 2/2) with two degrees: 1 - |t| / sqrt(2 + t^2).
    assert welch([0, 2], [2, 4]) == pytest.approx(1 - 2**0.5 / (2 + 2) ** 0.5, abs=1e-12)
