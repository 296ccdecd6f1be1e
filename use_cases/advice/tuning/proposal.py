"""A tuning as a pure function: from recorded responses to a proposed calibration, with a map for each
model and prompt version by itself, or pooled.

The number that a model states follows the prompt's examples, so a map is fitted for each (model,
prompt version) whose own outcomes pass the guards. The rest is served by a map fitted over all
prompt versions of its model, and the remaining rest by one over all models.

Promises: the same rows, version and moment give the same proposal; only stated scores enter the
fit. A map is compared with the one in force for just its responses; at each level the 5 % of
error are shared among the maps tried; a pooled map is not forced on a group whose own outcomes show
that it would be worse. A map that nothing replaces stays as it is. `summarise` states the result in a
sentence or two, for people and for the audit. Leaves to others: the guards, reading the rows, storing
the version, authorisation (`tune.py`).

A pooled map needs two groups of `FEWEST_OF_GROUP` outcomes: one alone, with a few of another, is no
evidence for others, so new prompt versions and models begin as stated. It is fitted over all
groups, those with a map of their own included, but not over models that fit their chance themselves
(`maps.FITTED_BY_ITSELF`): they are never pooled. One that would serve no recorded outcome is not
put in force: nothing supports it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import fsum

from use_cases.advice.model import BaseRate, CalibrationVersion, FittedMap, Scored
from use_cases.advice.profile import CERTAIN, PhraseScale
from use_cases.advice.tuning.base_rates import describe_rate
from use_cases.advice.tuning.guards import (
    FEWEST,
    NEW_OUTCOMES,
    SETTLED_AFTER,
    CrossValidation,
    Evidence,
    Examination,
    examine,
    new_since,
    one_per_event,
    select_evidence,
    summarise_differences,
)
from use_cases.advice.tuning.maps import (
    UNCHANGED,
    CalibrationLine,
    Key,
    keys_of,
    map_in_force,
    recalibrate,
)
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
from use_cases.kernel.statistics.figures import Forecast, counted
from use_cases.kernel.statistics.forecast_scores import brier_score, mean_probability, rate

FEWEST_OF_GROUP = 20
"""The fewest outcomes, one for each event, of each of the two groups that a pooled map needs."""

_LEVELS = 3
"""A model's prompt version, a model, all models: the places of `keys_of`."""


@dataclass(slots=True)
class PooledMaps:
    """The examination of each key, the maps that passed, and the groups that keep theirs."""

    current: CalibrationVersion | None
    examinations: dict[Key, Examination] = field(default_factory=dict[Key, Examination])
    maps: dict[Key, FittedMap] = field(default_factory=dict[Key, FittedMap])
    kept: dict[Key, str] = field(default_factory=dict[Key, str])

    @property
    def merged(self) -> dict[Key, FittedMap]:
        """All maps of the new version: those in force, replaced where a new one passed."""
        before = self.current.maps if self.current else ()
        return {(each.model, each.prompt_version): each for each in before} | self.maps

    def serving(self, row: Scored) -> Key | None:
        """Returns the key of the map that would serve this row; None: as stated."""
        merged = self.merged
        return next((key for key in _keys(row) if key in merged), None)


def pool(
    rows: Sequence[Scored],
    current: CalibrationVersion | None,
    *,
    finest_only: bool = False,
) -> PooledMaps:
    """Examines every level, finest first; rows are resolved, oldest first.

    `finest_only`: no map is pooled, because the rows are only part of the evidence for a pooled
    one.
    """
    found = PooledMaps(current)
    for level in range(1 if finest_only else _LEVELS):
        sets = _sets(rows, level, found)
        tried = sum(len(each) >= FEWEST for each in sets.values())
        for key, each in sets.items():
            line = line_in_force(current, key)
            verdict = examine(each, line, tried=tried)
            found.examinations[key] = verdict
            if not verdict.line or not verdict.cross_validation:
                continue
            spared = _spare_harmed(found, verdict.rows, verdict.cross_validation, line)
            if not level or _has_unserved(each, level, found, spared):
                found.maps |= spared
                found.maps[key] = _fitted(key, verdict.line, verdict.cross_validation, verdict.rows)
                _forget_kept(found, each, key)
    return found


def line_in_force(current: CalibrationVersion | None, key: Key) -> CalibrationLine:
    """Returns the line that serves these responses now."""
    fitted = map_in_force(current, *key)
    return CalibrationLine(fitted.intercept, fitted.slope) if fitted else UNCHANGED


