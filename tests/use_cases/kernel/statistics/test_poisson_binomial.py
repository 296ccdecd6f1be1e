"""The law of a count of unequal chances."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.statistics.poisson_binomial import counts


def test_two_rows_by_hand() -> None:
    law = counts([0.5, 0.2])
    assert law.first == 0
    assert law.masses == pytest.approx((0.4, 0.5, 0.1), abs=1e-15)
    assert (law.mean, law.variance) == pytest.approx((0.7, 0.41), abs=1e-15)
    assert law.two_sided(0) == pytest.approx(0.5, abs=1e-15)
    assert law.two_sided(1) == pytest.approx(1, abs=1e-15)
    assert law.two_sided(2) == pytest.approx(0.1, abs=1e-15)


def test_certain_rows_only_move_the_count() -> None:
    law = counts([1.0, 1.0, 0.0, 0.5])
    assert (law.first, law.masses) == (2, (0.5, 0.5))
    assert law.two_sided(1) == 0
    assert law.two_sided(4) == 0


def test_without_any_chance_there_is_one_count() -> None:
    law = counts([1.0] * 20)
    assert (law.first, law.masses, law.variance) == (20, (1.0,), 0)
    assert law.score(15) is None
    assert law.two_sided(15) == 0
    assert law.two_sided(20) == 1


def test_equal_rows_are_binomial() -> None:
    law = counts([0.9] * 20)
    # P(at most 14); the count 20, on the other side, is likelier than 14.
    assert law.two_sided(14) == pytest.approx(0.0112531, abs=1e-7)
    fair = counts([0.5] * 100)
    assert fair.masses[50 - fair.first] == pytest.approx(0.07958923738717875, abs=1e-15)
    assert fair.two_sided(40) == pytest.approx(0.05688793364098082, abs=1e-12)
    assert fair.two_sided(50) == pytest.approx(1, abs=1e-12)


def test_a_score_counts_standard_deviations() -> None:
    assert counts([0.5] * 100).score(60) == pytest.approx(2, abs=1e-12)


def test_wide_laws_are_smooth_and_close_to_the_exact_one() -> None:
    law = counts([0.5] * 404)
    assert not law.exact
    assert sum(law.masses) == pytest.approx(1, abs=1e-12)
    # The binomial (404, 1/2): P(at most 202) and P(at most 181).
    upto = dict(zip(range(law.first, 405), accumulate(law.masses), strict=False))
    assert upto[202] == pytest.approx(0.51983, abs=3e-4)
    assert upto[181] == pytest.approx(0.02058, abs=3e-4)


@given(st.lists(st.floats(min_value=0, max_value=1), max_size=80))
def test_masses_are_a_law_with_the_right_mean_and_variance(ps: list[float]) -> None:
    law = counts(ps)
    places = range(law.first, law.first + len(law.masses))
    mean = sum(k * mass for k, mass in zip(places, law.masses, strict=True))
    second = sum((k - law.mean) ** 2 * mass for k, mass in zip(places, law.masses, strict=True))
    assert sum(law.masses) == pytest.approx(1, abs=1e-12)
    assert mean == pytest.approx(law.mean, abs=1e-10)
    assert second == pytest.approx(law.variance, abs=1e-9)
    assert law.cumulated()[-1] == 1
