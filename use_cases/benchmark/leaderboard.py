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
from decimal import Decimal
from itertools import chain, starmap
from math import inf
from statistics import median_low

from use_cases.benchmark.benchmark_runs import BenchmarkRun, PinnedContestant, TaskResult
from use_cases.benchmark.contestants.rule_contestants import RULE_CONTESTANTS
from use_cases.benchmark.injection.inject_errors import LEVELS, RATES
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.benchmark.ports import total
from use_cases.benchmark.scoring.averages import (
    Averages,
    LevelScore,
    Robustness,
    TaskScores,
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

    def row(
        self,
        contestant: str,
        dimension: Dimension | None = None,
        difficulty: Difficulty | None = None,
    ) -> LeaderboardRow | None:
        """Returns one row; None where nothing of it is done."""
        wanted = (contestant, dimension, difficulty)
        return next(
            (r for r in self.rows if (r.contestant, r.dimension, r.difficulty) == wanted), None
        )

    def rows_of(self, contestant: str) -> Sequence[LeaderboardRow]:
        """Returns the rows of a contestant."""
        return [row for row in self.rows if row.contestant == contestant]

    def robustness(self, contestant: str) -> Sequence[Robustness]:
        """Returns the curves of a contestant: of each dimension with levels, under each rule."""
        found: list[Robustness] = []
        for dimension in Dimension:
            rows = [self.row(contestant, dimension, level) for level in LEVELS]
            there = [row for row in rows if row is not None]
            for rule in EqualityRule if there else ():
                curve = [_level_score(row, rule) for row in there]
                found.append(measure_robustness(dimension, rule, curve))
        return found

    @property
    def scopes(self) -> Sequence[tuple[Dimension | None, Difficulty | None]]:
        """The dimensions and levels of the rows, each once, in order."""
        return list(dict.fromkeys((row.dimension, row.difficulty) for row in self.rows))


def make_leaderboard(run: BenchmarkRun, results: Iterable[TaskResult]) -> Leaderboard:
    """Averages the results of a run."""
    found = list(results)
    known = {result.task.known for result in found if _is_ordinary(result)}
    there = {result.task.dimension for result in found if _is_ordinary(result)}
    by_contestant = defaultdict[str, list[TaskResult]](list)
    for result in found:
        by_contestant[result.contestant].append(result)
    scopes = {name: _scopes(of, both=len(known) > 1) for name, of in by_contestant.items()}
    rows = {
        each.name: [_row(each, of, *scope) for scope, of in scopes[each.name].items()]
        for each in run.spec.contestants
        if each.name in scopes
    }
    attempted = {name: _scores(_attempted(of[None, None])) for name, of in scopes.items()}
    every = list(attempted.values())
    common = {task for of in every for task in of if all(task in each for each in every)}
    ranked = sorted(rows, key=lambda name: _rank(name, attempted[name], common))
    return Leaderboard(
        run=run,
        done=len(found),
        failed=sum(bool(result.error) for result in found),
        first_failure=next(
            (f"{each.contestant}, {each.error}" for each in found if each.error), ""
        ),
        contestants=ranked,
        comparisons={
            dimension: _beside_first(
                {name: scopes[name].get((dimension, None), ()) for name in ranked}
            )
            for dimension in (None, *(each for each in Dimension if each in there))
        },
        rows=[row for name in ranked for row in rows[name]],
    )


_Scope = tuple[Dimension | None, Difficulty | None]


def _attempted(results: Sequence[TaskResult]) -> Sequence[TaskResult]:
    """Returns the results of the tasks that a contestant has means for, or changed something in."""
    left = {name: rule.leaves for name, rule in RULE_CONTESTANTS.items()}
    return [
        each
        for each in results
        if each.edits or each.rejected or each.task.dimension not in left.get(each.contestant, ())
    ]


def _is_ordinary(result: TaskResult) -> bool:
    return result.task.dimension is not Dimension.CONTROL


def _scopes(results: Sequence[TaskResult], *, both: bool) -> Mapping[_Scope, list[TaskResult]]:
    """Returns the results of each dimension and level; `both`: there are known tables and others."""
    found: dict[_Scope, list[TaskResult]] = {}
    whole = [each for each in results if _is_ordinary(each) and not (both and each.task.known)]
    found[None, None] = whole or list(results)
    for dimension in Dimension:
        of_dimension = [each for each in results if each.task.dimension is dimension]
        levels = [
            each for each in Difficulty if any(r.task.difficulty is each for r in of_dimension)
        ]
        if of_dimension:
            found[dimension, None] = of_dimension
        for level in levels if len(levels) > 1 else ():
            found[dimension, level] = [r for r in of_dimension if r.task.difficulty is level]
    return found


def _row(
    contestant: PinnedContestant,
    results: Sequence[TaskResult],
    dimension: Dimension | None,
    difficulty: Difficulty | None,
) -> LeaderboardRow:
    every, results = results, _attempted(results)
    by_task, table_of = _by_task(results), _table_of(results)
    failed = sum(bool(each.error) for each in results)
    scores = _scores(results)
    alike = {
        task: likeness([None if each.error else each.edited for each in repeats])
        for task, repeats in by_task.items()
    }
    passed = [
        all(passes(each.score) for each in by_task[task])
        for task, value in alike.items()
        if value is not None
    ]
    return LeaderboardRow(
        contestant=contestant.name,
        is_model=contestant.is_model,
        dimension=dimension,
        difficulty=difficulty,
        tasks=len(by_task),
        unattempted=len(_by_task(every)) - len(by_task),
        results=len(results),
        failed=failed,
        completion_rate=mean_score([[float(not each.error)] for each in results]),
        strict=average(scores, EqualityRule.STRICT, table_of),
        canonical=average(scores, EqualityRule.CANONICAL, table_of),
        reliability_score=mean_score([[each] for each in alike.values()]),
        pass_all=sum(passed) / len(passed) if passed else None,
        rejected=sum(each.rejected for each in results),
        calls=sum(each.calls for each in results),
        input_tokens=total(0, (each.input_tokens for each in results)),
        output_tokens=total(0, (each.output_tokens for each in results)),
        cost=total(Decimal(0), (each.cost for each in results)),
        latency_ms=median_low([each.latency_ms for each in every]),
    )


def _by_task(results: Sequence[TaskResult]) -> Mapping[str, Sequence[TaskResult]]:
    found = defaultdict[str, list[TaskResult]](list)
    for result in results:
        found[result.task.task_id].append(result)
    return found


def _scores(results: Sequence[TaskResult]) -> TaskScores:
    return {task: [each.score for each in of] for task, of in _by_task(results).items()}


def _table_of(results: Iterable[TaskResult]) -> Mapping[str, str]:
    return {each.task.task_id: each.task.table for each in results}


def _beside_first(results: Mapping[str, Sequence[TaskResult]]) -> Mapping[str, Comparison]:
    """Compares each contestant with the first, by the tasks that both attempt: tables are resampled, then
    their tasks.
    """
    ranked = {name: _scores(_attempted(of)) for name, of in results.items()}
    first, *others = ranked or [""]
    level, table_of = LEVEL / max(1, len(others)), _table_of(chain(*results.values()))

    def compared(name: str) -> Comparison:
        tasks = [task for task in ranked[first] if task in ranked[name]]
        both = (
            [metric_values(ranked[one][task], RANKED_BY, EqualityRule.CANONICAL) for task in tasks]
            for one in (first, name)
        )
        items = list(starmap(PairedItem, zip(*both, strict=True)))
        groups = [table_of[task] for task in tasks]
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


def _rank(name: str, scores: TaskScores, common: Set[str]) -> tuple[float, float, float, str]:
    """Returns the place of a contestant by the tasks that all attempt, or by its own where there are none."""
    kept = [of for task, of in scores.items() if task in common] or list(scores.values())

    def mean(metric: str) -> float:
        values = [metric_values(each, metric, EqualityRule.CANONICAL) for each in kept]
        found = mean_score(values, bounds=None).value
        return -inf if found is None else found

    return -mean(RANKED_BY), -mean("f1"), max(0.0, mean("corruption_rate")), name
