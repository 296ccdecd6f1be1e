"""The leaderboard of a run: a query over its results, by contestant, dimension and level.

Promises: no score is blended of others; strict and canonical stand side by side; every average has its
interval and the number of its tasks; a result that failed counts as doing nothing, and in the completion
rate. Averages are macro averages: a task counts once, with the mean of its repeats, and its interval is
Student's over tasks (Wilson's where nearly all are alike); `pooled` has the scores of all cells together.

The order of contestants is that of the canonical error reduction over all tasks, the share of the errors
that are gone, net of new ones: to do nothing is 0, to harm is below. Then come F1, less corruption, and
the name. Control tasks, which have no errors, and public tables that models have seen, where there are
others, are apart from "all".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from math import inf
from operator import add
from statistics import fmean, median_low

from use_cases.benchmark.benchmark_runs import BenchmarkRun, PinnedContestant, TaskResult
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.repair_scores import RepairScores, score_repair
from use_cases.benchmark.scoring.task_score import RuleScores
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.mean_interval import mean_score

METRICS: Mapping[str, Callable[[RuleScores], float | None]] = {
    "f1": lambda scores: scores.repair.repair.f1,
    "precision": lambda scores: scores.repair.repair.precision,
    "recall": lambda scores: scores.repair.repair.recall,
    "repairable_recall": lambda scores: scores.repairable_recall,
    "detection_f1": lambda scores: scores.repair.detection.f1,
    "corruption_rate": lambda scores: scores.repair.corruption_rate,
    "trap_damage": lambda scores: scores.trap_damage,
    "error_reduction": lambda scores: scores.repair.error_reduction,
    "cell_accuracy": lambda scores: scores.repair.cell_accuracy,
    "drift_score": lambda scores: scores.drift.drift_score,
    "drift_reduction": lambda scores: scores.drift_reduction,
    "auditability_score": lambda scores: scores.audit.auditability_score,
    "reason_accuracy": lambda scores: scores.audit.reason_accuracy,
}
"""The scores that are averaged, by name."""

_UNBOUNDED = frozenset({"error_reduction", "drift_reduction"})
"""They are at most 1, and have no least value: harm has no end."""
_FEWEST_REPEATS = 2
LEVELS = (Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAverages:
    """The averages under one rule: `means` by the names of `METRICS`, `pooled` of all cells together."""

    means: Mapping[str, Statistic]
    pooled: RepairScores


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardRow:
    """A contestant over the tasks of a dimension and level; None: all but the control tasks.

    `completion_rate` is the share of results that did not fail. `reliability_score` is the mean
    likeness (Jaccard) of the edits of each two repeats of a task, None with one repeat. `cost` (US
    dollars) and tokens are sums, None where one is unknown; `latency_ms` is the median for a table.
    """

    contestant: str
    is_model: bool
    dimension: Dimension | None
    difficulty: Difficulty | None
    tasks: int
    results: int
    failed: int
    completion_rate: Statistic
    strict: RuleAverages
    canonical: RuleAverages
    reliability_score: Statistic
    rejected: int
    calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    latency_ms: int

    def under(self, rule: EqualityRule) -> RuleAverages:
        """The averages under a rule."""
        return self.strict if rule is EqualityRule.STRICT else self.canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The rows of a run, best contestant first: of each its whole, then its dimensions and levels.

    `done` of `planned` results are there.
    """

    run: BenchmarkRun
    done: int
    failed: int
    contestants: Sequence[str]
    rows: Sequence[LeaderboardRow]

    @property
    def partial(self) -> bool:
        """Whether results are missing."""
        return self.done < self.run.planned

    def row(
        self,
        contestant: str,
        dimension: Dimension | None = None,
        difficulty: Difficulty | None = None,
    ) -> LeaderboardRow | None:
        """One row; None where nothing of it is done."""
        wanted = (contestant, dimension, difficulty)
        return next(
            (r for r in self.rows if (r.contestant, r.dimension, r.difficulty) == wanted), None
        )

    @property
    def scopes(self) -> Sequence[tuple[Dimension | None, Difficulty | None]]:
        """The dimensions and levels of the rows, each once, in order."""
        return list(dict.fromkeys((row.dimension, row.difficulty) for row in self.rows))


