"""The state of the phrases: their present meaning and its history.

Promises: the present state is the version in force, not the newest attempt. Leaves to others:
reading the versions (`use_cases/advice/confidence/reports.py`).
"""

from collections.abc import Sequence

from use_cases.advice.confidence.make_reports import warnings
from use_cases.advice.confidence.report_model import PhraseStatus, ReportRequest, TuningMode, Window
from use_cases.advice.confidence.report_rows import forecasts
from use_cases.advice.model import CalibrationVersion, Scored, TuningNote, VersionKind
from use_cases.advice.profile import Profile
from use_cases.advice.tuning.base_rates import base_rates, describe_rate
from use_cases.advice.tuning.thresholds import phrase_map
from use_cases.advice.tuning.tuning_report import GroupBaseRate, PhraseMap
from use_cases.kernel.statistics.report import calibration_report


def phrase_status(
    profile: Profile,
    rows: Sequence[Scored],
    request: ReportRequest,
    about: Window,
    *,
    everyones: Sequence[Scored],
    current: CalibrationVersion | None,
    versions: Sequence[CalibrationVersion],
    notes: Sequence[TuningNote],
) -> PhraseStatus:
    """Return the state; `rows` are the caller's own, base rates rest on `everyones`; `versions` and
    `notes` are newest first.
    """
    calibrated = calibration_report(
        forecasts(rows, request.which),
        coverage=about.counts.coverage,
        bands=request.bands,
        edges=request.edges,
    )
    rates = [
        describe_rate(key, rate, profile.phrases)
        for key, rate in base_rates(everyones, current).items()
    ]
    return PhraseStatus(
        profile=profile.profile_id,
        mode=_mode(current),
        version=current,
        phrases=_phrases(profile, current),
        previous=tuple(each for each in versions if each != current),
        notes=tuple(notes),
        last_tuned=current.created_at if current else None,
        recent_calibration_score=calibrated.errors.ece,
        calibration=calibrated,
        window=about,
        base_rates=tuple(rates),
        warnings=warnings(
            map(_about, rates),
            calibrated.warnings,
            calibrated.errors.warnings,
        ),
    )


def _about(rate: GroupBaseRate) -> str:
    low, high = rate.interval
    return (
        f"{rate.model}, {rate.prompt_version}: stated confidence does not separate right from wrong, "
        f"so advice shows the base rate: {rate.phrase}, {rate.right} of {rate.n} right (95% interval "
        f"{low:.0%} to {high:.0%})."
    )


def _mode(current: CalibrationVersion | None) -> TuningMode:
    if current is None:
        return TuningMode.UNTUNED
    return TuningMode.AUTOMATIC if current.kind is VersionKind.TUNED else TuningMode.MANUAL


def _phrases(profile: Profile, current: CalibrationVersion | None) -> tuple[PhraseMap, ...]:
    """Return the phrases of each map; then as stated, unless one map is for all models that may be
    pooled.
    """
    maps = [phrase_map(profile.phrases, each) for each in (current.maps if current else ())]
    if not any(each.model is None and each.prompt_version is None for each in maps):
        maps.append(phrase_map(profile.phrases, None))
    return tuple(maps)
