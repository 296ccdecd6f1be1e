"""The gate of an evaluation: whether its candidates may be taken.

A candidate is a variant other than the baseline; where there is only one variant, that one.

Promises: the interval of the comparison is judged and never the point; a pass mark is missed only where
no result of what is open could reach it; else a run with errors, or one that did not come to its end,
is not judged at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.statistics.distributions import level_of
from use_cases.kernel.statistics.figures import counted, percentage
from use_cases.kernel.statistics.paired_tests import margin_cases
from use_cases.playground.errors import PlanInvalid
from use_cases.playground.model import Comparison, EvaluationSummary, Finding

MARGIN = 0.05
"""The loss in the pass rate that is accepted: the interval must lie above its negative."""
_ROUNDING = 1e-9


class GateDecision(StrEnum):
    """The decision of the gate. `undecided`: errors, or cells that have not run."""

    OPEN = "open"
    CLOSED = "closed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class GateResult:
    """The decision, and a sentence for each reason against the candidates."""

    decision: GateDecision
    reasons: Sequence[str] = ()


def judge_gate(
    summary: EvaluationSummary,
    unmet: Mapping[str, Sequence[str]],
    *,
    strict: bool = False,
    margin: float = MARGIN,
    fail_under: float | None = None,
) -> GateResult:
    """Judges a run: closed where a candidate is worse than the baseline or failed a required assertion.

    `unmet` names the cases whose required assertions do not all pass, by variant. `strict`: closed also where
    the interval does not exclude a loss of `margin` or more. `fail_under` is the share of the graded
    cells that must pass, of all variants but a baseline that the plan names; unset, the plan's. Raises `PlanInvalid` for a strict gate
    without a comparison.
    """
    names = [each.name for each in summary.run.spec.plan.variants]
    baseline = summary.run.spec.plan.baseline or names[0]
    compared = [each for each in summary.comparisons if not each.metric]
    if strict and len(names) == 1:
        raise PlanInvalid(
            "A gate judges a comparison, and the evaluation has one variant.",
            hint="Add the variant that is in use now as the baseline.",
        )
    mark = summary.run.spec.plan.fail_under if fail_under is None else fail_under
    missed = _missed(summary, mark) if mark else None
    errors = max(summary.errors, sum(total.errors for total in summary.totals))
    if missed is None and (errors or summary.run.state is not JobState.COMPLETED):
        why = f"{counted(errors, 'error')}" if errors else f"it is {summary.run.state}"
        return GateResult(GateDecision.UNDECIDED, [f"The run is not judged: {why}."])
    reasons: list[str] = [] if missed is None else [missed]
    for name in [each for each in names if each != baseline] or names:
        if failed := unmet.get(name, ()):
            cases = counted(len(failed), "case")
            reasons.append(
                f"{name} fails a required assertion in {cases}, first in {failed[0][:60]!r}."
            )
    for each in compared:
        if each.finding is Finding.WORSE:
            reasons.append(f"{each.variant} is worse than {each.baseline}.")
        elif strict and not excludes_loss(each, margin):
            reasons.append(
                f"It is not shown that {each.variant} loses less than {percentage(margin)} against "
                f"{each.baseline}.{cases_for_margin(each, margin)}"
            )
    return GateResult(GateDecision.CLOSED if reasons else GateDecision.OPEN, reasons)


def _missed(summary: EvaluationSummary, mark: float) -> str | None:
    """Says by how much a pass mark is missed, whatever became of the cells without a verdict."""
    totals = [each for each in summary.totals if each.variant != summary.run.spec.plan.baseline]
    passed = sum(each.passed for each in totals)
    failed = sum(each.failed for each in totals)
    still_open = sum(each.planned - each.passed - each.failed - each.unchecked for each in totals)
    most = passed + still_open
    if not failed or most >= mark * (most + failed) - _ROUNDING:
        return None
    graded = passed + failed
    return (
        f"{passed:,} of {counted(graded, 'graded cell')} passed ({percentage(round(passed / graded, 3))}), "
        f"and at least {percentage(mark)} must."
    )


def cases_for_margin(comparison: Comparison, margin: float) -> str:
    """Says how many more cases would show, at the next look, that the loss is less than the margin."""
    observed, deviation = comparison.difference, comparison.deviation
    if observed is None or deviation is None:
        return ""
    if observed <= -margin:
        return " So many points are lost in these cases: more of them would not show it."
    passes = comparison.interval is not None and comparison.interval.method == "mcnemar"
    level = level_of(comparison.family, comparison.look + 1)
    cases = margin_cases(deviation, observed, margin, level, passes=passes)
    if cases is None:
        return ""
    more = max(1, cases - comparison.cases)
    return f" About {counted(more, 'more case')} would show it, if the difference stays as it is."


def excludes_loss(comparison: Comparison, margin: float) -> bool:
    """Tells whether the interval of a comparison excludes a loss of `margin` (a share) or more."""
    if comparison.finding is Finding.WORSE:
        return False
    low = comparison.interval.low if comparison.interval else None
    return comparison.finding is Finding.BETTER or (low is not None and low > -margin)
