"""Averages of a contestant's scores over tasks, its reliability and robustness, and the comparison of two.

Promises: every task counts once, however many repeats it has; a failed cleaning counts with the scores of
doing nothing, and in the completion rate; a task that has no value of a score is left out of that score
and counted. Intervals are over tasks, and two contestants are compared task by task. Scores of different
kinds are never blended.

Reliability: a repeat that failed is like no other one, and counts against completion; one repeat alone has
none, nor have repeats that all failed: nothing was measured. Robustness rests on recall and on damage as a table
holds more errors: F1 would mislead, because precision rises with the number of errors there are to find. Leaves
to others: the score of a task; repeats, which must not come out of a cache, else all are alike; levels over one
clean table, of which the harder hold the errors of the easier.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations, groupby, pairwise
from math import comb, fsum
from operator import add
from typing import TypeAlias

from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.repair_scores import RepairScores, score_repair
from use_cases.benchmark.scoring.task_score import RuleScores, TaskScore
from use_cases.kernel.statistics.distributions import LEVEL
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.intervals import (
    FEWEST_RESAMPLED,
    deviation,
    mean_score,
    resample,
    resampled_interval,
    student_interval,
)
from use_cases.kernel.statistics.paired_comparison import (
    Comparison,
    PairedItem,
    compare_variants,
)

Edits: TypeAlias = frozenset[Hashable]
"""What stands for each edited cell and its new value, the same in every repeat."""

PASSING_F1 = 0.9
MOST_DAMAGE = 0.001
"""A repeat passes with this F1 and no larger corruption rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One of several cleanings of a task: its edits, and its scores under one rule."""

    edits: Edits
    f1: float
    corruption_rate: float | None
    completed: bool = True

    @property
    def passed(self) -> bool:
        """Whether it came to an end, repaired nearly all, and damaged next to nothing."""
        return (
            self.completed
            and self.f1 >= PASSING_F1
            and (self.corruption_rate or 0.0) <= MOST_DAMAGE
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How alike the repeats of a task are; None with one repeat, or where all failed.

    `reliability_score` is the mean over pairs of repeats of the Jaccard index of their edits, 1 where
    both have none, and 0 where one failed. `exact_agreement` is the share of pairs with the same edits. `f1_deviation` is the
    standard deviation. `pass_all` is for each number k of repeats the chance that k of them, drawn
    without replacement, all pass: pass^k (tau-bench, Yao and others, 2024).
    """

    repeats: int
    reliability_score: float | None
    exact_agreement: float | None
    f1_deviation: float | None
    completion_rate: float | None
    passed: int
    pass_all: tuple[float, ...]


def measure_reliability(repeats: Sequence[Repeat]) -> Reliability:
    """Compare all repeats of one task by one contestant with each other."""
    count = len(repeats)
    alike = [
        jaccard(one.edits, other.edits) if one.completed and other.completed else 0.0
        for one, other in combinations(repeats, 2)
        if any(each.completed for each in repeats)
    ]
    passed = sum(each.passed for each in repeats)
    return Reliability(
        repeats=count,
        reliability_score=fsum(alike) / len(alike) if alike else None,
        exact_agreement=alike.count(1.0) / len(alike) if alike else None,
        f1_deviation=deviation([each.f1 for each in repeats]) if count > 1 else None,
        completion_rate=sum(each.completed for each in repeats) / count if count else None,
        passed=passed,
        pass_all=tuple(comb(passed, k) / comb(count, k) for k in range(1, count + 1)),
    )


def jaccard(one: Edits, other: Edits) -> float:
    """The share of the edits of either that both have; 1 of none."""
    either = len(one | other)
    return len(one & other) / either if either else 1.0


FEWEST_LEVELS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelScore:
    """The scores at one level, which is the share of wrong cells of the dirty table."""

    level: float
    recall: float | None
    corruption_rate: float | None
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """How recall holds from the easiest level to the hardest; None below three levels with a recall.

    `robustness_score` is the area under recall over the levels, by the range of levels, from 0 to 1.
    `retention` is the recall at the hardest level by that at the easiest, None where that is 0.
    `slope` is the change of recall from no errors to all, by least squares. `curve` has the means of
    each level.
    """

    robustness_score: float | None
    retention: float | None
    slope: float | None
    curve: tuple[LevelScore, ...]


def measure_robustness(scores: Sequence[LevelScore]) -> Robustness:
    """Compare the scores of one contestant at several levels; those of one level are averaged."""
    ordered = sorted(scores, key=lambda each: each.level)
    curve = tuple(_mean_score(level, each) for level, each in groupby(ordered, lambda s: s.level))
    points = [(each.level, each.recall) for each in curve if each.recall is not None]
    if len(points) < FEWEST_LEVELS:
        return Robustness(robustness_score=None, retention=None, slope=None, curve=curve)
    (easy, most), (hard, least) = points[0], points[-1]
    area = fsum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(points))
    return Robustness(
        robustness_score=area / (hard - easy),
        retention=least / most if most else None,
        slope=_slope(points),
        curve=curve,
    )


def _mean_score(level: float, scores: Iterable[LevelScore]) -> LevelScore:
    found = list(scores)
    return LevelScore(
        level=level,
        recall=_mean_of_known([each.recall for each in found]),
        corruption_rate=_mean_of_known([each.corruption_rate for each in found]),
        f1=fsum(each.f1 for each in found) / len(found),
    )


def _mean_of_known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) / len(known) if known else None


