"""Intervals of shares and means, beside values of other libraries."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from tests.use_cases.kernel.statistics.making import repeated
from use_cases.kernel.statistics.figures import StatisticsOptionInvalid
from use_cases.kernel.statistics.forecast_scores import rate
from use_cases.kernel.statistics.intervals import (
    ExpandedLaw,
    ResampledLaw,
    mean_score,
    resample,
    resampled_interval,
    resampled_p,
    student_interval,
    student_p,
    wilson,
)


@pytest.mark.parametrize(
    ("right", "n", "expected"),
    [
        (8, 10, (0.4901625, 0.9433178)),
        (0, 10, (0.0, 0.2775328)),
        (10, 10, (0.7224672, 1.0)),
        (0, 1, (0.0, 0.7934507)),
        (64, 194, (0.2676003, 0.3987993)),
    ],
)
def test_wilsons_interval(right: int, n: int, expected: tuple[float, float]) -> None:
    assert wilson(right, n) == pytest.approx(expected, abs=5e-8)


def test_no_rows_have_no_interval() -> None:
    assert wilson(0, 0) is None


def test_the_share_right_carries_its_interval() -> None:
    share = rate(repeated(0.5, right=8, of=10))
    assert share.value == 0.8
    assert share.interval == pytest.approx((0.4901625, 0.9433178), abs=5e-8)


@given(st.integers(1, 300), st.data())
def test_wilsons_interval_holds_the_share(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    low, high = wilson(right, n) or (1.0, 0.0)
    assert 0 <= low <= right / n <= high <= 1


def clusters(count: int) -> list[tuple[float, int]]:
    chance = random.Random(count)
    return [(chance.expovariate(1) * rows, rows) for rows in chance.choices([1, 2, 5], k=count)]


@pytest.mark.parametrize("count", [2, 30, 401, 3_000])
def test_share_and_quantile_are_inverse(count: int) -> None:
    law = resample(clusters(count))
    for share in (0.025, 0.3, 0.5, 0.9, 0.975):
        assert law.share_below(law.quantile(share)) == pytest.approx(share, abs=1e-9) or count == 2


@pytest.mark.parametrize("count", [5, 3_000])
def test_values_beyond_the_law_have_hardly_a_share(count: int) -> None:
    law = resample(clusters(count))
    assert 0 <= law.share_below(-10) < 0.001
    assert 0.999 < law.share_below(1e6) <= 1


def test_the_limit_is_what_draws_come_near_to() -> None:
    drawn, computed = resample(clusters(400)), resample([*clusters(400), (1.0, 1)])
    for share in (0.025, 0.5, 0.975):
        assert drawn.quantile(share) == pytest.approx(computed.quantile(share), abs=0.02)


def test_a_mean_without_spread_is_one_value() -> None:
    law: ResampledLaw = resample([(0.5, 1)] * 500)
    assert (law.quantile(0.025), law.quantile(0.975)) == (0.5, 0.5)
    assert (law.share_below(0.4), law.share_below(0.5)) == (0.0, 1.0)


def test_an_expansion_is_inverted_where_it_rises() -> None:
    assert ExpandedLaw(0.0, 1.0, 0.1).share_below(-9.0) == 0.0
    assert ExpandedLaw(0.0, 1.0, -0.1).share_below(9.0) == 1.0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
@settings(max_examples=examples(20), deadline=None)
def test_the_order_of_clusters_does_not_matter(totals: list[float]) -> None:
    there, back = ([(total, 1) for total in each] for each in (totals, totals[::-1]))
    assert resample(there) == resample(back)


SIX = [0.2, 0.5, 0.1, 0.9, 0.4, -0.3]
SIXTY = [((i * 37) % 41 - 18) / 40 for i in range(60)]


def test_students_interval_and_p() -> None:
    assert student_interval(SIX) == pytest.approx((-0.12498904293470753, 0.7249890429347075))
    assert student_p(SIX) == pytest.approx(0.12930874061805986, rel=1e-9)
    assert student_interval([1.0]) is None


def test_expanded_percentiles() -> None:
    # 400,000 resamples of scipy at the same, expanded shares; 10,000 and fewer here
    law = resample([(value, 1) for value in SIXTY])
    low, high = resampled_interval(law, 60)
    assert (low, high) == pytest.approx((-0.0258333, 0.1270833), abs=3e-3)
    assert resampled_p(law, 60) == pytest.approx(0.191, abs=0.015)


def test_one_pass_or_fail_of_each_item_is_wilsons() -> None:
    rate = mean_score([(1,)] * 40 + [(0,)] * 10 + [(None,)] * 2)
    assert rate.value == 0.8
    assert rate.interval == wilson(40, 50)
    assert rate.coverage == 50 / 52
    assert rate.warnings == ("2 items left out for want of a result.",)


def test_repeats_count_as_one_item() -> None:
    chance = random.Random(1)
    items = [(float(chance.random() < 0.5),) * 20 for _ in range(100)]
    low, high = mean_score(items).interval or (0, 0)
    low_once, high_once = wilson(sum(item[0] for item in items), 100) or (0, 0)
    assert (high - low) / (high_once - low_once) == pytest.approx(1, abs=0.1)


def test_scores_of_few_items_are_students() -> None:
    assert mean_score([(value,) for value in SIX], bounds=None).interval == student_interval(SIX)


def test_an_interval_stays_within_the_bounds() -> None:
    low, high = mean_score([(0.99,), (1.0,), (0.98,), (0.97,), (0.3,), (0.96,)]).interval or (0, 0)
    assert 0 <= low < high == 1


def test_items_that_are_all_alike_are_no_certainty() -> None:
    assert mean_score([(1.0, 1.0)] * 30).interval == wilson(30, 30)
    assert mean_score([(5.0, 5.0)] * 30, bounds=(0, 10)).interval == pytest.approx(
        [10 * share for share in wilson(15, 30) or ()]
    )
    assert mean_score([(5.0,)] * 30, bounds=None).interval is None


def test_no_results_are_said() -> None:
    none = mean_score([(None,), ()])
    assert (none.value, none.interval, none.n, none.coverage) == (None, None, 0, 0.0)
    assert none.warnings == (
        "There is no item with a result.",
        "2 items left out for want of a result.",
    )
    assert mean_score([]).coverage is None


@pytest.mark.parametrize("result", [1.5, -0.1, float("nan"), float("inf")])
def test_impossible_results_are_refused(result: float) -> None:
    with pytest.raises(StatisticsOptionInvalid, match="from 0 to 1"):
        mean_score([(0.5,), (result,)])


def test_impossible_bounds_are_refused() -> None:
    with pytest.raises(StatisticsOptionInvalid, match="not ascending"):
        mean_score([(0.5,)], bounds=(1, 0))
    with pytest.raises(StatisticsOptionInvalid, match="not a number"):
        mean_score([(float("nan"),)], bounds=None)


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=3), min_size=1, max_size=30))
@settings(max_examples=examples(40), deadline=None)
def test_an_interval_holds_the_mean(items: list[list[float]]) -> None:
    found = mean_score(items)
    low, high = found.interval or (0.0, 1.0)
    assert found.value is not None
    assert 0 <= low <= found.value + 1e-9
    assert found.value - 1e-9 <= high <= 1
    assert mean_score(items[::-1]).interval == pytest.approx(found.interval)
