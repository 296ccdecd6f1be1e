"""The results of a replay: the quality of stated confidence before and after tuning. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from use_cases.advice.backtest.replayed_decisions import Adviser, Case
from use_cases.advice.comparison.chance_curve import Decided
from use_cases.advice.confidence.make_reports import forecasts
from use_cases.advice.confidence.report_model import Which
from use_cases.advice.model import OutcomeState, Scored
from use_cases.advice.tuning.tuning_report import TuningResult
from use_cases.kernel.statistics.bands import Band, group_by_band
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.report import (
    Calibration,
    Scores,
    calibration_report,
    score_report,
)
from use_cases.kernel.statistics.scores import brier

_CONSTANTS = (0.5, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Scores and calibration of stated probabilities on decided cases."""

    scores: Scores
    calibration: Calibration

    @classmethod
    def of(cls, forecasts: Sequence[Forecast]) -> "Figures":
        """Return the figures of these forecasts."""
        return cls(scores=score_report(forecasts), calibration=calibration_report(forecasts))


@dataclass(frozen=True, slots=True)
class ReplayTuning:
    """A tuning of a replay, and the period that it precedes."""

    before_period: int
    result: TuningResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One adviser's replay. `trained` and `before` are its stated confidence in the training and in
    the test periods, `after` is `before` as tuning corrects it.

    `cases` counts all, `void` those without a winner, `pending` those that the profile's query
    could not decide. `constants` are the Brier scores of a constant probability in the test
    periods. `mean_after` is the mean of `after` in each band of `before`, None for an empty band.
    """

    adviser: Adviser
    cases: int
    void: int
    pending: int
    trained: Figures
    before: Figures
    after: Figures
    tunings: Sequence[ReplayTuning]
    constants: Mapping[float, float]
    mean_after: Sequence[float | None]

    @property
    def before_bands(self) -> Sequence[Band]:
        """The bands of stated confidence in the test periods."""
        return [verdict.band for verdict in self.before.calibration.bands]


def decided_pairs(replayed: Mapping[str, Case], scored: Sequence[Scored]) -> list[Decided]:
    """Return the decided cases so far; every adviser chooses the higher option."""
    return [
        Decided(replayed[row.response_id].gap, 1, float(row.right))
        for row in scored
        if row.resolved
    ]


def summarise_replay(
    adviser: Adviser,
    replayed: Mapping[str, Case],
    scored: Sequence[Scored],
    tunings: Sequence[ReplayTuning],
    periods: tuple[range, range],
) -> Replay:
    """Return the figures of a replay from its recorded responses; `periods` to train and to test."""
    train, test = ([r for r in scored if replayed[r.response_id].period in p] for p in periods)
    before = forecasts(test, Which.STATED)
    after = forecasts(test, Which.CALIBRATED)
    return Replay(
        adviser=adviser,
        cases=len(scored),
        void=sum(row.outcome is OutcomeState.VOID for row in scored),
        pending=sum(row.outcome is OutcomeState.PENDING for row in scored),
        trained=Figures.of(forecasts(train, Which.STATED)),
        before=Figures.of(before),
        after=Figures.of(after),
        tunings=tuple(tunings),
        mean_after=_mean_after(before, after),
        constants={p: brier([replace(f, probability=p) for f in after]) for p in _CONSTANTS}
        if after
        else {},
    )


def _mean_after(before: Sequence[Forecast], after: Sequence[Forecast]) -> list[float | None]:
    later = {id(stated): shown.probability for stated, shown in zip(before, after, strict=True)}
    groups = ([later[id(row)] for row in rows] for rows in group_by_band(before))
    return [fsum(group) / len(group) if group else None for group in groups]
