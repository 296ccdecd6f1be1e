"""How many items are enough; references by summing scipy's binomial law, and statsmodels' TTestPower."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from use_cases.kernel.statistics.sample_size import (
    pass_fail_cases,
    pass_fail_detectable,
    pass_fail_power,
    score_cases,
    score_detectable,
)


@pytest.mark.parametrize(
    ("n", "discordance", "difference", "expected"),
    [
        (40, 0.2, 0.2, 0.9240855045501053),
        (100, 0.2, 0.1, 0.6177106568847321),
        (60, 0.3, 0.15, 0.5740937777269561),
        (60, 0.3, -0.15, 0.5740937777269561),
    ],
)
def test_the_power_of_mcnemars_test(
    n: int, discordance: float, difference: float, expected: float
) -> None:
    assert pass_fail_power(n, discordance, difference) == pytest.approx(expected, rel=1e-9)


def test_summed_and_approximated_power_meet() -> None:
    below, above = (pass_fail_power(n, 0.2, 0.06) for n in (999, 1_000))
    assert below == pytest.approx(above, abs=0.01)


def test_the_least_number_of_items_has_the_power() -> None:
    assert pass_fail_cases(0.2, 0.1) == 152
    assert pass_fail_power(152, 0.2, 0.1) >= 0.8 > pass_fail_power(151, 0.2, 0.1)
    assert pass_fail_cases(0.2, 0.0) is None
    assert pass_fail_cases(0.2, 1e-5) is None


def test_the_detectable_difference_has_the_power() -> None:
    least = pass_fail_detectable(100, 0.2) or 0.0
    assert least == pytest.approx(0.12069, abs=1e-5)
    assert pass_fail_power(100, 0.2, least) == pytest.approx(0.8, abs=1e-3)
    # without a discordant pair: as many as the difference itself takes
    assert pass_fail_detectable(100, 0.0) == pytest.approx(0.0663, abs=1e-4)
    assert pass_fail_detectable(4, 0.5) is None
    assert pass_fail_power(100, 0.0, 0.0) == 0.0
    assert pass_fail_power(1_000, 1.0, 1.0) == 1.0


def test_scores() -> None:
    assert score_cases(0.3, 0.1) == 73  # 72.58 by statsmodels, solve_power
    assert score_detectable(73, 0.3) == pytest.approx(0.09954, abs=1e-4)  # t + 0.84, by hand
    assert score_cases(0.3, 0.0) is None
    assert score_cases(0.3, 1e-6) is None
    assert score_detectable(1, 0.3) is None


@given(st.integers(1, 120), st.floats(0.01, 1), st.floats(0, 1))
@settings(max_examples=examples(60), deadline=None)
def test_power_is_a_chance(n: int, discordance: float, share: float) -> None:
    power = pass_fail_power(n, discordance, discordance * share)
    assert 0 <= power <= 1
    assert pass_fail_power(n, discordance, -discordance * share) == pytest.approx(power)