def _slope(points: Sequence[tuple[float, float]]) -> float:
    middle = fsum(x for x, _ in points) / len(points)
    spread = fsum((x - middle) ** 2 for x, _ in points)
    return fsum((x - middle) * y for x, y in points) / spread


@dataclass(frozen=True, slots=True)
class Metric:
    """A score of a task, and its least and largest value; None where it has none."""

    of: Callable[[RuleScores], float | None]
    bounds: tuple[float, float] | None = (0.0, 1.0)
    more_is_better: bool = True


def _unless_clean(score: Callable[[RepairScores], float | None]) -> Metric:
    """A task without errors has nothing to find or to repair: only damage counts there."""
    return Metric(lambda found: score(found.repair) if found.repair.counts.errors else None)


METRICS: Mapping[str, Metric] = {
    "f1": _unless_clean(lambda found: found.repair.f1),
    "precision": _unless_clean(lambda found: found.repair.precision),
    "recall": _unless_clean(lambda found: found.repair.recall),
    "detection_f1": _unless_clean(lambda found: found.detection.f1),
    "repairable_recall": Metric(lambda found: found.repairable_recall),
    "corruption_rate": Metric(lambda found: found.repair.corruption_rate, more_is_better=False),
    "trap_damage": Metric(lambda found: found.trap_damage, more_is_better=False),
    "error_reduction": Metric(lambda found: found.repair.error_reduction, bounds=None),
    "cell_accuracy": Metric(lambda found: found.repair.cell_accuracy),
    "drift_score": Metric(lambda found: found.drift.drift_score, more_is_better=False),
    "drift_reduction": Metric(lambda found: found.drift_reduction, bounds=None),
    "auditability_score": Metric(lambda found: found.audit.auditability_score),
    "reason_accuracy": Metric(lambda found: found.audit.reason_accuracy),
    "duplicate_f1": Metric(lambda found: found.duplicates.pairs.f1 if found.duplicates else None),
    "survivor_accuracy": Metric(
        lambda found: found.duplicates.survivor_accuracy if found.duplicates else None
    ),
}
"""The scores that are averaged, by their names."""

TaskScores = Mapping[str, Sequence[TaskScore]]
"""The scores of every repeat, by the id of the task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Averages:
    """A contestant over all tasks, under one rule.

    `macro` has the mean of each metric over tasks with its 95 % interval, None where all tasks are
    alike. `micro` is computed from the
    summed counts of the cells of all tasks and repeats.
    """

    tasks: int
    cleanings: int
    completion_rate: float | None
    macro: Mapping[str, Statistic]
    micro: RepairScores | None


def average(scores: TaskScores, rule: EqualityRule | None = None) -> Averages:
    """Average over tasks, under a rule; without one each task under its headline's."""
    cleanings = [each for repeats in scores.values() for each in repeats]
    counts = [_under(each, rule).repair.counts for each in cleanings]
    return Averages(
        tasks=len(scores),
        cleanings=len(cleanings),
        completion_rate=sum(each.status == "scored" for each in cleanings) / len(cleanings)
        if cleanings
        else None,
        macro={
            name: _mean([_values(repeats, metric, rule) for repeats in scores.values()], metric)
            for name, metric in METRICS.items()
        },
        micro=score_repair(reduce(add, counts)) if counts else None,
    )


def compare_contestants(
    baseline: TaskScores,
    candidate: TaskScores,
    metric: str,
    rule: EqualityRule | None = None,
    level: float = LEVEL,
) -> Comparison:
    """Is the candidate better by this metric of `METRICS`, over the tasks that both have?

    The differences of the tasks are resampled (paired bootstrap), as `compare_variants` does. Where
    less is better both are negated, so that a difference above 0 is always for the better.
    """
    chosen = METRICS[metric]
    sign = 1.0 if chosen.more_is_better else -1.0
    bounds = chosen.bounds
    if bounds and not chosen.more_is_better:
        bounds = -bounds[1], -bounds[0]
    items = [
        PairedItem(
            *(
                tuple(None if v is None else sign * v for v in _values(side[task], chosen, rule))
                for side in (baseline, candidate)
            )
        )
        for task in baseline
        if task in candidate
    ]
    return compare_variants(items, bounds=bounds, level=level)


def _mean(values: Sequence[Sequence[float | None]], metric: Metric) -> Statistic:
    """The mean over tasks. Its interval is the bootstrap's by tasks, or Student's t below ten of them.

    Tasks that are all alike have none: a share of thousands of cells is no single pass or fail.
    """
    mean = mean_score(values, bounds=None)
    kept = [[each for each in repeats if each is not None] for repeats in values]
    means = [fsum(repeats) / len(repeats) for repeats in kept if repeats]
    if len(set(means)) <= 1:
        return replace(mean, interval=None)
    if len(means) < FEWEST_RESAMPLED:
        interval = student_interval(means)
    else:
        interval = resampled_interval(resample([(each, 1) for each in means]), len(means))
    if interval and metric.bounds:
        low, high = metric.bounds
        interval = max(low, interval[0]), min(high, interval[1])
    return replace(mean, interval=interval)


def _values(
    repeats: Sequence[TaskScore], metric: Metric, rule: EqualityRule | None
) -> list[float | None]:
    return [metric.of(_under(each, rule)) for each in repeats]


def _under(score: TaskScore, rule: EqualityRule | None) -> RuleScores:
    return score.under(rule or score.headline)
