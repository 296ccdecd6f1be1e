"""What a shared report leaves out is not in the values any more."""

from dataclasses import replace

import pytest

from tests.backend.reports.evaluations import PROMPT, SOURCE, cell, plan, planned, summary
from use_cases.playground.model import Assertion, AssertionResult, Redaction, Verdict
from use_cases.playground.share_reports import WHOLE, redact_cell, redact_summary

CELL = cell(verdict=Verdict.FAILED, reason="It quotes the output.")


def test_nothing_is_left_out_unless_it_is_asked_for() -> None:
    assert redact_cell(CELL, WHOLE) == CELL
    assert redact_summary(summary(), WHOLE) == summary()


def test_outputs_go_with_their_sources_and_leave_their_figures() -> None:
    output = redact_cell(CELL, Redaction(outputs=True)).output
    assert output is not None
    assert (output.text, output.sources) == ("", ())
    assert CELL.output is not None
    assert CELL.output.sources == (SOURCE,)
    assert (output.latency_ms, output.cost, output.model) == (
        812,
        CELL.output.cost,
        CELL.output.model,
    )


def test_variables_go_with_the_expected_answer_and_the_description() -> None:
    inputs = redact_cell(CELL, Redaction(variables=True)).inputs
    assert inputs is not None
    assert (inputs.key, dict(inputs.variables), inputs.expected) == ("rotation", {}, None)
    assert inputs.description == ""


@pytest.mark.parametrize("part", ["outputs", "variables", "reasons", "prompts"])
def test_words_that_may_quote_what_is_left_out_go_too(part: str) -> None:
    nested = AssertionResult(
        type="assert-set",
        verdict=Verdict.FAILED,
        reason="Secret",
        parts=[AssertionResult(type="equals", verdict=Verdict.FAILED, reason="Secret")],
    )
    assert CELL.grade is not None
    told = replace(CELL, grade=replace(CELL.grade, results=(nested,)), error="timeout: Secret.")
    redacted = redact_cell(told, Redaction(**{part: True}))
    assert redacted.error == "timeout"
    assert redacted.grade is not None
    assert redacted.grade.verdict is Verdict.FAILED
    assert (redacted.grade.reason, redacted.grade.results[0].reason) == ("", "")
    assert redacted.grade.results[0].parts[0].reason == ""


def test_prompts_keep_their_versions_and_assertions_their_types() -> None:
    known = summary()
    secret = replace(
        known.run.spec.plan,
        variants=[
            replace(variant, prompt_version="", prompt=PROMPT) for variant in plan().variants
        ],
        assertions=[
            Assertion(type="assert-set", assertions=[Assertion(type="equals", value="Secret")])
        ],
    )
    run = replace(planned(known, secret).run, reason="Secret")
    redacted = redact_summary(replace(known, run=run), Redaction(prompts=True)).run
    assert [variant.prompt for variant in redacted.spec.plan.variants] == [None, None]
    assert {variant.prompt_version for variant in redacted.spec.plan.variants} == {PROMPT.digest}
    (assertion,) = redacted.spec.plan.assertions
    assert (assertion.type, assertion.assertions[0].type) == ("assert-set", "equals")
    assert assertion.assertions[0].value is None
    assert redacted.reason == ""


def test_the_assertions_of_a_case_lose_their_values_with_the_prompts() -> None:
    assert CELL.inputs is not None
    inputs = replace(CELL.inputs, assertions=[Assertion(type="equals", value="Secret")])
    redacted = redact_cell(replace(CELL, inputs=inputs), Redaction(prompts=True)).inputs
    assert redacted is not None
    assert list(redacted.assertions) == [Assertion(type="equals")]
    assert redacted.variables == inputs.variables
