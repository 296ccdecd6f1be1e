"""The leaderboard of a run: a query over its results, by contestant, dimension and level.

Promises: no score is blended of others; strict and canonical stand side by side; every average has its
interval and the number of its tasks; a result that failed counts as doing nothing, and in the completion
rate. Leaves to others: the averages, reliability and robustness (`scoring`).

The order of contestants is that of the canonical error reduction over all tasks, the share of the errors
that are gone, net of new ones: to do nothing is 0, to harm is below. Then come F1, less corruption, and
the name. Control tasks, which have no errors, and public tables that models have seen, where there are
others, are apart from the row of all tasks. Tasks that a contestant does not attempt, because it has no means
for their errors and changed nothing, are in none of its averages, but counted; the order is by the tasks that all
attempt. Whether a place is more than chance is seen beside the first one, task by task, over all and in each
dimension.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from math import inf
from statistics import median_low

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
from use_cases.benchmark.scoring.averages import (
    Averages,
    LevelScore,
    Robustness,
    average,
    likeness,
    measure_robustness,
    metric_values,
    passes,
)
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.kernel.runs.record import TokenUsage
from use_cases.kernel.statistics.distributions import LEVEL
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.intervals import mean_score
from use_cases.kernel.statistics.paired_comparison import Comparison, PairedItem, compare_variants

RANKED_BY = "error_reduction"
"""The metric of the order, under the canonical rule."""


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


def _values(results: Sequence[TaskResult], metric: str) -> tuple[float | None, ...]:
    return metric_values([each.score for each in results], metric, EqualityRule.CANONICAL)


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


def _level_score(row: LeaderboardRow, rule: EqualityRule) -> LevelScore:
    means = row.under(rule)
    return LevelScore(
        level=RATES[row.difficulty or LEVELS[0]],
        recall=means["recall"].value,
        corruption_rate=means["corruption_rate"].value,
        f1=means["f1"].value or 0.0,
    )


def _rank(
    name: str, results: Mapping[PinnedTask, Sequence[TaskResult]], common: Set[PinnedTask]
) -> tuple[float, float, float, str]:
    """Returns the place of a contestant by the tasks that all attempt, or by its own where there are none."""
    kept = [of for task, of in results.items() if task in common] or list(results.values())

    def mean(metric: str) -> float:
        found = mean_score([_values(of, metric) for of in kept], bounds=None).value
        return -inf if found is None else found

    return -mean(RANKED_BY), -mean("f1"), max(0.0, mean("corruption_rate")), name
