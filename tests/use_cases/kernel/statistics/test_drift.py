"""The comparison of two windows."""

import pytest

from tests.use_cases.kernel.statistics.making import repeated
from use_cases.kernel.statistics.drift import compare_windows


def test_two_windows_by_hand() -> None:
    windows = compare_windows(repeated(0.5, right=2, of=2), repeated(0.5, right=0, of=2))
    assert (windows.n, windows.n_earlier, windows.n_later) == (4, 2, 2)
    assert (windows.residual_earlier, windows.residual_later) == (0.5, -0.5)
    assert windows.z == pytest.approx(-2, abs=1e-15)
    assert windows.p == pytest.approx(0.04550026389635842, abs=1e-15)
    assert (windows.brier_earlier, windows.brier_later) == (0.25, 0.25)


def test_harder_questions_worsen_the_score_and_are_no_drift() -> None:
    easy = repeated(0.95, right=95, of=100)
    hard = repeated(0.55, right=55, of=100)
    windows = compare_windows(easy, hard)
    assert (windows.brier_earlier or 0) < 0.05 < 0.24 < (windows.brier_later or 0)
    assert windows.p == pytest.approx(1, abs=1e-9)


def test_an_empty_window_compares_with_nothing() -> None:
    windows = compare_windows([], repeated(0.5, right=20, of=40))
    assert (windows.z, windows.p, windows.residual_earlier, windows.brier_earlier) == (None,) * 4
    assert windows.warnings == ("Only 0 outcomes in one of the windows.",)


def test_certainties_do_not_vary() -> None:
    windows = compare_windows(repeated(1.0, right=2, of=2), repeated(1.0, right=1, of=2))
    assert (windows.z, windows.p) == (None, None)
