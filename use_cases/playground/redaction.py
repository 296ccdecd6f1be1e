"""Removal of the parts of an evaluation that a shared report leaves out.

Promises: what is left out is no longer in the value, so no form of a report can show it. The words of
checks and errors quote outputs, values and prompts: where one of these is left out, so are they.
"""

from collections.abc import Sequence
from dataclasses import replace

from use_cases.playground.model import (
    Assertion,
    AssertionResult,
    Case,
    Cell,
    EvaluationSummary,
    Grade,
    Redaction,
    Variant,
)

WHOLE = Redaction()
"""Leaves nothing out."""


def redact_cell(cell: Cell, redaction: Redaction) -> Cell:
    """Returns the cell without the parts that are left out; an error keeps its code."""
    output, inputs, error, grade = cell.output, cell.inputs, cell.error, cell.grade
    if output and redaction.outputs:
        output = replace(
            output,
            text="",
            logprobs=None,
            tool_calls=(),
            notices=(),
            sources=(),
            context=(),
            choice=None,
            phrase=None,
            confidence=None,
        )
    if redaction != WHOLE:
        error = error and error.partition(":")[0]
        grade = grade and _without_reasons(grade)
    return replace(
        cell, output=output, grade=grade, error=error, inputs=inputs and _case(inputs, redaction)
    )


def redact_summary(summary: EvaluationSummary, redaction: Redaction) -> EvaluationSummary:
    """Returns the summary without the parts that are left out; a prompt keeps its version."""
    run = summary.run
    plan = run.spec.plan
    if redaction.prompts:
        plan = replace(
            plan,
            variants=[_without_prompt(variant) for variant in plan.variants],
            assertions=_without_values(plan.assertions),
        )
    reason = run.reason if redaction == WHOLE else ""
    return replace(summary, run=replace(run, spec=replace(run.spec, plan=plan), reason=reason))


def _case(case: Case, redaction: Redaction) -> Case:
    if redaction.variables:
        return Case(key=case.key, threshold=case.threshold)
    if redaction.prompts:
        return replace(case, assertions=_without_values(case.assertions))
    return case


def _without_reasons(grade: Grade) -> Grade:
    return replace(grade, reason="", results=tuple(_without_reason(one) for one in grade.results))


def _without_reason(result: AssertionResult) -> AssertionResult:
    return replace(result, reason="", parts=[_without_reason(part) for part in result.parts])


def _without_values(assertions: Sequence[Assertion]) -> Sequence[Assertion]:
    return tuple(
        replace(one, value=None, config={}, assertions=_without_values(one.assertions))
        for one in assertions
    )


def _without_prompt(variant: Variant) -> Variant:
    digest = variant.prompt.digest if variant.prompt else ""
    return replace(variant, prompt=None, prompt_version=variant.prompt_version or digest)
