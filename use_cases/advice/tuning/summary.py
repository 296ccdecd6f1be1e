"""The summary of a tuning in one sentence, for people and for the audit."""

from collections.abc import Sequence

from use_cases.advice.tuning.tuning_report import (
    Adjustment,
    CalibrationProposal,
    Effect,
    Guard,
    Reason,
    TuningStatus,
)

_ENDINGS = {
    TuningStatus.DRY_RUN_COMPLETE: "This was a dry run: nothing was changed.",
    TuningStatus.TUNING_APPLIED: "It is in force.",
    TuningStatus.NOT_APPLIED: "Nothing was changed.",
}


def summarise(
    status: TuningStatus, proposal: CalibrationProposal, adjustments: Sequence[Adjustment]
) -> str:
    """Return the suggestion and its evidence, or the reason for none, and the action."""
    if proposal.effect is None:
        return f"Nothing is suggested. {_why(proposal.reasons)} {_ENDINGS[status]}"
    count = len(adjustments)
    suggested = f"Suggested {count} {'adjustment' if count == 1 else 'adjustments'}"
    return f"{suggested} from {proposal.n} outcomes: {_gain(proposal.effect)} {_ENDINGS[status]}"


def _gain(effect: Effect) -> str:
    return (
        f"the Brier score changes by {effect.brier_change:+.4f} "
        f"({effect.low:+.4f} to {effect.high:+.4f}) on outcomes that the new map had not seen."
    )


def _why(reasons: Sequence[Reason]) -> str:
    sentences = dict.fromkeys(reason.detail for reason in reasons)
    if any(reason.guard in (Guard.NO_DISCRIMINATION, Guard.ONE_VALUE) for reason in reasons):
        sentences["The base rate is the best that can be said of such advice."] = None
    return " ".join(sentences)
