"""Promotes a version of a prompt on the evidence of an evaluation.

Promises: the label moves only if the run compared this version with the one that the label has now,
came to its end, shows that it is not worse (the interval lies above the margin), and lost no required
assertion in any case. A move records its evidence. Leaves to others: the move itself
(`use_cases.kernel.prompts.manage_prompts`).
"""

from use_cases.kernel.errors import Conflict
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import Caller
from use_cases.kernel.prompts.manage_prompts import ManagePrompts, PromptReference
from use_cases.kernel.prompts.registry import PRODUCTION, LabelMove, version_name
from use_cases.playground.evaluations.gate import MARGIN, excludes_loss
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.evaluations.summarise import required_lost
from use_cases.playground.model import Comparison, Finding, Summary, Variant


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
        margin: float = MARGIN,
        reason: str = "",
    ) -> LabelMove:
        """Give the label to a version; with `evidence` only if that run allows it.

        Raises `PromotionRefused`, `JobNotFound`, and what `ManagePrompts.move` raises.
        """
        version = await self._prompts.version(caller, reference)
        name = PromptReference.parse(reference).prompt
        now_at = (await self._prompts.labels(caller, name)).get(label, 0)
        if evidence is not None:
            await self._require(caller, evidence, name, version.number, now_at, margin)
        return await self._prompts.move(
            caller,
            version_name(name, version.number),
            label,
            expected=now_at,
            evidence=evidence,
            reason=reason,
        )

    async def _require(
        self, caller: Caller, run_id: str, name: str, candidate: int, present: int, margin: float
    ) -> None:
        summary = await self._evaluations.summary(caller, run_id)
        if summary.run.state is not JobState.COMPLETED:
            raise PromotionRefused(f"The run {run_id} is {summary.run.state}.")
        new = await self._of_version(caller, summary, name, candidate)
        old = await self._of_version(caller, summary, name, present)
        if new.name == old.name:
            raise PromotionRefused(f"{version_name(name, candidate)} carries the label already.")
        found = _comparison(summary, old, new)
        if found.finding is Finding.WORSE:
            raise PromotionRefused(f"{new.name} is worse than {old.name}.")
        if not excludes_loss(found, margin):
            more = f" About {found.needed} more cases are needed." if found.needed else ""
            raise PromotionRefused(
                f"The run does not show that {new.name} loses less than {margin:.0%} against {old.name}.{more}"
            )
        required = await self._evaluations.required(caller, run_id)
        if lost := required_lost(required.get(old.name, {}), required.get(new.name, {})):
            raise PromotionRefused(
                f"{new.name} loses a required assertion in {len(lost)} cases, first in {lost[0]!r}."
            )

    async def _of_version(
        self, caller: Caller, summary: Summary, name: str, number: int
    ) -> Variant:
        """The variant that ran a version. Version 0 is also one without a prompt of its own."""
        version = await self._prompts.version(caller, version_name(name, number))
        for each in summary.run.plan.variants:
            if each.prompt is not None and each.prompt.digest == version.digest:
                return each
        raise PromotionRefused(
            f"No variant of the run {summary.run.run_id} is {version_name(name, number)}."
        )


def _comparison(summary: Summary, old: Variant, new: Variant) -> Comparison:
    for each in summary.comparisons:
        if (each.baseline, each.variant, each.metric) == (old.name, new.name, ""):
            return each
    raise PromotionRefused(
        f"The run does not compare {new.name} with {old.name}: make that one the baseline."
    )
