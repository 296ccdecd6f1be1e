"""Whether one variant is better than another."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from benchmarks.evaluation_statistics import family_verdicts, grown_verdict
from tests.thoroughness import examples
from use_cases.kernel.statistics.distributions import LEVEL, level_of
from use_cases.kernel.statistics.figures import StatisticsOptionInvalid
from use_cases.kernel.statistics.intervals import student_interval, student_p
from use_cases.kernel.statistics.paired_comparison import (
    Comparison,
    PairedItem,
    compare_variants,
)
from use_cases.kernel.statistics.paired_tests import pass_fail_power

WON, LOST = PairedItem((0,), (1,)), PairedItem((1,), (0,))
PASSED, FAILED = PairedItem((1,), (1,)), PairedItem((0,), (0,))
ERRED = PairedItem((1,), (None,))


def scored(differences: Sequence[float]) -> list[PairedItem]:
    return [PairedItem((0.5,), (0.5 + difference,)) for difference in differences]


def noisy(shift: float, n: int) -> list[PairedItem]:
    chance = random.Random(n)
    return scored([min(0.5, max(-0.5, chance.gauss(shift, 0.15))) for _ in range(n)])


def test_pass_and_fail() -> None:
    found = compare_variants([WON] * 25 + [LOST] * 10 + [PASSED] * 45 + [FAILED] * 20)
    assert found.method == "mcnemar"
    assert found.verdict == "better"
    assert found.p == pytest.approx(0.011330984183587134)
    assert found.interval == pytest.approx((0.03556760550608802, 0.26326663444597714), abs=2e-8)
    assert (found.baseline, found.candidate, found.difference) == (0.55, 0.7, 0.15)
    assert (found.better, found.worse, found.n) == (25, 10, 100)
    assert (found.cases_needed, found.warnings) == (None, ())


def test_a_loss_is_a_gain_with_the_sign_changed() -> None:
    assert compare_variants([LOST] * 25 + [WON] * 10 + [PASSED] * 65).verdict == "worse"


def test_no_difference_shown_says_how_many_more() -> None:
    found = compare_variants([WON] * 15 + [LOST] * 5 + [PASSED] * 60)
    assert found.verdict == "better"
    less = compare_variants([WON] * 9 + [LOST] * 4 + [PASSED] * 67)
    assert (less.verdict, less.cases_needed) == ("no_difference_shown", 237)  # 317 by scipy
    assert pass_fail_power(80, 13 / 80, less.detectable or 0) == pytest.approx(0.8, abs=1e-4)


def test_scores_are_resampled_by_items() -> None:
    found = compare_variants(noisy(0.1, 80))
    assert (found.method, found.verdict) == ("bootstrap", "better")
    assert compare_variants(noisy(0.1, 80)) == found
    low, high = found.interval or (0, 0)
    expected = student_interval(
        [item.candidate[0] - 0.5 for item in noisy(0.1, 80) if item.candidate[0] is not None]
    )
    assert (low, high) == pytest.approx(expected, abs=4e-3)


def test_repeats_of_an_item_are_one_case() -> None:
    chance = random.Random(8)
    once = [(chance.random() < 0.5, chance.random() < 0.6) for _ in range(60)]
    items = [PairedItem((old,) * 50, (new,) * 50) for old, new in once]
    found = compare_variants(items)
    plain = compare_variants([PairedItem((old,), (new,)) for old, new in once])
    assert (found.method, found.n) == ("bootstrap", 60)
    assert found.interval == pytest.approx(plain.interval, abs=0.03)


def test_few_scores_are_students() -> None:
    differences = [0.2, 0.5, 0.1, 0.4, 0.3, -0.3]
    found = compare_variants(scored(differences))
    assert found.method == "student"
    assert found.interval == pytest.approx(student_interval(differences))
    assert found.p == pytest.approx(student_p(differences))


def test_few_items_that_differ_show_nothing() -> None:
    items = [PairedItem((1, 1), (1, 1))] * 96 + [PairedItem((0, 0), (1, 1))] * 4
    found = compare_variants(items)
    assert (found.method, found.verdict) == ("sign", "no_difference_shown")
    assert found.interval == pytest.approx((0, 0.09837), abs=1e-5)
    assert found.p == pytest.approx(0.0625)


def test_items_that_are_all_tied_are_no_proof_of_equivalence() -> None:
    found = compare_variants([PairedItem((0.4,), (0.4,))] * 20)
    assert (found.difference, found.verdict) == (0.0, "no_difference_shown")
    assert found.cases_needed is None
    low, high = found.interval or (0, 0)
    assert low < -0.05 < 0.05 < high
    many = compare_variants([PairedItem((0.4,), (0.4,))] * 200)
    low, high = many.interval or (-1, 1)
    assert -0.05 < low < high < 0.05


def test_items_that_all_differ_by_the_same() -> None:
    found = compare_variants([PairedItem((0.25,), (0.5,))] * 6)
    assert (found.method, found.verdict) == ("sign", "better")
    assert found.interval == pytest.approx((0.25 * 0.219, 0.25), abs=1e-3)


def test_a_metric_without_bounds() -> None:
    slow = [PairedItem((-900.0 - place,), (-850.0 + place % 7,)) for place in range(40)]
    found = compare_variants(slow, bounds=None)
    assert found.verdict == "better"
    tied = compare_variants([PairedItem((900.0,), (900.0,))] * 40, bounds=None)
    assert (tied.interval, tied.p, tied.detectable) == (None, 1.0, None)


@pytest.mark.parametrize("items", [[], [ERRED], [PairedItem((), (1,))]])
def test_nothing_to_compare(items: list[PairedItem]) -> None:
    found = compare_variants(items)
    assert (found.n, found.difference, found.interval, found.p) == (0, None, None, None)
    assert found.verdict == "no_difference_shown"
    assert (found.cases_needed, found.detectable) == (None, None)


def test_one_item_shows_nothing() -> None:
    assert compare_variants([WON]).verdict == "no_difference_shown"
    assert compare_variants(scored([0.4])).verdict == "no_difference_shown"


def test_errors_are_left_out_and_counted() -> None:
    items = [WON] * 20 + [LOST] * 5 + [PASSED] * 60 + [ERRED] * 10 + [PairedItem((None,), (0,))]
    found = compare_variants(items)
    assert (found.n, found.errors_baseline, found.errors_candidate) == (85, 1, 10)
    assert found.verdict == "better"
    assert found.coverage == 85 / 96
    assert found.warnings == ("11 items left out for want of a result.",)


def test_an_error_among_repeats_leaves_the_item() -> None:
    found = compare_variants([PairedItem((1, None), (0, 1))] * 12)
    assert (found.n, found.errors_baseline, found.difference) == (12, 12, -0.5)


def test_a_family_is_held_at_its_level() -> None:
    surely = compare_variants([WON] * 30 + [LOST] * 5 + [PASSED] * 65)
    hardly = compare_variants([WON] * 17 + [LOST] * 7 + [PASSED] * 76)
    nothing = compare_variants([])
    assert (surely.verdict, hardly.verdict) == ("better", "better")
    assert nothing.p_adjusted is None
    surely = compare_variants([WON] * 30 + [LOST] * 5 + [PASSED] * 65, level=0.05 / 3)
    doubtful = compare_variants([WON] * 17 + [LOST] * 7 + [PASSED] * 76, level=0.05 / 3)
    assert (surely.verdict, doubtful.verdict) == ("better", "no_difference_shown")
    assert doubtful.p_adjusted == pytest.approx(3 * (doubtful.p or 0))
    assert (doubtful.interval or (1, 1))[0] < (hardly.interval or (0, 0))[0]
    later = compare_variants(
        [WON] * 17 + [LOST] * 7 + [PASSED] * 76, level=0.05 / 3, next_level=0.05 / 12
    )
    assert (later.cases_needed or 0) > (doubtful.cases_needed or 0)


def test_impossible_input_is_refused() -> None:
    with pytest.raises(StatisticsOptionInvalid, match="from 0 to 1"):
        compare_variants([PairedItem((2,), (0,))])


def test_a_comparison_survives_json() -> None:
    found = compare_variants([WON] * 9 + [ERRED])
    kind = TypeAdapter(Comparison)
    assert kind.validate_json(kind.dump_json(found)) == found


RESULTS = st.lists(st.sampled_from([0, 1, 0.5, 0.25, None]), max_size=3).map(tuple)
ITEMS = st.lists(st.builds(PairedItem, RESULTS, RESULTS), max_size=25)
SINGLE = st.tuples(st.sampled_from([0, 1, None]))
PASSES = st.lists(st.builds(PairedItem, SINGLE, SINGLE), max_size=60)


LEVELS = st.sampled_from([0.05, 0.01, 0.002, 0.00005])


@given(st.one_of(ITEMS, PASSES), LEVELS)
@settings(max_examples=examples(100), deadline=None)
def test_test_interval_and_verdict_never_contradict_each_other(
    items: list[PairedItem], level: float
) -> None:
    found = compare_variants(items, level=level)
    if found.interval is None or found.p is None or found.difference is None:
        return
    low, high = found.interval
    assert (found.p < level) == (low > 0 or high < 0)
    assert (found.verdict == "better") == (low > 0)
    assert (found.verdict == "worse") == (high < 0)
    assert low - 1e-9 <= found.difference <= high + 1e-9


@given(st.one_of(ITEMS, PASSES))
@settings(max_examples=examples(60), deadline=None)
def test_variants_may_change_places(items: list[PairedItem]) -> None:
    found = compare_variants(items)
    swapped = compare_variants([PairedItem(item.candidate, item.baseline) for item in items])
    assert (found.better, found.worse, found.method) == (
        swapped.worse,
        swapped.better,
        swapped.method,
    )
    if found.interval and swapped.interval and found.method != "bootstrap":
        low, high = found.interval
        assert swapped.interval == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.exhaustive
def test_among_equal_variants_a_family_seldom_finds_a_difference() -> None:
    """Of 5 runs none may; with each comparison at 5 % two do."""
    level = level_of(3 * 4)
    found = [family_verdicts(seed, 40, 4, 3, level) for seed in range(5)]
    alone = [family_verdicts(seed, 40, 4, 3, LEVEL) for seed in range(5)]
    assert (_misled(found), _misled(alone)) == (0, 2)


@pytest.mark.exhaustive
def test_cases_that_grow_as_is_named_seldom_show_what_is_not() -> None:
    """Of 9 runs none may; with each look at 5 % two do."""
    spent = sum(grown_verdict(seed, 40, 2, spent=True) for seed in range(9))
    alone = sum(grown_verdict(seed, 40, 2, spent=False) for seed in range(9))
    assert (spent, alone) == (0, 2)


@pytest.mark.parametrize(("family", "look"), [(1, 1), (8, 1), (24, 1), (1, 2), (3, 5)])
def test_all_looks_of_all_comparisons_spend_no_more_than_the_level(family: int, look: int) -> None:
    spent = sum(family * level_of(family, each) for each in range(1, 10_000))
    assert spent <= 0.05
    assert spent == pytest.approx(0.05, abs=1e-5)
    assert level_of(family, look) == pytest.approx(0.05 * 6 / math.pi**2 / look**2 / family)


def _misled(runs: Sequence[Sequence[str]]) -> int:
    return sum(not {"better", "worse"}.isdisjoint(verdicts) for verdicts in runs)


def test_items_of_few_groups_say_less_than_as_many_alone() -> None:
    items = [PairedItem((0.0,), (0.5 + at % 4 / 8,)) for at in range(12)]
    items += [PairedItem((0.0,), (-0.1 - at % 4 / 8,)) for at in range(4)]
    alone = compare_variants(items, bounds=None)
    nested = compare_variants(items, bounds=None, groups=["a"] * 6 + ["b"] * 6 + ["c"] * 4)
    assert (alone.verdict, nested.verdict) == ("better", "no_difference_shown")
    assert (nested.method, nested.difference) == ("nested", alone.difference)
    assert nested.interval is not None
    assert nested.interval[0] < 0 < nested.interval[1]
    one = compare_variants(items, bounds=None, groups=["a"] * 16)
    assert one == alone
