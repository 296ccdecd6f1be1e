"""Helpers of the tests of assertions: one check, and an answer with sources."""

import asyncio
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pydantic import JsonValue

from services.assertions.checks import AssertionChecks
from use_cases.kernel.citations.sources import Outcome, Quote, Source, SourceKind, ToolCall
from use_cases.kernel.model import DateOrigin, DocumentRef, Span
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import Assertion, AssertionResult, Case

CASE = Case(key="1", variables={"name": "Ada"}, expected="42")


def check(
    kind: str,
    output: str | TargetOutput,
    value: JsonValue = None,
    threshold: float | None = None,
    config: Mapping[str, JsonValue] | None = None,
    checks: AssertionChecks | None = None,
) -> AssertionResult:
    """Check one output by a new adapter."""
    assertion = Assertion(type=kind, value=value, threshold=threshold, config=config or {})
    found = output if isinstance(output, TargetOutput) else TargetOutput(text=output, model="echo")
    return asyncio.run((checks or AssertionChecks()).check(assertion, found, CASE))


def answer(text: str = "Every 90 days [1].", *, weak: bool = False) -> TargetOutput:
    """Return an answer of chat with one cited passage and one query."""
    document = DocumentRef(
        "doc_1",
        1,
        "policies/passwords.md",
        "Passwords",
        "policy",
        date(2026, 1, 1),
        DateOrigin.STATED,
    )
    quote = Quote(Span(0, 17), Span(10, 45), "must be rotated every\n90 days", 1.0, weak)
    return TargetOutput(
        text=text,
        model="echo",
        latency_ms=1_200,
        cost=Decimal("0.002"),
        finish_reason="stop",
        logprobs=(-0.2, -0.4),
        outcome=Outcome.ANSWERED,
        sources=(Source(1, SourceKind.PASSAGE, document, "Rotation", None, (quote,)),),
        tool_calls=(
            ToolCall("search_knowledge_base", '{"query": "rotation", "limit": 5}', "…"),
            ToolCall(
                "lookup_structured_data",
                '{"sql_query": "SELECT 1"}',
                "[2] salaries\n\n| name | total |\n| --- | --- |\n| Ada \\| Co | 1200.5 |\n| Bob |  |\n",
            ),
        ),
        choice="Ada",
        phrase="Very Likely",
        confidence=0.8,
    )
