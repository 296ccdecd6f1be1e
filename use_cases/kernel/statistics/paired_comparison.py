"""Comparison of a candidate with a baseline over the same items: is it better?

Promises: one rule decides. The verdict is read off the interval of the difference, and the interval
excludes 0 if and only if p is below the level, so that they never contradict each other. Several
comparisons hold together at 5 % where each has its share of that as its `level` (Dunn 1961): intervals and
verdicts alike. Errors count in no mean: their items are left out and counted. Leaves to others: the choice of the
metric (for one where less is better, negate the results), words for a reader.

A judgement of pairs is compared likewise: a win is (0, 1), a loss (1, 0), a tie (0, 0).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal, TypeAlias

from use_cases.kernel.statistics.distributions import LEVEL
from use_cases.kernel.statistics.figures import StatisticalResult
from use_cases.kernel.statistics.intervals import (
    FEWEST_DIFFERENT,
    FEWEST_RESAMPLED,
    about_items,
    check_bounds,
    deviation,
    nested_interval,
    nested_p,
    resample,
    resampled_interval,
    resampled_p,
    student_interval,
    student_p,
)
from use_cases.kernel.statistics.paired_tests import (
    McNemar,
    mcnemar,
    pass_fail_cases,
    pass_fail_detectable,
    score_cases,
    score_detectable,
)

Verdict: TypeAlias = Literal["better", "worse", "no_difference_shown"]

Method: TypeAlias = Literal["mcnemar", "bootstrap", "student", "sign", "nested"]

Bounds: TypeAlias = tuple[float, float]

Levels: TypeAlias = tuple[float, float]
"""The level of this look and of the next one."""


@dataclass(frozen=True, slots=True)
class PairedItem:
    """The results of both variants for one item: one, or several repeats; None is an error."""

    baseline: tuple[float | None, ...]
    candidate: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(StatisticalResult):
    """The comparison over the `n` items with a result on both sides; `coverage` is their share.

    `difference` is the mean of candidate less baseline, in units of the metric; `interval` has the
    comparison's level; `p` is two-sided, of no difference. None: it cannot be computed.
    `baseline` and `candidate` are the means over these items; `better` and `worse` count the items.
    `p_adjusted` is p over the level, times 5 %: below 0.05 where a difference is shown. `deviation` is that
    of the items' differences. `errors_baseline` and `errors_candidate` count results, also of items that
    are compared. `cases_needed` is how many more items would show the observed difference with a power of
    80 % at the next look, None where it is shown, or where none is observed. `detectable` is the least true
    difference that these items show with that power.
    """

    difference: float | None
    interval: Bounds | None
    p: float | None
    verdict: Verdict
    method: Method
    baseline: float | None
    candidate: float | None
    better: int
    worse: int
    errors_baseline: int
    errors_candidate: int
    p_adjusted: float | None
    deviation: float | None
    cases_needed: int | None
    detectable: float | None


@dataclass(frozen=True, slots=True)
class _Test:
    method: Method
    interval: Bounds | None
    p: float | None
    more_cases: int | None
    detectable: float | None


def compare_variants(
    items: Sequence[PairedItem],
    *,
    bounds: Bounds | None = (0.0, 1.0),
    level: float = LEVEL,
    next_level: float | None = None,
    groups: Sequence[str] = (),
) -> Comparison:
    """Compares the candidate with the baseline over the same items.

    An item counts once, with the difference of its two means, however many repeats it has.
    - `mcnemar`: one pass or fail on both sides: the mid-p test, Tango's interval (`paired_tests.py`).
    - `bootstrap`: scores or repeats: the items' differences are resampled; expanded percentiles.
    - `student`: as that with fewer than 10 items: Student's t of the items' differences.
    - `sign`: as these where fewer than 5 items differ, or all by the same: the items that differ are
      tested as McNemar does; below 5 each counts as a difference of the whole range, which is wide
      but honest: such a spread cannot be estimated.

    With `groups`, the group of each item, where there are several: groups are resampled, then the items of
    each (`nested`), because the items of one group are alike.

    `level` is the chance of a false difference, and `next_level` that of a look at more items, for which
    `cases_needed` is computed. Raises `StatisticsOptionInvalid` for a result outside the bounds.
    """
    for item in items:
        check_bounds([item.baseline, item.candidate], bounds)
    means = [(_mean(item.baseline), _mean(item.candidate)) for item in items]
    pairs = [(old, new) for old, new in means if old is not None and new is not None]
    differences = [new - old for old, new in pairs]
    levels = level, level if next_level is None else next_level
    test = _test(pairs, levels, single=all(map(_is_single, items)), bounds=bounds)
    kept = (
        [g for g, (old, new) in zip(groups, means, strict=True) if None not in (old, new)]
        if groups
        else []
    )
    if len(set(kept)) > 1 and len(set(differences)) > 1:
        test = _nested(differences, kept, level)
    verdict, n = _verdict(test.interval), len(pairs)
    better, worse = _signs(differences)
    return Comparison(
        n=n,
        coverage=n / len(items) if items else None,
        warnings=about_items(n, len(items) - n),
        difference=_mean(differences),
        interval=test.interval,
        p=test.p,
        verdict=verdict,
        method=test.method,
        baseline=_mean([old for old, _ in pairs]),
        candidate=_mean([new for _, new in pairs]),
        better=better,
        worse=worse,
        errors_baseline=_errors(item.baseline for item in items),
        errors_candidate=_errors(item.candidate for item in items),
        p_adjusted=None if test.p is None else min(1.0, test.p * LEVEL / level),
        deviation=deviation(differences) if n > 1 else None,
        cases_needed=test.more_cases if verdict == "no_difference_shown" else None,
        detectable=test.detectable,
    )


def _test(
    pairs: Sequence[tuple[float, float]], levels: Levels, *, single: bool, bounds: Bounds | None
) -> _Test:
    level, next_level = levels
    differences = [new - old for old, new in pairs]
    better, worse = _signs(differences)
    n = len(pairs)
    if single and {value for pair in pairs for value in pair} <= {0.0, 1.0}:
        return _sign_test("mcnemar", mcnemar(better, worse, n, level), 1.0, 0.0, levels)
    alike = len(set(differences)) < 2
    if better + worse < FEWEST_DIFFERENT or alike:
        width = bounds[1] - bounds[0] if bounds else None
        if better + worse >= FEWEST_DIFFERENT:
            width = abs(differences[0])
        mean = fsum(differences) / n if n else 0.0
        return _sign_test("sign", mcnemar(better, worse, n, level), width, mean, levels)
    spread, mean = deviation(differences), fsum(differences) / n
    needed = score_cases(spread, mean, next_level)
    sized = max(1, needed - n) if needed else None, score_detectable(n, spread, level)
    if n < FEWEST_RESAMPLED:
        interval = student_interval(differences, level)
        return _Test("student", interval, student_p(differences), *sized)
    law = resample([(difference, 1) for difference in differences], tails=level < LEVEL)
    return _Test("bootstrap", resampled_interval(law, n, level), resampled_p(law, n), *sized)


def _nested(differences: Sequence[float], groups: Sequence[str], level: float) -> _Test:
    """Returns the test of items in groups; more items of the same groups would hardly show more."""
    grouped = defaultdict[str, list[float]](list)
    for group, difference in zip(groups, differences, strict=True):
        grouped[group].append(difference)
    pooled = list(grouped.values())
    return _Test("nested", nested_interval(pooled, level), nested_p(pooled), None, None)


def _sign_test(
    method: Method, test: McNemar, width: float | None, mean: float, levels: Levels
) -> _Test:
    """Returns the test of items won and lost, each by `width` (None: unknown); `mean` is in the
    interval.
    """
    if test.interval is None or test.difference is None:
        return _Test(method, None, None, None, None)
    discordance = (test.gained + test.lost) / test.n
    needed = pass_fail_cases(discordance, test.difference, levels[1])
    least = pass_fail_detectable(test.n, discordance, levels[0])
    interval = None
    if width is not None:
        low, high = test.interval
        interval = (low * width, high * width)
        if method == "sign":
            interval = (min(interval[0], mean), max(interval[1], mean))
    return _Test(
        method,
        interval,
        test.p,
        max(1, needed - test.n) if needed else None,
        least * width if least is not None and width is not None else None,
    )


def _verdict(interval: Bounds | None) -> Verdict:
    if interval is None or interval[0] <= 0 <= interval[1]:
        return "no_difference_shown"
    return "better" if interval[0] > 0 else "worse"


def _mean(results: Sequence[float | None]) -> float | None:
    kept = [result for result in results if result is not None]
    return fsum(kept) / len(kept) if kept else None


def _signs(differences: Sequence[float]) -> tuple[int, int]:
    """Counts the items that are better and worse."""
    return sum(each > 0 for each in differences), sum(each < 0 for each in differences)


def _is_single(item: PairedItem) -> bool:
    return len(item.baseline) <= 1 and len(item.candidate) <= 1


def _errors(sides: Iterable[Sequence[float | None]]) -> int:
    return sum(result is None for results in sides for result in results)
