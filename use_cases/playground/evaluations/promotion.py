"""Promotes a version of a prompt on the evidence of an evaluation.

Promises: the label moves only if the run compared this version with the one that the label has now,
came to its end, ran both as the product does and by the same model, shows that it is not worse (the
interval lies above the margin) without more errors, and lost no required assertion in any case. A move records its evidence. Leaves to others: the move itself
(`use_cases.kernel.prompts.manage_prompts`).
"""

from use_cases.kernel.errors import Conflict, InvalidInput
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import Caller
from use_cases.kernel.prompts.manage_prompts import ManagePrompts, PromptReference
from use_cases.kernel.prompts.prompt_registry import (
    PRODUCTION,
    LabelMove,
    PromptVersion,
    version_name,
)
from use_cases.kernel.statistics.figures import counted, percentage
from use_cases.playground.evaluations.gate import MARGIN, cases_for_margin, excludes_loss
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.model import Comparison, EvaluationSummary, Finding, TargetKind, Variant


class PromotionRefused(Conflict):
    """The evaluation does not allow the promotion."""

    code = "promotion_refused"
    title = "The evaluation does not allow this"
    default_hint = "Evaluate the version beside the one in production, on enough cases."


class PromotePrompt:
    """Moves labels on evidence."""

    def __init__(
        self, *, manage_prompts: ManagePrompts, manage_evaluations: ManageEvaluations
    ) -> None:
        self._prompts = manage_prompts
        self._evaluations = manage_evaluations

    async def promote(
        self,
        caller: Caller,
        reference: str,
        *,
        evidence: str | None = None,
        label: str = PRODUCTION,
        expected: int | None = None,
        margin: float | None = None,
        reason: str = "",
    ) -> LabelMove:
        """Gives the label to a version; with `evidence` only if that run allows it.

        `expected` is the version that the mover saw at the label, 0 for none. `margin` is the loss in
        the pass rate that the interval must exclude, `gate.MARGIN` by default; another one is recorded
        with the reason. Raises `PromotionRefused`, `JobNotFound`, `InvalidInput`, and what
        `ManagePrompts.move` raises.
        """
        if margin is not None and evidence is None:
            raise InvalidInput(
                "A margin belongs to an evaluation, and none is named.",
                hint="Name the evaluation that is the evidence, or leave the margin out.",
            )
        version = await self._prompts.version(caller, reference)
        name = PromptReference.parse(reference).prompt
        now_at = (await self._prompts.labels(caller, name)).get(label, 0)
        if evidence is not None:
            accepted = MARGIN if margin is None else margin
            await self._require(caller, evidence, name, version.number, now_at, accepted)
            if accepted != MARGIN:
                reason = f"{reason} (margin {percentage(accepted)})".strip()
        return await self._prompts.move(
            caller,
            version_name(name, version.number),
            label,
            expected=now_at if expected is None else expected,
            evidence=evidence,
            reason=reason,
        )

    async def _require(
        self, caller: Caller, run_id: str, name: str, candidate: int, present: int, margin: float
    ) -> None:
        if not 0 <= margin < 1:
            raise InvalidInput(f"The margin {margin:g} is not from 0 to less than 1.")
        if candidate == present:
            raise PromotionRefused(
                f"{version_name(name, candidate)} carries the label already.",
                hint=f"Nothing is left to do. `candor prompts history {name}` shows who gave it when.",
            )
        summary = await self._evaluations.summary(caller, run_id)
        if summary.run.state is not JobState.COMPLETED:
            raise PromotionRefused(f"The run {run_id} is {summary.run.state}.")
        found = await self._comparison(caller, summary, name, candidate, present)
        new, old = found.variant, found.baseline
        errors = {each.variant: each.errors for each in summary.totals}
        if errors[new] > errors[old]:
            raise PromotionRefused(
                f"{new} has {counted(errors[new], 'error')}, {old} {errors[old]}.",
                hint="Let the run try its errors again.",
            )
        if found.finding is Finding.WORSE:
            raise PromotionRefused(f"{new} is worse than {old}.")
        if not excludes_loss(found, margin):
            raise PromotionRefused(
                f"The run does not show that {new} loses less than {percentage(margin)} against {old}."
                f"{cases_for_margin(found, margin)}"
            )
        if lost := await self._evaluations.lost(caller, run_id, old, new):
            raise PromotionRefused(
                f"{new} loses a required assertion in {counted(len(lost), 'case')}, "
                f"first in {lost[0][:60]!r}."
            )

    async def _comparison(
        self, caller: Caller, summary: EvaluationSummary, name: str, candidate: int, present: int
    ) -> Comparison:
        """Returns the comparison of the candidate with the present version, by the same model."""
        versions = {
            number: await self._prompts.version(caller, version_name(name, number))
            for number in (candidate, present)
        }
        purpose = (await self._prompts.show(caller, name)).purpose
        variants = {each.name: each for each in summary.run.spec.plan.variants}
        new = [one for one in variants.values() if _runs(one, versions[candidate], purpose)]
        if not new:
            raise PromotionRefused(
                f"No variant of the run {summary.run.job_id} is {version_name(name, candidate)}."
            )
        for each in summary.comparisons:
            old = variants[each.baseline]
            if (
                not each.metric
                and _runs(old, versions[present], purpose)
                and any(one.name == each.variant and one.model == old.model for one in new)
            ):
                return each
        raise PromotionRefused(
            f"The run does not compare {new[0].name} with {version_name(name, present)} on the same "
            "model: make that one the baseline."
        )


def _runs(variant: Variant, version: PromptVersion, purpose: str | None) -> bool:
    """Tells whether a variant runs a version, and that as the product would."""
    runs_as = TargetKind.PROMPT if purpose is None else TargetKind(purpose.partition(".")[0])
    if variant.target is not runs_as:
        return False
    if variant.prompt is not None:
        return variant.prompt.digest == version.digest
    active = variant.production.prompts.get(purpose or "")
    if active is None:
        return version.number == 0
    return active.version == version_name(purpose or "", version.number)
