"""Paired pass or fail, and how many items it takes, beside values of other libraries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from use_cases.kernel.statistics.paired_tests import (
    exact_p,
    mcnemar,
    mid_p,
    pass_fail_cases,
    pass_fail_detectable,
    pass_fail_power,
    score_cases,
    score_detectable,
)


@pytest.mark.parametrize(
    ("gained", "lost", "exact", "mid"),
    [
        (1, 7, 0.0703125, 0.0390625),
        (10, 25, 0.016673847800120715, 0.011330984183587134),
        (0, 5, 0.0625, 0.03125),
        (59, 6, 4.964650327128616e-12, 2.7258031988068867e-12),
        (480, 400, 0.007707305043339153, 0.006999455634076815),
        (3, 3, 1.0, 1.0),
        (0, 0, 1.0, 1.0),
    ],
)
def test_p_values(gained: int, lost: int, exact: float, mid: float) -> None:
    assert exact_p(gained, lost) == pytest.approx(exact, rel=1e-9)
    assert mid_p(gained, lost) == pytest.approx(mid, rel=1e-9)


@pytest.mark.parametrize(
    ("gained", "lost", "n", "low", "high"),
    [
        (1, 7, 21, -0.5172322772705512, -0.026003033156206203),
        (10, 25, 100, -0.26326663444597714, -0.03556760550608802),
        (480, 400, 2000, 0.010946396871327339, 0.06899776428382451),
        (12, 12, 60, -0.16199114766609826, 0.16199114848350354),
    ],
)
def test_tangos_interval(gained: int, lost: int, n: int, low: float, high: float) -> None:
    assert mcnemar(gained, lost, n).interval == pytest.approx((low, high), abs=2e-8)


def test_an_interval_reaches_to_zero_where_the_test_does_not_reject() -> None:
    few = mcnemar(4, 0, 100)
    assert few.p == pytest.approx(0.0625)
    assert few.interval == pytest.approx((0.0, 0.0983707), abs=1e-6)


def test_no_discordant_pair_is_no_certainty() -> None:
    # z^2 / (n + z^2) of Wilson's interval
    assert mcnemar(0, 0, 100).interval == pytest.approx((-0.0369935, 0.0369935), abs=1e-7)


def test_no_pairs_have_neither_difference_nor_interval() -> None:
    none = mcnemar(0, 0, 0)
    assert (none.p, none.difference, none.interval) == (1.0, None, None)


def test_more_discordant_pairs_than_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="3 pairs"):
        mcnemar(2, 2, 3)


LEVELS = st.sampled_from([0.05, 0.01, 0.002, 0.00005])


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 400), LEVELS)
@settings(max_examples=examples(300))
def test_test_and_interval_agree(gained: int, lost: int, tied: int, level: float) -> None:
    found = mcnemar(gained, lost, gained + lost + tied, level)
    if found.interval is None or found.difference is None:
        return
    low, high = found.interval
    assert (found.p < level) == (low > 0 or high < 0)
    assert -1 <= low <= found.difference + 1e-9
    assert found.difference - 1e-9 <= high <= 1
    mirrored = mcnemar(lost, gained, gained + lost + tied, level)
    assert mirrored.interval == pytest.approx((-high, -low), abs=1e-12)
    assert level < 0.05 or found.p <= exact_p(gained, lost)


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
