"""Paired pass or fail.

References: p by statsmodels 0.15 (mcnemar, exact) and scipy 1.17 (binom); intervals by scipy from the
likelihood itself (minimize_scalar over the share lost, brentq over the difference).
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from use_cases.kernel.statistics.mcnemar_test import exact_p, mcnemar, mid_p


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
    assert level < 0.05 or found.p <= found.p_exact
