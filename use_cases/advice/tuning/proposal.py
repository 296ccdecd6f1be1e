"""A tuning as a pure function: from recorded responses to a proposed calibration.

Promises: the same rows, version and moment give the same proposal; only stated scores enter the
fit; `summarise` states the result in a sentence or two, for people and for the audit. Leaves to
others: reading the rows, storing the version, authorisation (`tune.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from use_cases.advice.model import BaseRate, CalibrationVersion, Scored
from use_cases.advice.profile import PhraseScale
from use_cases.advice.tuning.base_rates import describe_rate
from use_cases.advice.tuning.evidence import (
    NEW_OUTCOMES,
    SETTLED_AFTER,
    Evidence,
    new_since,
    one_per_event,
    select_evidence,
)
from use_cases.advice.tuning.maps import recalibrate
from use_cases.advice.tuning.pooling import Key, PooledMaps, effect, pool
from use_cases.advice.tuning.tuning_report import (
    Adjustment,
    CalibrationProposal,
    CalibrationSummary,
    Effect,
    Exclusion,
    GroupBaseRate,
    Guard,
    Reason,
    TuningStatus,
)
from use_cases.kernel.statistics.calibration_error import calibration_errors
from use_cases.kernel.statistics.figures import counted
from use_cases.kernel.statistics.forecast_scores import brier_score, mean_probability, rate
from use_cases.kernel.statistics.forecasts import Forecast

_ENDINGS = {
    TuningStatus.DRY_RUN_COMPLETE: "This was a dry run: nothing was changed.",
    TuningStatus.TUNING_APPLIED: "It is in force.",
    TuningStatus.NOT_APPLIED: "Nothing was changed.",
}

_WITHOUT_ORDER = frozenset({Guard.NO_DISCRIMINATION, Guard.ONE_VALUE})


def propose(
    scored: Sequence[Scored],
    current: CalibrationVersion | None,
    scale: PhraseScale,
    now: datetime,
    *,
    finest_only: bool = False,
) -> CalibrationProposal:
    """Selects the evidence, tries all maps, and gives the reasons against each.

    `finest_only`: the rows are of one prompt version, so no map over others is fitted to them.
    """
    settled = now - SETTLED_AFTER
    known = select_evidence(scored, settled)
    single = one_per_event(known.rows)
    hindrance = _too_soon(known, current)
    found = PooledMaps(current) if hindrance else pool(known.rows, current, finest_only=finest_only)
    changed = effect(found, known.rows)
    return CalibrationProposal(
        responses=len(scored),
        n=len(single),
        window_to=settled,
        excluded=_excluded(known, single),
        previous_calibration=_summary(single, current),
        reasons=(hindrance,) if hindrance else _reasons(found, known.excluded),
        base_rates=_base_rates(found, scale),
        maps=tuple(found.maps.values()),
        all_maps=tuple(found.merged.values()),
        effect=Effect(
            n=len(changed.differences),
            brier_change=changed.mean,
            low=changed.low,
            high=changed.high,
        )
        if found.maps
        else None,
    )


def summarise(
    status: TuningStatus, proposal: CalibrationProposal, adjustments: Sequence[Adjustment]
) -> str:
    """Returns the suggestion and its evidence, or the reason for none, and the action."""
    if proposal.effect is None:
        return f"Nothing is suggested. {_why(proposal.reasons)} {_ENDINGS[status]}"
    count = len(adjustments)
    suggested = f"Suggested {count} {'adjustment' if count == 1 else 'adjustments'}"
    return f"{suggested} from {proposal.n} outcomes: {_gain(proposal.effect)} {_ENDINGS[status]}"


def _summary(rows: Sequence[Scored], current: CalibrationVersion | None) -> CalibrationSummary:
    """Returns the quality of the calibration in force on these rows, applied to their stated
    confidence.
    """
    forecasts = [Forecast(recalibrate(row, current), row.right) for row in rows]
    errors = calibration_errors(forecasts)
    return CalibrationSummary(
        version_id=current.version_id if current else None,
        n=len(forecasts),
        average_confidence=mean_probability(forecasts).value,
        observed_accuracy=rate(forecasts).value,
        brier_score=brier_score(forecasts).value,
        ece=errors.ece,
        ece_expected=errors.ece_expected,
        ece_p=errors.ece_p,
    )


def _too_soon(known: Evidence, current: CalibrationVersion | None) -> Reason | None:
    new = new_since(known.rows, current)
    if new is None or new >= NEW_OUTCOMES:
        return None
    return Reason(
        guard=Guard.TOO_SOON,
        detail=f"Only {counted(new, 'new outcome')} since the calibration in force; "
        f"{NEW_OUTCOMES} are needed, because testing the same outcomes again finds errors by "
        "chance.",
    )


def _excluded(known: Evidence, single: Sequence[Scored]) -> dict[Exclusion, int]:
    repeated = len(known.rows) - len(single)
    return known.excluded | ({Exclusion.SAME_EVENT: repeated} if repeated else {})


def _reasons(found: PooledMaps, excluded: Mapping[Exclusion, int]) -> tuple[Reason, ...]:
    if not found.examinations:
        return (Reason(guard=Guard.FEW_OUTCOMES, detail=_no_evidence(excluded)),)
    failed = [
        _reason(guard, detail, key)
        for key, verdict in found.examinations.items()
        for guard, detail in verdict.failed
    ]
    return (*failed, *(_reason(Guard.KEPT, why, key) for key, why in found.kept.items()))


def _no_evidence(excluded: Mapping[Exclusion, int]) -> str:
    """Returns the reason why no outcome counts."""
    recent, undated = (excluded.get(each, 0) for each in (Exclusion.RECENT, Exclusion.UNDATED))
    if not recent and not undated:
        return "There is no outcome yet."
    hours = SETTLED_AFTER // timedelta(hours=1)
    left_out = [
        f"{counted(recent, 'outcome')} younger than {hours} hours" if recent else "",
        f"{counted(undated, 'outcome')} without a date" if undated else "",
    ]
    return f"No outcome counts yet: left out {'is' if recent + undated == 1 else 'are'} {' and '.join(filter(None, left_out))}."


def _reason(guard: Guard, detail: str, key: Key) -> Reason:
    return Reason(guard=guard, detail=detail, model=key[0], prompt_version=key[1])


def _base_rates(found: PooledMaps, scale: PhraseScale) -> tuple[GroupBaseRate, ...]:
    """Returns the base rates of groups whose stated confidence does not separate right from wrong."""
    return tuple(
        describe_rate(
            key, BaseRate(sum(row.right for row in verdict.rows), len(verdict.rows)), scale
        )
        for key, verdict in found.examinations.items()
        if any(guard in _WITHOUT_ORDER for guard, _ in verdict.failed)
    )


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
