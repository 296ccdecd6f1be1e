"""The leaderboard of a run: a query over its results, by contestant, dimension and level.

Promises: no score is blended of others; strict and canonical stand side by side; every average has its
interval and the number of its tasks; every task counts once, however many repeats it has; a result that failed counts
as doing nothing, and in the completion rate; a task that has no value of a score is left out of that score and
counted. Intervals resample tables, then tasks, because the tasks of one table are alike.

The order of contestants is that of the canonical error reduction over all tasks, the share of the errors
that are gone, net of new ones: to do nothing is 0, to harm is below. Then come F1, less corruption, and
the name. Control tasks, which have no errors, and public tables that models have seen, where there are
others, are apart from the row of all tasks. Tasks that a contestant does not attempt, because it has no means
for their errors and changed nothing, are in none of its averages, but counted; the order is by the tasks that all
attempt. Whether a place is more than chance is seen beside the first one, task by task, over all and in each
dimension.

Reliability: a repeat that failed is like no other one, and counts against completion; one repeat alone has
none, nor have repeats that all failed: nothing was measured. Robustness rests on recall and on damage as a table
holds more errors: F1 would mislead, because precision rises with the number of errors there are to find. Leaves
to others: the score of a task; repeats, which must not come out of a cache, else all are alike; levels over one
clean table, of which the harder hold the errors of the easier.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, combinations, pairwise
from math import fsum, inf
from statistics import linear_regression, median_low
from typing import TypeAlias

from use_cases.benchmark.benchmark_runs import (
    BenchmarkRun,
    PinnedContestant,
    PinnedTask,
    TaskResult,
)
from use_cases.benchmark.contestants.rule_contestants import RULE_CONTESTANTS
from use_cases.benchmark.injection.inject_errors import LEVELS, RATES
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.benchmark.ports import summed
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import METRICS, TaskScore
from use_cases.kernel.runs.record import TokenUsage
from use_cases.kernel.statistics.distributions import LEVEL
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.intervals import (
    FEWEST_RESAMPLED,
    mean_score,
    nested_interval,
    resample,
    resampled_interval,
    student_interval,
)
from use_cases.kernel.statistics.paired_comparison import Comparison, PairedItem, compare_variants

RANKED_BY = "error_reduction"
"""The metric of the order, under the canonical rule."""

PASSING_F1 = 0.9
MOST_DAMAGE = 0.001
"""A repeat passes with this F1 and no larger corruption rate."""
FEWEST_LEVELS = 3


Averages: TypeAlias = Mapping[str, Statistic]
"""The mean of each metric over tasks with its 95 % interval, None where all tasks are alike."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardRow(TokenUsage):
    """A contestant over the tasks of a dimension and level; None: all but the control tasks.

    `unattempted` tasks are in nothing else of the row.
    `completion_rate` is the share of results that did not fail. `reliability_score` is the mean over
    tasks of the likeness of repeats, `pass_all` of the chance that all repeats pass; both are without a
    value where tasks have one repeat. `cost` (US dollars) and tokens are sums, None where one is unknown;
    `latency_ms` is the median for a table.
    """

    contestant: str
    is_model: bool
    dimension: Dimension | None
    difficulty: Difficulty | None
    tasks: int
    unattempted: int
    results: int
    failed: int
    completion_rate: Statistic
    strict: Averages
    canonical: Averages
    reliability_score: Statistic
    pass_all: float | None
    rejected: int
    calls: int
    latency_ms: int

    def under(self, rule: EqualityRule) -> Averages:
        """Returns the averages under a rule."""
        return self.strict if rule is EqualityRule.STRICT else self.canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The rows of a run, best contestant first: of each its whole, then its dimensions and levels.

    `done` of `planned` results are there, `failed` of them without anything usable; `first_failure` says
    whose was the first, and why. `comparisons` has each contestant but the first beside the
    first, over all tasks (None) and in each dimension: the difference of their canonical error reductions over
    the tasks that both attempt, below 0 where the first is better, adjusted for their number.
    """

    run: BenchmarkRun
    done: int
    failed: int
    first_failure: str
    contestants: Sequence[str]
    comparisons: Mapping[Dimension | None, Mapping[str, Comparison]]
    rows: Sequence[LeaderboardRow]

    def beside(self, contestant: str, dimension: Dimension | None = None) -> Comparison | None:
        """Returns the comparison with the first; None of the first itself."""
        return self.comparisons.get(dimension, {}).get(contestant)

    @property
    def partial(self) -> bool:
        """True where results are missing."""
        return self.done < self.run.spec.matrix.size

    def at(
        self, dimension: Dimension | None = None, difficulty: Difficulty | None = None
    ) -> Sequence[LeaderboardRow]:
        """Returns the rows of a dimension and level, best contestant first."""
        return [r for r in self.rows if (r.dimension, r.difficulty) == (dimension, difficulty)]

    def row(
        self,
        contestant: str,
        dimension: Dimension | None = None,
        difficulty: Difficulty | None = None,
    ) -> LeaderboardRow | None:
        """Returns one row; None where nothing of it is done."""
        rows = self.at(dimension, difficulty)
        return next((row for row in rows if row.contestant == contestant), None)

    def rows_of(self, contestant: str) -> Sequence[LeaderboardRow]:
        """Returns the rows of a contestant."""
        return [row for row in self.rows if row.contestant == contestant]

    def robustness(self, contestant: str) -> Sequence[Robustness]:
        """Returns the curves of a contestant: of each dimension with levels, under each rule."""
        rows = {(row.dimension, row.difficulty): row for row in self.rows_of(contestant)}
        return [
            measure_robustness(dimension, rule, [_level_score(row, rule) for row in there])
            for dimension in Dimension
            if (there := [rows[dimension, each] for each in LEVELS if (dimension, each) in rows])
            for rule in EqualityRule
        ]

    @property
    def scopes(self) -> Sequence["_Scope"]:
        """The dimensions and levels of the rows, each once, in order."""
        return list(dict.fromkeys((row.dimension, row.difficulty) for row in self.rows))


def make_leaderboard(run: BenchmarkRun, results: Iterable[TaskResult]) -> Leaderboard:
    """Averages the results of a run."""
    found = list(results)
    ordinary = [each.task for each in found if each.task.dimension is not Dimension.CONTROL]
    both, there = len({task.known for task in ordinary}) > 1, {task.dimension for task in ordinary}
    parts = {
        each: _parts(own, both=both)
        for each in run.spec.contestants
        if (own := [result for result in found if result.contestant == each.name])
    }
    whole = {each.name: parts[each][None, None].attempted for each in parts}
    common = set(chain(*whole.values())).intersection(*whole.values())
    ranked = sorted(parts, key=lambda each: _rank(each.name, whole[each.name], common))
    return Leaderboard(
        run=run,
        done=len(found),
        failed=sum(bool(result.error) for result in found),
        first_failure=next(
            (f"{each.contestant}, {each.error}" for each in found if each.error), ""
        ),
        contestants=[each.name for each in ranked],
        comparisons={
            dimension: _beside_first(
                {each.name: parts[each].get((dimension, None), _Part([])) for each in ranked}
            )
            for dimension in (None, *(each for each in Dimension if each in there))
        },
        rows=[_row(each, part, *scope) for each in ranked for scope, part in parts[each].items()],
    )


class _Part:
    """The results of a contestant in a dimension and level; those of tasks that it has means for, or changed
    something in, by task.
    """

    def __init__(self, results: Sequence[TaskResult]) -> None:
        self.results = results
        self.attempted = defaultdict[PinnedTask, list[TaskResult]](list)
        for each in results:
            rule = RULE_CONTESTANTS.get(each.contestant)
            left = rule is not None and each.task.dimension in rule.leaves
            if each.edits or each.rejected or not left:
                self.attempted[each.task].append(each)


_Scope = tuple[Dimension | None, Difficulty | None]


def _parts(results: Sequence[TaskResult], *, both: bool) -> Mapping[_Scope, _Part]:
    """Returns the results of each dimension and level; `both`: there are known tables and others."""
    control = Dimension.CONTROL
    whole = [r for r in results if r.task.dimension is not control and not (both and r.task.known)]
    found: dict[_Scope, Sequence[TaskResult]] = {(None, None): whole or results}
    for dimension in Dimension:
        of = [each for each in results if each.task.dimension is dimension]
        if of:
            found[dimension, None] = of
        levels = [each for each in Difficulty if any(r.task.difficulty is each for r in of)]
        for level in levels if len(levels) > 1 else ():
            found[dimension, level] = [each for each in of if each.task.difficulty is level]
    return {scope: _Part(of) for scope, of in found.items()}


def _row(
    contestant: PinnedContestant,
    part: _Part,
    dimension: Dimension | None,
    difficulty: Difficulty | None,
) -> LeaderboardRow:
    tasks = part.attempted
    results = list(chain(*tasks.values()))
    scores = [[each.score for each in of] for of in tasks.values()]
    tables = [task.table for task in tasks]
    alike = [
        likeness([None if each.error else each.edited for each in of]) for of in tasks.values()
    ]
    passed = [
        all(map(passes, of)) for of, value in zip(scores, alike, strict=True) if value is not None
    ]
    return LeaderboardRow(
        contestant=contestant.name,
        is_model=contestant.is_model,
        dimension=dimension,
        difficulty=difficulty,
        tasks=len(tasks),
        unattempted=len({each.task for each in part.results}) - len(tasks),
        results=len(results),
        failed=sum(bool(each.error) for each in results),
        completion_rate=mean_score([[float(not each.error)] for each in results]),
        strict=average(scores, EqualityRule.STRICT, tables),
        canonical=average(scores, EqualityRule.CANONICAL, tables),
        reliability_score=mean_score([[each] for each in alike]),
        pass_all=sum(passed) / len(passed) if passed else None,
        rejected=sum(each.rejected for each in results),
        latency_ms=median_low([each.latency_ms for each in part.results]),
        **summed(results),
    )


def _beside_first(parts: Mapping[str, _Part]) -> Mapping[str, Comparison]:
    """Compares each contestant with the first, by the tasks that both attempt: tables are resampled, then
    their tasks.
    """
    first, *others = parts or [""]
    level = LEVEL / max(1, len(others))

    def compared(name: str) -> Comparison:
        mine, theirs = parts[first].attempted, parts[name].attempted
        tasks = [task for task in mine if task in theirs]
        items = [
            PairedItem(_values(mine[task], RANKED_BY), _values(theirs[task], RANKED_BY))
            for task in tasks
        ]
        groups = [task.table for task in tasks]
        return compare_variants(items, bounds=None, level=level, groups=groups)

    return {name: compared(name) for name in others}


def _rank(
    name: str, results: Mapping[PinnedTask, Sequence[TaskResult]], common: Set[PinnedTask]
) -> tuple[float, float, float, str]:
    """Returns the place of a contestant by the tasks that all attempt, or by its own where there are none."""
    kept = [of for task, of in results.items() if task in common] or list(results.values())

    def mean(metric: str) -> float:
        found = mean_score([_values(of, metric) for of in kept], bounds=None).value
        return -inf if found is None else found

    return -mean(RANKED_BY), -mean("f1"), max(0.0, mean("corruption_rate")), name


def _values(results: Sequence[TaskResult], metric: str) -> tuple[float | None, ...]:
    return tuple(METRICS[metric](each.score.canonical) for each in results)


def average(
    scores: Sequence[Sequence[TaskScore]], rule: EqualityRule, tables: Sequence[str]
) -> Averages:
    """Averages over tasks, under a rule: of each task the scores of its repeats, and its table."""
    return {
        name: _mean([[metric(each.under(rule)) for each in of] for of in scores], name, tables)
        for name, metric in METRICS.items()
    }


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


def _level_score(row: LeaderboardRow, rule: EqualityRule) -> LevelScore:
    means = row.under(rule)
    return LevelScore(
        level=RATES[row.difficulty or LEVELS[0]],
        recall=means["recall"].value,
        corruption_rate=means["corruption_rate"].value,
        f1=means["f1"].value or 0.0,
    )


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
