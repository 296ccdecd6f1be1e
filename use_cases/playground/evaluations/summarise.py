"""Sums up an evaluation from its rows: totals with intervals, and the comparison with the baseline.

Promises: a summary is computed from the rows that are there, and from nothing else; errors and
unchecked cells are in no rate; repeats of a case count as one case; all comparisons of a run are judged
as one family, and none before the run has come to its end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from statistics import median_low, quantiles
from typing import TypeAlias

from use_cases.kernel.jobs.model import Address, ItemResult, JobState
from use_cases.kernel.statistics.distributions import level_of
from use_cases.kernel.statistics.intervals import mean_score
from use_cases.kernel.statistics.paired_comparison import PairedItem, compare_variants
from use_cases.playground.evaluations.cell_records import Brief, Compared, read_brief
from use_cases.playground.grading import sum_known
from use_cases.playground.model import (
    Comparison,
    EvalRun,
    EvaluationSummary,
    Finding,
    Interval,
    MetricTotal,
    VariantTotal,
    Verdict,
)

_FINDINGS = {"better": Finding.BETTER, "worse": Finding.WORSE}
_FEWEST_COMPARED = 2


@dataclass(slots=True)
class _Column:
    """The cells of one variant, by case place and repeat; `spent` is on outputs, of all attempts."""

    briefs: dict[tuple[int, int], Brief] = field(default_factory=dict[tuple[int, int], Brief])
    spent: Decimal = Decimal(0)
    lost: int = 0
    lost_cells: list[Brief] = field(default_factory=list[Brief])

    @property
    def errors(self) -> int:
        """The number of cells that ended in an error, of the target or of a check."""
        return sum(map(_is_error, self.briefs.values()))


Results: TypeAlias = tuple[float | None, ...]
"""The results of a cell: a number from 0 to 1, None for an error, nothing where none was wanted."""
Read: TypeAlias = Callable[[Brief], Results]

_ERROR: Results = (None,)
_PASSES: Mapping[Verdict | None, Results] = {
    Verdict.PASSED: (1.0,),
    Verdict.FAILED: (0.0,),
    Verdict.UNCHECKED: (),
    Verdict.ERROR: _ERROR,
    None: _ERROR,
}


class Summing:
    """Takes the rows of a run one by one, and sums them up.

    `compared` is None for a run that compares no outputs; in others a cell is done when it is compared.
    """

    def __init__(self, run: EvalRun, compared: Compared | None) -> None:
        self._run = run
        self._compared = compared
        self._columns = {each.name: _Column() for each in run.spec.plan.variants}

    def add(self, items: Iterable[ItemResult]) -> None:
        """Takes finished items."""
        for item in items:
            address = Address.of(item)
            if address.variant is None:
                continue
            place = (address.case, address.repeat)
            of_case = self._compared.get(place) if self._compared is not None else None
            if self._compared is not None and of_case is None:
                continue
            brief = read_brief(item, of_case.results.get(item.group, ()) if of_case else ())
            column = self._columns[item.group]
            column.briefs[place] = brief
            column.spent += item.cost - brief.judged
            if lost := item.attempts - item.finishes:
                column.lost += lost
                column.lost_cells += [brief] * lost

    def summary(self, looks: Mapping[str, int]) -> EvaluationSummary:
        """Returns the summary of what was taken; `looks` has the number of this look at each candidate."""
        spec = self._run.spec
        planned = spec.cases * spec.plan.repeats
        columns = self._columns
        return EvaluationSummary(
            run=self._run,
            cases=spec.cases,
            planned=planned * len(columns),
            done=sum(len(each.briefs) for each in columns.values()),
            errors=sum(each.errors for each in columns.values()),
            totals=[_total(name, each, planned) for name, each in columns.items()],
            comparisons=self._comparisons(looks),
        )

    def unmet(self, variant: str) -> Sequence[int]:
        """Returns the places of cases with a required assertion that failed or is an error.

        An output that ended in an error was not asked for any.
        """
        briefs = self._columns[variant].briefs
        return sorted({case for (case, _), brief in briefs.items() if brief.held < brief.required})

    def lost(self, before: str, after: str) -> Sequence[int]:
        """Returns the places of cases whose required assertions all passed in one variant, and not all
        did in another: one failed, or is an error.
        """
        old, new = self._columns[before].briefs, self._columns[after].briefs
        asked = {case for (case, _), brief in old.items() if brief.required}
        held = asked - _not_held(old)
        kept = {case for case, _ in new} - _not_held(new)
        return sorted(held - kept)

    def _comparisons(self, looks: Mapping[str, int]) -> Sequence[Comparison]:
        """Returns every candidate beside the baseline, as a whole and by metric: one family."""
        names = list(self._columns)
        if len(names) < _FEWEST_COMPARED:
            return ()
        baseline = self._run.spec.plan.baseline or names[0]
        old = self._columns[baseline]
        finished = self._run.state is JobState.COMPLETED
        family = [
            (name, metric, _paired(old, self._columns[name], read))
            for name in names
            if name != baseline
            for metric, read in _compared_by(old, self._columns[name])
        ]
        return [
            judged(name, baseline, metric, items, len(family), looks.get(name, 1))
            if finished
            else _unfinished(name, baseline, metric, items)
            for name, metric, items in family
        ]


def _total(name: str, column: _Column, planned: int) -> VariantTotal:
    briefs = list(column.briefs.values())
    graded = [brief for brief in briefs if brief.verdict is not None]
    verdicts = [brief.verdict for brief in graded]
    passed, failed = verdicts.count(Verdict.PASSED), verdicts.count(Verdict.FAILED)
    errors, decided = column.errors, passed + failed
    rates = mean_score(_items(column, _passes))
    scores = mean_score(_items(column, _score))
    fresh = [each for each in graded if not each.cached]
    latencies = sorted(each.latency_ms for each in graded if each.latency_ms is not None)
    priced = column.spent or any(each.cost is not None for each in fresh)
    return VariantTotal(
        variant=name,
        planned=planned,
        passed=passed,
        failed=failed,
        unchecked=verdicts.count(Verdict.UNCHECKED),
        errors=errors,
        pass_rate=passed / decided if decided else None,
        pass_interval=_interval(rates.interval),
        worst_rate=passed / (decided + errors) if decided + errors else None,
        mean_score=scores.value,
        score_interval=_interval(scores.interval),
        metrics=_metrics(column),
        cost=column.spent if priced else None,
        judge_cost=sum_known(each.judge_cost for each in briefs),
        cached_cost=sum_known(each.cost for each in graded if each.cached),
        lost_calls=column.lost,
        lost_cost=_lost_cost(column),
        calls=sum(each.calls for each in briefs) + column.lost,
        judge_calls=sum(each.judge_calls for each in briefs),
        cached=len(graded) - len(fresh),
        input_tokens=sum_known(each.input_tokens for each in fresh),
        output_tokens=sum_known(each.output_tokens for each in fresh),
        latency_p50=median_low(latencies) if latencies else None,
        latency_p95=_p95(latencies),
        agreement=_agreement(column),
    )


def _lost_cost(column: _Column) -> Decimal | None:
    """Estimates a lost call by what its cell's output cost, else by the mean of the others."""
    known = [each.cost for each in column.briefs.values() if each.cost is not None]
    if not (column.lost and known):
        return None
    mean = sum(known, Decimal(0)) / len(known)
    return sum((mean if each.cost is None else each.cost for each in column.lost_cells), Decimal(0))


