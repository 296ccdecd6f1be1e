"""Is the candidate better than the baseline? Two variants over the same items.

Promises: one rule decides. The verdict is read off the interval of the difference, and the interval
excludes 0 if and only if p is below the level, so that they never contradict each other. Several
comparisons hold together at 5 % where each has its share of that as its `level` (Dunn 1961): intervals and
verdicts alike. Errors count in no mean: their items are left out and counted, and `worst_case`
is the same comparison with each of them charged to the candidate. Leaves to others: the choice of the
metric (for one where less is better, negate the results), words for a reader.

A judgement of pairs is compared likewise: a win is (0, 1), a loss (1, 0), a tie (0, 0).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal, TypeAlias

from use_cases.kernel.statistics.distributions import LEVEL
from use_cases.kernel.statistics.figures import StatisticalResult, StatisticsOptionInvalid
from use_cases.kernel.statistics.intervals import (
    FEWEST_DIFFERENT,
    FEWEST_RESAMPLED,
    about_items,
    check_bounds,
    deviation,
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

Verdict: TypeAlias = Literal["better", "worse", "equivalent", "not_worse", "no_difference_shown"]
"""`equivalent` and `not_worse` only with a margin."""

Method: TypeAlias = Literal["mcnemar", "bootstrap", "student", "sign"]

Bounds: TypeAlias = tuple[float, float]

Levels: TypeAlias = tuple[float, float]
"""The level of this look and of the next one."""


@dataclass(frozen=True, slots=True)
class PairedItem:
    """The results of both variants for one item: one, or several repeats; None is an error."""

    baseline: tuple[float | None, ...]
    candidate: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference(StatisticalResult):
    """The mean difference (candidate less baseline) over `n` items, in units of the metric.

    None: it cannot be computed. `p` is two-sided, of no difference; the
    level of the interval is the comparison's. `not_worse`: the interval lies
    above -margin; `equivalent`: within -+ margin; both None without a margin or an interval.
    """

    difference: float | None
    interval: Bounds | None
    p: float | None
    verdict: Verdict
    not_worse: bool | None
    equivalent: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(PairedDifference):
    """The comparison over the `n` items with a result on both sides; `coverage` is their share.

    `baseline` and `candidate` are the means over these items; `better`, `worse` and `tied` count the
    items. `p_exact` is McNemar's conditional p, for information. `p_adjusted` is p over the level, times
    5 %: below 0.05 where a difference is shown. `deviation` is that of the items' differences.
    `errors_baseline` and `errors_candidate` count results, also of items that are compared.
    `cases_needed` is how many more items would show the observed difference with a power of 80 % at the
    next look, None where it is shown, or where none is observed. `detectable` is the least true difference that these
    items show with that power. `worst_case` counts each error of the candidate as the least result and
    of the baseline as the largest; None without bounds, and where there is no error.
    """

    method: Method
    baseline: float | None
    candidate: float | None
    better: int
    worse: int
    tied: int
    errors_baseline: int
    errors_candidate: int
    margin: float | None
    p_exact: float | None
    p_adjusted: float | None
    deviation: float | None
    cases_needed: int | None
    detectable: float | None
    worst_case: PairedDifference | None


@dataclass(frozen=True, slots=True)
class _Test:
    method: Method
    interval: Bounds | None
    p: float | None
    p_exact: float | None
    more_cases: int | None
    detectable: float | None


def compare_variants(
    items: Sequence[PairedItem],
    *,
    margin: float | None = None,
    bounds: Bounds | None = (0.0, 1.0),
    level: float = LEVEL,
    next_level: float | None = None,
) -> Comparison:
    """Compare the candidate with the baseline over the same items.

    An item counts once, with the difference of its two means, however many repeats it has.
    - `mcnemar`: one pass or fail on both sides: the mid-p test, Tango's interval (`paired_tests.py`).
    - `bootstrap`: scores or repeats: the items' differences are resampled; expanded percentiles.
    - `student`: as that with fewer than 10 items: Student's t of the items' differences.
    - `sign`: as these where fewer than 5 items differ, or all by the same: the items that differ are
      tested as McNemar does; below 5 each counts as a difference of the whole range, which is wide
      but honest: such a spread cannot be estimated.

    `level` is the chance of a false difference, and `next_level` that of a look at more items, for which
    `cases_needed` is computed. Raises `StatisticsOptionInvalid` for a negative margin, or a result outside the bounds.
    """
    if margin is not None and not margin > 0:
        raise StatisticsOptionInvalid(
            f"The margin {margin!r} is not above 0.", hint="Give the largest loss you accept."
        )
    for item in items:
        check_bounds([item.baseline, item.candidate], bounds)
    means = [(_mean(item.baseline), _mean(item.candidate)) for item in items]
    pairs = [(old, new) for old, new in means if old is not None and new is not None]
    differences = [new - old for old, new in pairs]
    levels = level, level if next_level is None else next_level
    test = _test(pairs, levels, single=all(map(_is_single, items)), bounds=bounds)
    shown = _difference(differences, len(items), test, margin)
    n = len(pairs)
    better, worse = _signs(differences)
    undecided = shown.verdict not in ("better", "worse")
    return Comparison(
        n=n,
        coverage=shown.coverage,
        warnings=shown.warnings,
        difference=shown.difference,
        interval=shown.interval,
        p=shown.p,
        verdict=shown.verdict,
        not_worse=shown.not_worse,
        equivalent=shown.equivalent,
        method=test.method,
        baseline=_mean([old for old, _ in pairs]),
        candidate=_mean([new for _, new in pairs]),
        better=better,
        worse=worse,
        tied=n - better - worse,
        errors_baseline=_errors(item.baseline for item in items),
        errors_candidate=_errors(item.candidate for item in items),
        margin=margin,
        p_exact=test.p_exact,
        p_adjusted=None if shown.p is None else min(1.0, shown.p * LEVEL / level),
        deviation=deviation(differences) if n > 1 else None,
        cases_needed=test.more_cases if undecided else None,
        detectable=test.detectable,
        worst_case=_worst_case(items, margin, bounds, levels) if bounds else None,
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
        return _Test("student", interval, student_p(differences), None, *sized)
    law = resample([(difference, 1) for difference in differences], tails=level < LEVEL)
    return _Test("bootstrap", resampled_interval(law, n, level), resampled_p(law, n), None, *sized)


def _sign_test(
    method: Method, test: McNemar, width: float | None, mean: float, levels: Levels
) -> _Test:
    """Return the test of items won and lost, each by `width` (None: unknown); `mean` is in the interval."""
    if test.interval is None or test.difference is None:
        return _Test(method, None, None, None, None, None)
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
        test.p_exact if method == "mcnemar" else None,
        max(1, needed - test.n) if needed else None,
        least * width if least is not None and width is not None else None,
    )


def _worst_case(
    items: Sequence[PairedItem], margin: float | None, bounds: Bounds, levels: Levels
) -> PairedDifference | None:
    low, high = bounds
    if not any(None in (item.baseline or (None,)) + (item.candidate or (None,)) for item in items):
        return None
    charged = [
        PairedItem(_filled(item.baseline, high), _filled(item.candidate, low)) for item in items
    ]
    pairs = [(_mean(item.baseline) or 0.0, _mean(item.candidate) or 0.0) for item in charged]
    test = _test(pairs, levels, single=all(map(_is_single, charged)), bounds=bounds)
    return _difference([new - old for old, new in pairs], len(items), test, margin)


def _filled(results: Sequence[float | None], error: float) -> tuple[float, ...]:
    """Return the results with each error replaced; one is missing where there is none at all."""
    return tuple(error if result is None else result for result in results) or (error,)


def _difference(
    differences: Sequence[float], items: int, test: _Test, margin: float | None
) -> PairedDifference:
    not_worse, equivalent = _within(test.interval, margin)
    return PairedDifference(
        n=len(differences),
        coverage=len(differences) / items if items else None,
        warnings=about_items(len(differences), items - len(differences)),
        difference=_mean(differences),
        interval=test.interval,
        p=test.p,
        verdict=_verdict(test.interval, margin),
        not_worse=not_worse,
        equivalent=equivalent,
    )


def _verdict(interval: Bounds | None, margin: float | None) -> Verdict:
    if interval is None:
        return "no_difference_shown"
    if interval[0] > 0:
        return "better"
    if interval[1] < 0:
        return "worse"
    not_worse, equivalent = _within(interval, margin)
    if equivalent:
        return "equivalent"
    return "not_worse" if not_worse else "no_difference_shown"


def _within(interval: Bounds | None, margin: float | None) -> tuple[bool | None, bool | None]:
    if interval is None or margin is None:
        return None, None
    above = interval[0] > -margin
    return above, above and interval[1] < margin


def _mean(results: Sequence[float | None]) -> float | None:
    kept = [result for result in results if result is not None]
    return fsum(kept) / len(kept) if kept else None


def _signs(differences: Sequence[float]) -> tuple[int, int]:
    """Count the items that are better and worse."""
    return sum(each > 0 for each in differences), sum(each < 0 for each in differences)


def _is_single(item: PairedItem) -> bool:
    return len(item.baseline) <= 1 and len(item.candidate) <= 1


def _errors(sides: Iterable[Sequence[float | None]]) -> int:
    return sum(result is None for results in sides for result in results)
