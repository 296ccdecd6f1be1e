"""Averages of a contestant's scores over tasks, and the comparison of two contestants.

Promises: every task counts once, however many repeats it has; a failed cleaning counts with the scores of
doing nothing, and in the completion rate; a task that has no value of a score is left out of that score
and counted. Intervals are over tasks, and two contestants are compared task by task. Scores of different
kinds are never blended. Leaves to others: the score of a task.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import fsum
from operator import add

from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.repair_scores import RepairScores, score_repair
from use_cases.benchmark.scoring.task_score import RuleScores, TaskScore
from use_cases.kernel.statistics.distributions import LEVEL
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.intervals import (
    FEWEST_RESAMPLED,
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
