"""Averages of a contestant's scores over tasks, the likeness of its repeats, and its robustness.

Promises: every task counts once, however many repeats it has; a failed cleaning counts with the scores of
doing nothing, and in the completion rate; a task that has no value of a score is left out of that score
and counted. Intervals resample tables, then tasks, because the tasks of one table are alike. Scores of different kinds are never blended.

Reliability: a repeat that failed is like no other one, and counts against completion; one repeat alone has
none, nor have repeats that all failed: nothing was measured. Robustness rests on recall and on damage as a table
holds more errors: F1 would mislead, because precision rises with the number of errors there are to find. Leaves
to others: the score of a task; repeats, which must not come out of a cache, else all are alike; levels over one
clean table, of which the harder hold the errors of the easier.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import fsum, inf
from statistics import linear_regression
from typing import TypeAlias

from use_cases.benchmark.model import Dimension
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.repair_scores import RepairScores
from use_cases.benchmark.scoring.task_score import RuleScores, TaskScore
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.intervals import (
    FEWEST_RESAMPLED,
    mean_score,
    nested_interval,
    resample,
    resampled_interval,
    student_interval,
)

PASSING_F1 = 0.9
MOST_DAMAGE = 0.001
"""A repeat passes with this F1 and no larger corruption rate."""


def passes(score: TaskScore) -> bool:
    """Returns true for a cleaning that came to an end, repaired nearly all and damaged next to nothing."""
    repair = score.first.repair
    return (
        score.status == "scored"
        and repair.repair.f1 >= PASSING_F1
        and (repair.corruption_rate or 0.0) <= MOST_DAMAGE
    )


def likeness(repeats: Sequence[frozenset[bytes] | None]) -> float | None:
    """Returns how alike the edits of the repeats of a task are; a repeat that failed has None.

    It is the mean over pairs of repeats of the Jaccard index of their edits: 1 where both have none, 0
    where one failed. It is None with one repeat, or where all failed.
    """
    if not any(edits is not None for edits in repeats):
        return None
    alike = [
        0.0 if one is None or other is None else jaccard(one, other)
        for one, other in combinations(repeats, 2)
    ]
    return fsum(alike) / len(alike) if alike else None


def jaccard(one: frozenset[bytes], other: frozenset[bytes]) -> float:
    """Returns the share of the edits of either that both have; 1 of none."""
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
    """The hold of recall in a dimension under one rule; None below three levels with a recall.

    `robustness_score` is the area under recall over the levels, by the range of levels, from 0 to 1.
    `retention` is the recall at the hardest level by that at the easiest, None where that is 0.
    `slope` is the change of recall from no errors to all, by least squares. `curve` has the means of
    each level.
    """

    dimension: Dimension
    rule: EqualityRule
    robustness_score: float | None
    retention: float | None
    slope: float | None
    curve: Sequence[LevelScore]


def measure_robustness(
    dimension: Dimension, rule: EqualityRule, curve: Sequence[LevelScore]
) -> Robustness:
    """Compares the scores of one contestant at several levels, the easiest first."""
    points = [(each.level, each.recall) for each in curve if each.recall is not None]
    score = retention = slope = None
    if len(points) >= FEWEST_LEVELS:
        (easy, most), (hard, least) = points[0], points[-1]
        area = fsum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(points))
        score, slope = area / (hard - easy), linear_regression(*zip(*points, strict=True)).slope
        retention = least / most if most else None
    return Robustness(
        dimension=dimension,
        rule=rule,
        robustness_score=score,
        retention=retention,
        slope=slope,
        curve=curve,
    )


Metric: TypeAlias = Callable[[RuleScores], float | None]


def _unless_clean(score: Callable[[RepairScores], float | None]) -> Metric:
    """A task without errors has nothing to find or to repair: only damage counts there."""
    return lambda found: score(found.repair) if found.repair.counts.errors else None


METRICS: Mapping[str, Metric] = {
    "f1": _unless_clean(lambda found: found.repair.f1),
    "precision": _unless_clean(lambda found: found.repair.precision),
    "recall": _unless_clean(lambda found: found.repair.recall),
    "detection_f1": _unless_clean(lambda found: found.detection.f1),
    "repairable_recall": lambda found: found.repairable_recall,
    "corruption_rate": lambda found: found.repair.corruption_rate,
    "trap_damage": lambda found: found.trap_damage,
    "error_reduction": lambda found: found.repair.error_reduction,
    "cell_accuracy": lambda found: found.repair.cell_accuracy,
    "drift_score": lambda found: found.drift_score,
    "drift_reduction": lambda found: found.drift_reduction,
    "auditability_score": lambda found: found.audit.auditability_score,
    "reason_accuracy": lambda found: found.audit.reason_accuracy,
    "duplicate_f1": lambda found: found.duplicates and found.duplicates.pairs.f1,
    "survivor_accuracy": lambda found: found.duplicates and found.duplicates.survivor_accuracy,
}
"""The scores that are averaged, by their names: from 0 to 1, but for reductions, which harm makes negative."""


Averages: TypeAlias = Mapping[str, Statistic]
"""The mean of each metric over tasks with its 95 % interval, None where all tasks are alike."""


def average(
    scores: Sequence[Sequence[TaskScore]], rule: EqualityRule, tables: Sequence[str]
) -> Averages:
    """Averages over tasks, under a rule: of each task the scores of its repeats, and its table."""
    return {
        name: _mean([metric_values(repeats, name, rule) for repeats in scores], name, tables)
        for name in METRICS
    }


def metric_values(
    repeats: Sequence[TaskScore], metric: str, rule: EqualityRule
) -> tuple[float | None, ...]:
    """Returns the metric of each repeat of a task, under a rule."""
    return tuple(METRICS[metric](each.under(rule)) for each in repeats)


def _mean(
    values: Sequence[Sequence[float | None]], metric: str, tables: Sequence[str]
) -> Statistic:
    """Returns the mean over tasks. Its interval resamples tables, then tasks; of one table tasks, or it is
    Student's t below ten of them.

    Tasks that are all alike have none: a share of thousands of cells is no single pass or fail.
    """
    mean = mean_score(values, bounds=None)
    means, by_table = list[float](), defaultdict[str, list[float]](list)
    for table, repeats in zip(tables, values, strict=True):
        if kept := [each for each in repeats if each is not None]:
            means.append(fsum(kept) / len(kept))
            by_table[table].append(means[-1])
    if len(set(means)) <= 1:
        return replace(mean, interval=None)
    if len(by_table) > 1:
        interval = nested_interval(list(by_table.values()))
    elif len(means) < FEWEST_RESAMPLED:
        interval = student_interval(means)
    else:
        interval = resampled_interval(resample([(each, 1) for each in means]), len(means))
    if interval:
        least = -inf if metric.endswith("_reduction") else 0.0
        interval = max(least, interval[0]), min(1.0, interval[1])
    return replace(mean, interval=interval)
