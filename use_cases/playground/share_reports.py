"""Shares the report of a run behind a link that nobody can guess.

Promises: the token has 256 random bits and is shown once; only its SHA-256 is stored; a link ends when
it expires, is revoked, or its run is removed, and does not say which; what it leaves out is decided
when it is made. What is left out is no longer in the value, so no form of a report can show it. The words
of checks and errors quote outputs, values and prompts: where one of these is left out, so are they.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Entropy, Ids
from use_cases.playground.errors import ReportLinkNotFound
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.model import (
    Assertion,
    AssertionResult,
    Case,
    Cell,
    EvaluationSummary,
    Grade,
    Redaction,
    ReportLink,
    Variant,
)
from use_cases.playground.ports import ReportLinks

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


_TOKEN = math.ceil(256 / math.log2(62))
"""Characters, each one of 62."""
_DAYS = 30.0  # of a link for which nothing else is said
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class SharedReport:
    """A new link, and its token, which is not stored."""

    link: ReportLink
    token: str


class ShareReports:
    """The links to a caller's reports."""

    def __init__(
        self,
        *,
        manage_evaluations: ManageEvaluations,
        report_links: ReportLinks,
        entropy: Entropy,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._evaluations = manage_evaluations
        self._links = report_links
        self._entropy = entropy
        self._clock = clock
        self._ids = ids

    async def share(
        self, caller: Caller, run_id: str, redaction: Redaction, *, days: float | None = None
    ) -> SharedReport:
        """Makes a link, for 30 days unless told. Raises `JobNotFound`."""
        run = await self._evaluations.show(caller, run_id)
        lasting = _DAYS if days is None else days
        if not 0 < lasting <= _MOST_DAYS:
            raise InvalidInput(f"A link lasts up to {_MOST_DAYS} days, not {lasting:g}.")
        token = self._entropy.characters(_TOKEN)
        now = self._clock.now()
        link = ReportLink(
            link_id=self._ids.new("link"),
            run_id=run_id,
            user_id=run.user_id,
            redaction=redaction,
            created_at=now,
            expires_at=now + timedelta(days=lasting),
            digest=_digest(token),
        )
        await self._links.add(link)
        return SharedReport(link, token)

    async def list(self, caller: Caller, run_id: str) -> Sequence[ReportLink]:
        """Returns all links of a run, the newest first. Raises `JobNotFound`."""
        await self._evaluations.show(caller, run_id)
        return await self._links.of_run(run_id)

    async def revoke(self, caller: Caller, run_id: str, link_id: str) -> ReportLink:
        """Ends a link now. Raises `JobNotFound`, `ReportLinkNotFound`."""
        await self._evaluations.show(caller, run_id)
        return await self._links.revoke(run_id, link_id, self._clock.now())

    async def open(self, token: str) -> ReportLink:
        """Returns the link of a token. Raises `ReportLinkNotFound`, also for one that has ended."""
        link = await self._links.by_digest(_digest(token))
        if link is None or link.revoked_at is not None or self._clock.now() >= link.expires_at:
            raise ReportLinkNotFound("This link leads to no report.")
        return link


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
