"""What came of replayed cases: how good the stated confidences were, before and after tuning. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from use_cases.advice.backtest.replayed_decisions import Adviser, Case
from use_cases.advice.comparison.chance_curve import Decided
from use_cases.advice.model import OutcomeState, Scored
from use_cases.advice.profile import CERTAIN
from use_cases.advice.tuning.tuning_report import TuningResult
from use_cases.kernel.statistics.bands import Band, in_bands
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.report import (
    Calibration,
    Scores,
    calibration_report,
    score_report,
)
from use_cases.kernel.statistics.scores import brier

_KNOWN = (OutcomeState.RIGHT, OutcomeState.WRONG)
_CONSTANTS = (0.5, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How good stated probabilities were on decided cases."""

    scores: Scores
    calibration: Calibration

    @classmethod
    def of(cls, forecasts: Sequence[Forecast]) -> "Figures":
        """All of it."""
        return cls(scores=score_report(forecasts), calibration=calibration_report(forecasts))


@dataclass(frozen=True, slots=True)
class TuningTried:
    """A tuning, and the period before which it was tried."""

    before_period: int
    result: TuningResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One adviser's replay. `trained` and `before` are what it stated in the training and in the
    test periods, `after` is what experience made of `before`.

    `cases` counts all, `void` those that nobody was right about, `pending` those that the profile's
    query could not decide. `constants` are the Brier scores of always saying one probability in the
    test periods. `said_after` is the mean of `after` in each band of `before`, None where no case is.
    """

    adviser: Adviser
    cases: int
    void: int
    pending: int
    trained: Figures
    before: Figures
    after: Figures
    tunings: Sequence[TuningTried]
    constants: Mapping[float, float]
    said_after: Sequence[float | None]

    @property
    def before_bands(self) -> Sequence[Band]:
        """The bands of what was stated in the test periods."""
        return [verdict.band for verdict in self.before.calibration.bands]


def decided(replayed: Mapping[str, Case], scored: Sequence[Scored]) -> list[Decided]:
    """What has come of the cases so far: everyone chose the higher one."""
    return [
        Decided(replayed[row.response_id].gap, 1, float(row.outcome is OutcomeState.RIGHT))
        for row in scored
        if row.outcome in _KNOWN
    ]


def replay_of(
    adviser: Adviser,
    replayed: Mapping[str, Case],
    scored: Sequence[Scored],
    tunings: Sequence[TuningTried],
    periods: tuple[range, range],
) -> Replay:
    """The figures of a replay, from what the store holds; `periods` to train and to test."""
    train, test = ([r for r in scored if replayed[r.response_id].period in p] for p in periods)
    before = _forecasts(test, lambda row: row.stated)
    after = _forecasts(test, lambda row: row.calibrated)
    return Replay(
        adviser=adviser,
        cases=len(scored),
        void=sum(row.outcome is OutcomeState.VOID for row in scored),
        pending=sum(row.outcome is OutcomeState.PENDING for row in scored),
        trained=Figures.of(_forecasts(train, lambda row: row.stated)),
        before=Figures.of(before),
        after=Figures.of(after),
        tunings=tuple(tunings),
        said_after=_said_after(before, after),
        constants={p: brier([replace(f, probability=p) for f in after]) for p in _CONSTANTS}
        if after
        else {},
    )


def _said_after(before: Sequence[Forecast], after: Sequence[Forecast]) -> list[float | None]:
    later = {id(stated): shown.probability for stated, shown in zip(before, after, strict=True)}
    groups = ([later[id(row)] for row in rows] for rows in in_bands(before))
    return [fsum(group) / len(group) if group else None for group in groups]


def _forecasts(rows: Sequence[Scored], confidence: Callable[[Scored], int]) -> list[Forecast]:
    return [
        Forecast(
            confidence(row) / CERTAIN,
            row.outcome is OutcomeState.RIGHT,
            row.event_key,
            row.created_at,
        )
        for row in rows
        if row.outcome in _KNOWN
    ]
