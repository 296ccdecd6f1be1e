"""Sums up an evaluation from its rows: totals with intervals, and the comparison with the baseline.

Promises: a summary is computed from the rows that are there, and from nothing else; errors and
unchecked cells are in no rate; repeats of a case count as one case.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median_low, quantiles
from typing import TypeAlias

from use_cases.kernel.jobs.model import ItemResult, Progress
from use_cases.kernel.statistics import paired_comparison
from use_cases.kernel.statistics.mean_interval import mean_score
from use_cases.kernel.statistics.paired_comparison import (
    PairedItem,
    adjust_family,
    compare_variants,
)
from use_cases.playground.evaluations.cell_records import Address, Brief, Compared, read_brief
from use_cases.playground.model import (
    AssertionResult,
    Comparison,
    EvalRun,
    Finding,
    Interval,
    MetricTotal,
    Summary,
    VariantTotal,
    Verdict,
)

_FINDINGS = {"better": Finding.BETTER, "worse": Finding.WORSE}
_FEWEST_COMPARED = 2


@dataclass(slots=True)
class _Column:
    """The cells of one variant, by case place and repeat."""

    briefs: dict[tuple[int, int], Brief] = field(default_factory=dict[tuple[int, int], Brief])
    errors: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    lost: int = 0
    lost_cost: Decimal = Decimal(0)
    calls: int = 0

    @property
    def cases(self) -> list[int]:
        """The places of the cases with a cell, in order."""
        return sorted({case for case, _ in (*self.briefs, *self.errors)})


Result: TypeAlias = float | None
Read: TypeAlias = Callable[[Brief], Result]
"""Reads a result from a cell: a number from 0 to 1; None where it has none."""


class Summing:
    """Takes the rows of a run one by one, and sums them up."""

    def __init__(self, run: EvalRun, compared: Compared) -> None:
        self._run = run
        self._compared = compared
        self._columns = {each.name: _Column() for each in run.plan.variants}

    def add(self, items: Iterable[ItemResult]) -> None:
        """Take finished items."""
        for item in items:
            column = self._columns.get(item.group)
            if column is None:
                continue
            address = Address.of(item)
            place = (address.case, address.repeat)
            brief = read_brief(item, self._run.plan, self._compared)
            if brief is None or brief.grade.verdict is Verdict.ERROR:
                column.errors.add(place)
            if brief is not None:
                column.briefs[place] = brief
                column.calls += brief.calls
            lost = item.attempts - item.finishes
            if lost:
                column.lost += lost
                column.lost_cost += lost * ((brief.cost if brief else None) or Decimal(0))

    def summary(self, cases: int, progress: Progress) -> Summary:
        """The summary of what was taken."""
        planned = cases * self._run.plan.repeats
        return Summary(
            run=self._run,
            cases=cases,
            planned=planned * len(self._columns),
            done=sum(
                len(each.briefs | dict.fromkeys(each.errors)) for each in self._columns.values()
            ),
            errors=progress.errors,
            totals=[_total(name, each, planned) for name, each in self._columns.items()],
            comparisons=self._comparisons(),
        )

    def _comparisons(self) -> Sequence[Comparison]:
        names = list(self._columns)
        baseline = self._run.plan.baseline or (names[0] if names else "")
        if len(names) < _FEWEST_COMPARED or baseline not in self._columns:
            return ()
        return [
            found
            for name in names
            if name != baseline
            for found in _compare(baseline, name, self._columns[baseline], self._columns[name])
        ]


def _total(name: str, column: _Column, planned: int) -> VariantTotal:
    briefs = [column.briefs[place] for place in sorted(column.briefs)]
    verdicts = [brief.grade.verdict for brief in briefs]
    passed, failed = verdicts.count(Verdict.PASSED), verdicts.count(Verdict.FAILED)
    errors = len(column.errors)
    rates = mean_score(_items(column, _passes))
    scores = mean_score(_items(column, _score))
    graded = passed + failed
    latencies = sorted(each.latency_ms for each in briefs if each.latency_ms is not None)
    fresh = [each for each in briefs if not each.cached]
    return VariantTotal(
        variant=name,
        planned=planned,
        passed=passed,
        failed=failed,
        unchecked=verdicts.count(Verdict.UNCHECKED),
        errors=errors,
        pass_rate=passed / graded if graded else None,
        pass_interval=_interval(rates.interval),
        worst_rate=passed / (graded + errors) if graded + errors else None,
        mean_score=scores.value,
        score_interval=_interval(scores.interval),
        metrics=_metrics(column),
        cost=_sum(each.cost for each in fresh),
        judge_cost=_sum(each.judge_cost for each in briefs),
        cached_cost=_sum(each.cost for each in briefs if each.cached),
        lost_calls=column.lost,
        lost_cost=column.lost_cost if column.lost else None,
        calls=column.calls + column.lost,
        cached=len(briefs) - len(fresh),
        input_tokens=_count(each.input_tokens for each in fresh),
        output_tokens=_count(each.output_tokens for each in fresh),
        latency_p50=median_low(latencies) if latencies else None,
        latency_p95=_p95(latencies),
        agreement=_agreement(column),
    )


def _metrics(column: _Column) -> Sequence[MetricTotal]:
    found: list[MetricTotal] = []
    for name in _metric_names(column):
        verdicts = [
            result.verdict
            for brief in column.briefs.values()
            for result in brief.grade.results
            if result.name == name
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


def _compare(baseline: str, name: str, old: _Column, new: _Column) -> Sequence[Comparison]:
    whole = _compared(old, new, _passes)
    metrics = [metric for metric in _metric_names(old) if metric in set(_metric_names(new))]
    each = adjust_family(
        [_compared(old, new, lambda brief, m=metric: _metric(brief, m)) for metric in metrics]
    )
    found = [comparison_of(name, baseline, "", whole)]
    if len(metrics) > 1:
        found += [
            comparison_of(name, baseline, m, one) for m, one in zip(metrics, each, strict=True)
        ]
    return found


def _compared(old: _Column, new: _Column, result: Read) -> paired_comparison.Comparison:
    before, after = _by_case(old, result), _by_case(new, result)
    both = sorted(before.keys() & after.keys())
    return compare_variants([PairedItem(before[case], after[case]) for case in both])


def comparison_of(
    variant: str, baseline: str, metric: str, found: paired_comparison.Comparison
) -> Comparison:
    """The comparison of two variants by the statistics of their cases."""
    finding = _FINDINGS.get(found.verdict, Finding.NO_DIFFERENCE_SHOWN)
    return Comparison(
        variant=variant,
        baseline=baseline,
        metric=metric,
        finding=finding if found.n else Finding.NOT_COMPARABLE,
        cases=found.n,
        difference=found.difference,
        interval=_interval(found.interval, found.method),
        p=found.p if found.p_holm is None else found.p_holm,
        better_cases=found.better,
        worse_cases=found.worse,
        excluded=found.errors_baseline + found.errors_candidate,
        needed=found.cases_needed,
        detectable=found.detectable,
    )


def required_lost(
    before: Mapping[str, Sequence[AssertionResult]], after: Mapping[str, Sequence[AssertionResult]]
) -> Sequence[str]:
    """The cases in which every required assertion passed before, and one does not any more."""
    return [
        case
        for case in before
        if _required_hold(before[case]) and not _required_hold(after.get(case, ()))
    ]


def _required_hold(results: Sequence[AssertionResult]) -> bool:
    return all(each.verdict is Verdict.PASSED for each in results if each.required)


def _passes(brief: Brief) -> Result:
    return {Verdict.PASSED: 1.0, Verdict.FAILED: 0.0}.get(brief.grade.verdict)


def _score(brief: Brief) -> Result:
    return None if brief.grade.verdict is Verdict.ERROR else brief.grade.score


def _metric(brief: Brief, name: str) -> Result:
    scores = [
        each.score
        for each in brief.grade.results
        if each.name == name and each.verdict in (Verdict.PASSED, Verdict.FAILED)
    ]
    return sum(scores) / len(scores) if scores else None


def _by_case(column: _Column, result: Read) -> dict[int, tuple[Result, ...]]:
    found: dict[int, list[Result]] = {}
    for place in sorted(column.briefs.keys() | column.errors):
        brief = column.briefs.get(place)
        if brief is not None and brief.grade.verdict is Verdict.UNCHECKED:
            continue
        found.setdefault(place[0], []).append(None if brief is None else result(brief))
    return {case: tuple(results) for case, results in found.items()}


def _items(column: _Column, result: Read) -> list[tuple[Result, ...]]:
    return list(_by_case(column, result).values())


def _metric_names(column: _Column) -> list[str]:
    names = (each.name for brief in column.briefs.values() for each in brief.grade.results)
    return list(dict.fromkeys(names))


def _agreement(column: _Column) -> float | None:
    verdicts: dict[int, list[Verdict]] = {}
    for (case, _), brief in column.briefs.items():
        verdicts.setdefault(case, []).append(brief.grade.verdict)
    repeated = [found for found in verdicts.values() if len(found) > 1]
    if not repeated:
        return None
    return sum(len(set(found)) == 1 for found in repeated) / len(repeated)


def _interval(bounds: tuple[float, float] | None, method: str = "") -> Interval | None:
    return None if bounds is None else Interval(bounds[0], bounds[1], method=method)


def _sum(costs: Iterable[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known else None


def _count(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _p95(values: Sequence[int]) -> int | None:
    if not values:
        return None
    return values[0] if len(values) == 1 else round(quantiles(values, n=20, method="inclusive")[-1])