def make_leaderboard(run: BenchmarkRun, results: Iterable[TaskResult]) -> Leaderboard:
    """Average the results of a run."""
    found = list(results)
    known = {result.task.known for result in found if _is_ordinary(result)}
    by_contestant = defaultdict[str, list[TaskResult]](list)
    for result in found:
        by_contestant[result.contestant].append(result)
    rows = {
        each.name: [
            _row(each, of_scope, *scope)
            for scope, of_scope in _scopes(by_contestant[each.name], both=len(known) > 1).items()
        ]
        for each in run.contestants
        if by_contestant[each.name]
    }
    ranked = sorted(rows, key=lambda name: _rank(rows[name][0]))
    return Leaderboard(
        run=run,
        done=len(found),
        failed=sum(bool(result.error) for result in found),
        contestants=ranked,
        rows=[row for name in ranked for row in rows[name]],
    )


_Scope = tuple[Dimension | None, Difficulty | None]


def _is_ordinary(result: TaskResult) -> bool:
    return result.task.dimension is not Dimension.CONTROL


def _scopes(results: Sequence[TaskResult], *, both: bool) -> Mapping[_Scope, list[TaskResult]]:
    """The results of each dimension and level; `both`: there are known tables and others."""
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
    by_task = defaultdict[str, list[TaskResult]](list)
    for result in results:
        by_task[result.task.task_id].append(result)
    failed = sum(bool(each.error) for each in results)
    likeness = [_likeness(each) for each in by_task.values()]
    return LeaderboardRow(
        contestant=contestant.name,
        is_model=contestant.is_model,
        dimension=dimension,
        difficulty=difficulty,
        tasks=len(by_task),
        results=len(results),
        failed=failed,
        completion_rate=mean_score([[float(not each.error)] for each in results]),
        strict=_averages(by_task.values(), EqualityRule.STRICT),
        canonical=_averages(by_task.values(), EqualityRule.CANONICAL),
        reliability_score=mean_score([[each] for each in likeness]),
        rejected=sum(each.rejected for each in results),
        calls=sum(each.calls for each in results),
        input_tokens=_sum(each.input_tokens for each in results),
        output_tokens=_sum(each.output_tokens for each in results),
        cost=_cost(each.cost for each in results),
        latency_ms=median_low([each.latency_ms for each in results]),
    )


def _averages(tasks: Iterable[Sequence[TaskResult]], rule: EqualityRule) -> RuleAverages:
    scores = [[result.score.under(rule) for result in repeats] for repeats in tasks]
    counts = [each.repair.counts for repeats in scores for each in repeats]
    return RuleAverages(
        means={
            name: mean_score(
                [[_mean(map(read, repeats))] for repeats in scores],
                bounds=None if name in _UNBOUNDED else (0.0, 1.0),
            )
            for name, read in METRICS.items()
        },
        pooled=score_repair(reduce(add, counts)),
    )


def _likeness(repeats: Sequence[TaskResult]) -> float | None:
    """The mean Jaccard index of the edits of each two repeats; two that changed nothing are alike."""
    if len(repeats) < _FEWEST_REPEATS:
        return None
    sets = [each.edits for each in repeats]
    return fmean(
        len(one & other) / len(one | other) if one | other else 1.0
        for place, one in enumerate(sets)
        for other in sets[:place]
    )


def _rank(row: LeaderboardRow) -> tuple[float, float, float, str]:
    means = row.canonical.means

    def value(name: str) -> float:
        found = means[name].value
        return -inf if found is None else found

    return (
        -value("error_reduction"),
        -value("f1"),
        means["corruption_rate"].value or 0.0,
        row.contestant,
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return min(1.0, fmean(known)) if known else None  # a mean of ones may round up


def _sum(values: Iterable[int | None]) -> int | None:
    found = list(values)
    return None if None in found else sum(value or 0 for value in found)


def _cost(values: Iterable[Decimal | None]) -> Decimal | None:
    found = list(values)
    return None if None in found else sum((value or Decimal(0) for value in found), Decimal(0))