def effect(found: PooledMaps, rows: Iterable[Scored]) -> CrossValidation:
    """Returns the paired differences of all rows that a new map would serve, each by the map it would
    get.
    """
    tried: dict[Key, dict[str, float]] = {}
    for key, verdict in found.examinations.items():
        if key in found.maps and verdict.line and verdict.cross_validation:
            names = [row.response_id for row in verdict.rows]
            tried[key] = dict(zip(names, verdict.cross_validation.differences, strict=True))
    served = [(found.serving(row), row.response_id) for row in rows]
    differences = [tried[key].get(name) for key, name in served if key in tried]
    return summarise_differences([each for each in differences if each is not None])


def _keys(row: Scored) -> tuple[Key, ...]:
    """Returns the keys of the maps that may serve this row, finest first."""
    return keys_of(row.model, row.prompt_version)


def _sets(rows: Sequence[Scored], level: int, found: PooledMaps) -> dict[Key, tuple[Scored, ...]]:
    """Returns the rows of each map to be tried at this level, one for each event."""
    grouped: dict[Key, list[Scored]] = {}
    for row in rows:
        for key in _keys(row)[level : level + 1]:
            grouped.setdefault(key, []).append(row)
    sets = {key: one_per_event(each) for key, each in grouped.items()}
    return {
        key: each
        for key, each in sets.items()
        if not level or (_says_of_others(each, level) and _has_unserved(each, level, found, ()))
    }


def _says_of_others(rows: Sequence[Scored], level: int) -> bool:
    """Returns whether at least two finer groups have enough of these rows each."""
    sizes = Counter(_keys(row)[level - 1] for row in rows)
    return sum(size >= FEWEST_OF_GROUP for size in sizes.values()) > 1


def _has_unserved(
    rows: Sequence[Scored], level: int, found: PooledMaps, spared: Collection[Key]
) -> bool:
    """Returns whether a row has no map of a finer level, also when the spared groups have theirs."""
    has = found.merged.keys() | set(spared)
    return any(has.isdisjoint(_keys(row)[:level]) for row in rows)


def _spare_harmed(
    found: PooledMaps,
    rows: Sequence[Scored],
    tested: CrossValidation,
    line: CalibrationLine,
) -> dict[Key, FittedMap]:
    """Returns the present map of each group that a pooled map would make worse, as a map of its own.

    Called before the pooled map itself is added: then a group is served by a finer map, or by
    `line`.
    """
    differences: dict[Key, list[float]] = {}
    of_group: dict[Key, list[Scored]] = {}
    for row, difference in zip(rows, tested.differences, strict=True):
        differences.setdefault(_keys(row)[0], []).append(difference)
        of_group.setdefault(_keys(row)[0], []).append(row)
    served = {_keys(row)[0] for row in rows if _line_of(found, row) != line}
    spared: dict[Key, FittedMap] = {}
    for group, each in differences.items():
        if group in served or len(each) < FEWEST or fsum(each) <= 0 or group in found.merged:
            continue
        still = CrossValidation((0.0,) * len(each), 0.0, 0.0, 0.0, 0.0)
        spared[group] = _fitted(group, line, still, of_group[group])
        found.kept[group] = (
            f"On its own {len(each)} outcomes the pooled map would change the Brier score by "
            f"{fsum(each) / len(each):+.4f}, so this group keeps its own calibration."
        )
    return spared


def _forget_kept(found: PooledMaps, rows: Sequence[Scored], key: Key) -> None:
    """Drops groups that were kept from one pooled map, and are served by this coarser one now."""
    for group in {_keys(row)[0] for row in rows if found.serving(row) == key}:
        found.kept.pop(group, None)


def _line_of(found: PooledMaps, row: Scored) -> CalibrationLine:
    """Returns the line that would serve this row with the maps found so far."""
    key = found.serving(row)
    fitted = found.merged[key] if key else None
    return CalibrationLine(fitted.intercept, fitted.slope) if fitted else UNCHANGED


def _fitted(
    key: Key, line: CalibrationLine, tested: CrossValidation, rows: Sequence[Scored]
) -> FittedMap:
    stated = [row.stated / CERTAIN for row in rows]
    return FittedMap(
        model=key[0],
        prompt_version=key[1],
        intercept=line.intercept,
        slope=line.slope,
        n=len(tested.differences),
        effect=tested.mean,
        effect_low=tested.low,
        effect_high=tested.high,
        stated_from=min(stated),
        stated_to=max(stated),
    )


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
    return f"{suggestion(proposal, adjustments)} {_ENDINGS[status]}"


def suggestion(proposal: CalibrationProposal, adjustments: Sequence[Adjustment]) -> str:
    """Returns the suggestion and its evidence, or the reason for none. It stays true when something else
    is put in force.
    """
    if proposal.effect is None:
        return f"Nothing is suggested. {_why(proposal.reasons)}"
    suggested = f"Suggested {counted(len(adjustments), 'adjustment')}"
    return f"{suggested} from {proposal.n} outcomes: {_gain(proposal.effect)}"


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
        detail=f"Only {counted(new, 'new outcome')} since the last tuning or rollback; "
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
