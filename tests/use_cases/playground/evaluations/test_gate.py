"""The gate over summaries: what opens it, what closes it, and what is not judged."""

from dataclasses import replace

import pytest

from tests.backend.reports.evaluations import LONG, plan, planned, summary, total
from use_cases.kernel.jobs.model import JobState
from use_cases.playground.errors import PlanInvalid
from use_cases.playground.evaluations.gate import GateDecision, excludes_loss, judge_gate
from use_cases.playground.model import EvaluationSummary, Finding, Interval


def clean(
    finding: Finding = Finding.NO_DIFFERENCE_SHOWN, low: float = -0.02, **changes: object
) -> EvaluationSummary:
    """A completed run without errors; the candidate's loss is at most `-low`."""
    found = summary(finding, errors=0)
    whole = replace(found.comparisons[0], interval=Interval(low, 0.1))
    totals = [replace(each, errors=0) for each in found.totals]
    return replace(found, totals=totals, comparisons=[whole, *found.comparisons[1:]], **changes)


@pytest.mark.parametrize(
    ("run", "strict", "margin", "decision"),
    [
        (clean(), False, 0.05, GateDecision.OPEN),
        (clean(), True, 0.05, GateDecision.OPEN),
        (clean(), True, 0.02, GateDecision.CLOSED),
        (clean(low=-0.3), False, 0.05, GateDecision.OPEN),
        (clean(low=-0.3), True, 0.05, GateDecision.CLOSED),
        (clean(Finding.BETTER, low=-0.3), True, 0.05, GateDecision.OPEN),
        (clean(Finding.WORSE), False, 0.05, GateDecision.CLOSED),
        (clean(Finding.NOT_COMPARABLE, low=-0.3), True, 0.05, GateDecision.CLOSED),
    ],
)
def test_the_interval_is_judged_and_never_the_point(
    run: EvaluationSummary, strict: bool, margin: float, decision: GateDecision
) -> None:
    assert judge_gate(run, {}, strict=strict, margin=margin).decision is decision


def test_a_comparison_without_an_interval_excludes_nothing() -> None:
    unknown = replace(clean().comparisons[0], interval=None)
    assert not excludes_loss(unknown, 0.99)
    assert excludes_loss(replace(unknown, finding=Finding.BETTER), 0.0)
    assert not excludes_loss(replace(unknown, finding=Finding.WORSE), 0.99)


def test_only_a_candidates_required_assertions_close_it() -> None:
    assert judge_gate(clean(), {"long": ["c1"]}).decision is GateDecision.OPEN
    found = judge_gate(clean(), {"long": ["c1"], "short": ["c2", "c3"]})
    assert found.decision is GateDecision.CLOSED
    assert found.reasons == ["short fails a required assertion in 2 cases, first in 'c2'."]
    turned = clean()
    turned = planned(turned, replace(plan(), baseline="short"))
    assert judge_gate(turned, {"short": ["c2"]}).decision is GateDecision.OPEN


def test_metrics_of_their_own_close_nothing() -> None:
    run = clean()
    worse = replace(run.comparisons[1], finding=Finding.WORSE)
    assert judge_gate(replace(run, comparisons=[run.comparisons[0], worse]), {}).reasons == []


def test_a_run_with_errors_or_without_its_end_is_not_judged() -> None:
    found = judge_gate(summary(Finding.WORSE), {"short": ["c1"]})
    assert (found.decision, found.reasons) == (
        GateDecision.UNDECIDED,
        ["The run is not judged: 2 errors."],
    )
    stopped = clean()
    stopped = replace(stopped, run=replace(stopped.run, state=JobState.STOPPED))
    assert judge_gate(stopped, {}).reasons == ["The run is not judged: it is stopped."]
    compared = replace(clean(), totals=[total("long", errors=3), total("short", errors=0)])
    assert judge_gate(compared, {}).decision is GateDecision.UNDECIDED


def test_a_strict_gate_needs_a_comparison() -> None:
    alone = clean()
    alone = replace(planned(alone, plan(LONG)), comparisons=[])
    with pytest.raises(PlanInvalid, match="one variant"):
        judge_gate(alone, {}, strict=True)
    assert judge_gate(alone, {"long": ["c1"]}).decision is GateDecision.CLOSED
    assert judge_gate(alone, {}).decision is GateDecision.OPEN


@pytest.mark.parametrize(
    ("passed", "failed", "errors", "mark", "decision"),
    [
        (9, 1, 0, None, GateDecision.OPEN),
        (9, 1, 0, 0.0, GateDecision.OPEN),
        (9, 1, 0, 0.9, GateDecision.OPEN),
        (9, 1, 0, 0.91, GateDecision.CLOSED),
        (10, 0, 0, 1.0, GateDecision.OPEN),
        (0, 0, 0, 1.0, GateDecision.OPEN),
        (8, 1, 1, 1.0, GateDecision.CLOSED),  # whatever became of the error
        (8, 1, 1, 0.9, GateDecision.UNDECIDED),
        (9, 0, 1, 0.5, GateDecision.UNDECIDED),
    ],
)
def test_a_pass_mark_closes_only_where_it_cannot_be_reached(
    passed: int, failed: int, errors: int, mark: float | None, decision: GateDecision
) -> None:
    of_one = total("long", passed=passed, failed=failed, errors=errors, unchecked=0)
    of_one = replace(of_one, planned=passed + failed + errors)
    run = clean()
    pinned = replace(plan(LONG), fail_under=mark)
    run = replace(planned(run, pinned), totals=[of_one], comparisons=[])
    found = judge_gate(run, {})
    assert found.decision is decision
    assert judge_gate(run, {}, fail_under=0.0).decision is not GateDecision.CLOSED


def test_a_baseline_that_is_named_needs_no_pass_mark() -> None:
    run = clean()
    named = replace(plan(), baseline="long", fail_under=1.0)
    totals = [total("long", failed=3, errors=0), total("short", failed=0, errors=0)]
    totals = [replace(each, planned=each.passed + each.failed + each.unchecked) for each in totals]
    run = replace(planned(run, named), totals=totals)
    assert judge_gate(run, {}).decision is GateDecision.OPEN
    unnamed = planned(run, replace(named, baseline=None))
    assert judge_gate(unnamed, {}).decision is GateDecision.CLOSED
