"""The laws that tests need, by tables."""

import pytest

from use_cases.kernel.statistics.distributions import (
    Z95,
    chi_square_above,
    kolmogorov_above,
    normal_below,
    normal_two_sided,
    student_two_sided,
)


def test_the_normal_law() -> None:
    assert normal_below(0) == 0.5
    assert normal_below(Z95) == pytest.approx(0.975, abs=1e-15)
    assert normal_two_sided(-3) == pytest.approx(0.0026997960632601866, rel=1e-13)
    assert normal_two_sided(10) == pytest.approx(1.523970604832094e-23, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "degrees", "expected"),
    [
        (3.841458820694124, 1, 0.05),
        (5.991464547107979, 2, 0.05),
        (0, 1, 1),
        (-1, 2, 1),
    ],
)
def test_chi_square(x: float, degrees: int, expected: float) -> None:
    assert chi_square_above(x, degrees=degrees) == pytest.approx(expected, abs=1e-14)


def test_chi_square_has_no_other_degrees_here() -> None:
    with pytest.raises(ValueError, match="1 and 2"):
        chi_square_above(1, degrees=3)


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
    ("x", "expected"),
    [
        (-1, 1),
        (0, 1),
        (0.1, 1),
        (0.5, 0.9639452436648751),
        (1, 0.26999967167735456),
        (1.3580986393225507, 0.05),
        (1.6276236115189503, 0.01),
    ],
)
def test_kolmogorovs_law(x: float, expected: float) -> None:
    assert kolmogorov_above(x) == pytest.approx(expected, abs=1e-11)


def test_the_two_series_of_kolmogorovs_law_meet() -> None:
    assert kolmogorov_above(1 - 1e-12) == pytest.approx(kolmogorov_above(1), abs=1e-11)
