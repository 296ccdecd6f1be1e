"""The curve behind a chance: one slope, drawn towards none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.advice.comparison.option_values import Decided, chances, fit_slope


def test_without_pairs_or_gaps_there_is_no_slope() -> None:
    assert fit_slope([]) == 0.0
    assert fit_slope([Decided(0.0, 10, 7)]) == 0.0


def test_many_pairs_give_the_slope_of_their_share() -> None:
    # 60 of 100 at a gap of 2 is logit(.6) / 2; ten thousand pairs leave the prior little weight.
    slope = fit_slope([Decided(2.0, 10_000, 6_000)])

    assert slope == pytest.approx(math.log(0.6 / 0.4) / 2, rel=2e-3)


def test_ten_wins_of_ten_are_no_certainty() -> None:
    first, _ = chances([1.0, 0.0], fit_slope([Decided(1.0, 10, 10)]))

    assert first == pytest.approx(0.686, abs=0.001)


def test_a_measure_that_pointed_the_wrong_way_says_nothing() -> None:
    assert fit_slope([Decided(1.0, 100, 20)]) == 0.0


def test_the_unit_of_the_gap_does_not_matter() -> None:
    small = fit_slope([Decided(0.1, 40, 25), Decided(0.3, 40, 30)])
    large = fit_slope([Decided(100.0, 40, 25), Decided(300.0, 40, 30)])

    assert small * 0.1 == pytest.approx(large * 100.0)


def test_huge_gaps_end_at_certainty_and_not_in_an_overflow() -> None:
    assert fit_slope([Decided(1e6, 1e6, 1e6)]) > 0
    assert list(chances([1e9, 0.0, -1e9], 5.0)) == [1.0, 0.0, 0.0]


def test_three_options_share_one() -> None:
    found = chances([2.0, 1.0, 1.0], math.log(2))

    assert found == pytest.approx([0.5, 0.25, 0.25])
    assert list(chances([], 1.0)) == []


@given(
    st.lists(
        st.tuples(st.floats(0, 50), st.integers(1, 500), st.floats(0, 1)).map(
            lambda row: Decided(row[0], row[1], row[1] * row[2])
        ),
        max_size=30,
    ),
    st.lists(st.floats(-100, 100), min_size=2, max_size=6),
)
def test_chances_are_chances_and_keep_the_order(rows: list[Decided], values: list[float]) -> None:
    found = chances(values, fit_slope(rows))

    assert sum(found) == pytest.approx(1.0)
    assert all(0 <= chance <= 1 for chance in found)
    ordered = [chance for _, chance in sorted(zip(values, found, strict=True))]
    assert ordered == sorted(ordered)