def _metrics(column: _Column) -> Sequence[MetricTotal]:
    found: list[MetricTotal] = []
    for name in _metric_names(column):
        verdicts = [
            verdict
            for brief in column.briefs.values()
            for metric, verdict, _ in brief.results
            if metric == name
        ]
        scores = mean_score(_items(column, lambda brief, name=name: _metric(brief, name)))
        found.append(
            MetricTotal(
                name=name,
                passed=verdicts.count(Verdict.PASSED),
                failed=verdicts.count(Verdict.FAILED),
                errors=verdicts.count(Verdict.ERROR),
                mean_score=scores.value,
                interval=_interval(scores.interval),
            )
        )
    return found


def _compared_by(old: _Column, new: _Column) -> Iterator[tuple[str, Read]]:
    """Returns the whole, and each metric where there are several."""
    yield "", _passes
    both = set(_metric_names(new))
    metrics = [metric for metric in _metric_names(old) if metric in both]
    for metric in metrics if len(metrics) > 1 else ():
        yield metric, lambda brief, m=metric: _metric(brief, m)


def _paired(old: _Column, new: _Column, read: Read) -> Sequence[PairedItem]:
    before, after = _by_case(old, read), _by_case(new, read)
    return [PairedItem(before[case], after[case]) for case in sorted(before.keys() & after.keys())]


