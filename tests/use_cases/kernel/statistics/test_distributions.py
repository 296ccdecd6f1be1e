"""The laws of the tests, and Holm's adjustment, beside values of other libraries."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.statistics.distributions import (
    Z95,
    binomial_at_most,
    chi_square_above,
    counts,
    holm,
    normal_below,
    normal_two_sided,
    student_quantile,
    student_two_sided,
)


def test_the_normal_law() -> None:
    assert normal_below(0) == 0.5
    assert normal_below(Z95) == pytest.approx(0.975, abs=1e-15)
    assert normal_two_sided(-3) == pytest.approx(0.0026997960632601866, rel=1e-13)
    assert normal_two_sided(10) == pytest.approx(1.523970604832094e-23, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "expected"),
    [(5.991464547107979, 0.05), (0, 1), (-1, 1)],
)
def test_chi_square_of_two_degrees(x: float, expected: float) -> None:
    assert chi_square_above(x) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(
    ("t", "degrees", "expected"),
    [
        (0, 5, 1.0),
        (1, 1, 0.5),  # Cauchy: 1 - 2 atan(t) / pi
        (-2, 2, 0.18350341907227397),  # 1 - t / sqrt(2 + t^2)
        (12.706204736432095, 1, 0.05),
        (2.228138851986273, 10, 0.05),
        (1.959963984540054, 1e9, 0.05),
        (0.001, 3, 0.9992648),
    ],
)
def test_students_law(t: float, degrees: float, expected: float) -> None:
    assert student_two_sided(t, degrees) == pytest.approx(expected, abs=1e-7)


def test_students_law_to_nine_digits() -> None:
    assert student_two_sided(2, 2) == pytest.approx(1 - 2 / 6**0.5, abs=1e-13)
    assert student_two_sided(2.228138851986273, 10) == pytest.approx(0.05, abs=1e-12)


@pytest.mark.parametrize(
    ("t", "degrees", "expected"),
    [
        (1, 1e4, 0.31733470433042915),
        (1, 1e8, 0.3173105102826212),
        (2, 1e6, 0.04550053385131924),
    ],
)
def test_students_law_keeps_its_digits_with_many_degrees(
    t: float, degrees: float, expected: float
) -> None:
    assert student_two_sided(t, degrees) == pytest.approx(expected, abs=1e-11)


def test_students_law_is_one_curve_where_its_series_begins() -> None:
    assert student_two_sided(1.5, 100 - 1e-9) == pytest.approx(
        student_two_sided(1.5, 100 + 1e-9), abs=1e-12
    )


@pytest.mark.parametrize(
    ("share", "degrees", "expected"),
    [
        (0.975, 1, 12.706204736174694),  # scipy 1.17, t.ppf
        (0.975, 4, 2.7764451051977934),
        (0.995, 29, 2.756385903670605),
        (0.8, 2.5, 1.0101638747222512),
        (0.025, 9, -2.2621571627982053),
        (0.5, 3, 0.0),
    ],
)
def test_students_quantiles(share: float, degrees: float, expected: float) -> None:
    assert student_quantile(share, degrees) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("count", "n", "share", "expected"),
    [
        (3, 10, 0.2, 0.8791261183999999),  # scipy 1.17, binom.cdf
        (40, 100, 0.5, 0.028443966820490444),
        (70, 100, 0.5, 0.9999839199923521),
        (5, 1000, 0.02, 6.400906688292924e-05),
        (0, 7, 0.3, 0.08235430000000003),
        (-1, 7, 0.3, 0.0),
        (7, 7, 0.3, 1.0),
        (2, 7, 0.0, 1.0),
        (2, 7, 1.0, 0.0),
    ],
)
def test_the_binomial_law(count: int, n: int, share: float, expected: float) -> None:
    assert binomial_at_most(count, n, share) == pytest.approx(expected, rel=1e-10)


def test_p_values_are_adjusted_in_the_given_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-15)
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


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