def judged(
    variant: str,
    baseline: str,
    metric: str,
    items: Sequence[PairedItem],
    family: int,
    look: int = 1,
) -> Comparison:
    """Returns the comparison of two variants over their cases, one of a family, at one of several
    looks.
    """
    level = level_of(family, look)
    found = compare_variants(items, level=level, next_level=level_of(family, look + 1))
    finding = _FINDINGS.get(found.verdict, Finding.NO_DIFFERENCE_SHOWN)
    return Comparison(
        variant=variant,
        baseline=baseline,
        metric=metric,
        finding=finding if found.n else Finding.NOT_COMPARABLE,
        cases=found.n,
        difference=found.difference,
        interval=_interval(found.interval, found.method, 1 - level),
        p=found.p_adjusted,
        better_cases=found.better,
        worse_cases=found.worse,
        excluded=found.errors_baseline + found.errors_candidate,
        needed=found.cases_needed,
        detectable=found.detectable,
        deviation=found.deviation,
        family=family,
        look=look,
    )


def _unfinished(
    variant: str, baseline: str, metric: str, items: Sequence[PairedItem]
) -> Comparison:
    """Returns the counts so far: a verdict before the end would be one more look."""
    found = judged(variant, baseline, metric, items, 1)
    return replace(
        found,
        finding=Finding.UNFINISHED,
        interval=None,
        p=None,
        needed=None,
        detectable=None,
        deviation=None,
    )


def _is_error(brief: Brief) -> bool:
    return brief.verdict is None or brief.verdict is Verdict.ERROR


def _not_held(briefs: Mapping[tuple[int, int], Brief]) -> set[int]:
    """Returns the places of cases with an error, or with a required assertion that did not pass."""
    return {
        case
        for (case, _), brief in briefs.items()
        if brief.verdict is None or brief.held < brief.required
    }


def _passes(brief: Brief) -> Results:
    return _PASSES[brief.verdict]


def _score(brief: Brief) -> Results:
    if _is_error(brief):
        return _ERROR
    return () if brief.score is None else (min(brief.score, 1.0),)  # a weighted mean may round up


def _metric(brief: Brief, name: str) -> Results:
    if brief.verdict is None:
        return _ERROR
    found = [
        (verdict, score)
        for metric, verdict, score in brief.results
        if metric == name and verdict is not Verdict.UNCHECKED
    ]
    done = [score for verdict, score in found if verdict is not Verdict.ERROR]
    if done:
        return (sum(done) / len(done),)
    return _ERROR if found else ()


def _by_case(column: _Column, read: Read) -> dict[int, Results]:
    found: dict[int, Results] = {}
    for case, repeat in sorted(column.briefs):
        if results := read(column.briefs[case, repeat]):
            found[case] = (*found[case], *results) if case in found else results
    return found


def _items(column: _Column, read: Read) -> list[Results]:
    return list(_by_case(column, read).values())


def _metric_names(column: _Column) -> list[str]:
    return list(
        dict.fromkeys(name for brief in column.briefs.values() for name, _, _ in brief.results)
    )


def _agreement(column: _Column) -> float | None:
    if len({case for case, _ in column.briefs}) == len(column.briefs):
        return None
    verdicts: dict[int, list[Verdict]] = {}
    for (case, _), brief in column.briefs.items():
        if brief.verdict is not None and brief.verdict is not Verdict.ERROR:
            verdicts.setdefault(case, []).append(brief.verdict)
    repeated = [found for found in verdicts.values() if len(found) > 1]
    if not repeated:
        return None
    return sum(len(set(found)) == 1 for found in repeated) / len(repeated)


def _interval(
    bounds: tuple[float, float] | None, method: str = "", level: float = 0.95
) -> Interval | None:
    return None if bounds is None else Interval(bounds[0], bounds[1], level, method)


def _p95(values: Sequence[int]) -> int | None:
    if not values:
        return None
    return values[0] if len(values) == 1 else round(quantiles(values, n=20, method="inclusive")[-1])
