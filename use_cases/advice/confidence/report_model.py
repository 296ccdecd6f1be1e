"""The requests for reports on confidence, and the reports.

Probabilities, shares and scores are 0 to 1. None marks a figure that cannot be computed; `warnings`
state the reasons and the limits of the figures. Helpfulness of advice is no part of any report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from use_cases.advice.model import (
    CalibrationVersion,
    OutcomeState,
    Response,
    ResponseScope,
    TuningNote,
)
from use_cases.advice.tuning.tuning_report import GroupBaseRate, PhraseMap, PhraseSetting
from use_cases.kernel.statistics.bands import Band, Edges
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.report import Calibration, Drift, Scores


class Which(StrEnum):
    """The confidence under judgement: the one that was shown, or the one that the model stated."""

    CALIBRATED = "calibrated"
    STATED = "stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest(ResponseScope):
    """The responses of a report, of the last `days_back` days (None: the report's own default), and
    its options. `bands` is 5 to 20, `edges` is the end of a band that belongs to it.
    """

    days_back: int | None = None
    which: Which = Which.CALIBRATED
    bands: int = 10
    edges: Edges = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The responses of a window that state a confidence, by outcome.

    `resolved` were right or wrong. `coverage` is resolved / (resolved + pending), void ones left
    out; None without either. `events` counts the distinct events of the resolved ones.
    """

    total: int
    resolved: int
    right: int
    wrong: int
    void: int
    pending: int
    events: int
    coverage: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The responses of a report: from `since` to `until`, with their counts.

    `unsure` is the number that state no confidence; no other count includes them.
    """

    days_back: int
    since: datetime
    until: datetime
    which: Which
    counts: Counts
    unsure: int = 0

    @property
    def responses(self) -> int:
        """All responses of the window, with and without a confidence."""
        return self.counts.total + self.unsure


class BreakdownBy(StrEnum):
    """The dimension of a breakdown."""

    MODEL = "model"
    PROMPT_VERSION = "prompt_version"
    WEB_SEARCH_USED = "web_search_used"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownRow:
    """One part of a breakdown: `value` of the dimension, such as a model's name, or true or false."""

    dimension: BreakdownBy
    value: str
    counts: Counts
    average_confidence: Statistic
    observed_accuracy: Statistic
    brier: Statistic
    auc: Statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceReport:
    """A report on the responses of a window, with the scores of the resolved ones."""

    window: Window
    scores: Scores
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceStats(ConfidenceReport):
    """The accuracy of advice, and the quality of its stated confidence.

    `average_confidence` is over all responses, resolved or not.
    """

    average_confidence: float | None
    bands: Sequence[Band]
    breakdown: Sequence[BreakdownRow]
    last_updated: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrierReport(ConfidenceReport):
    """The Brier score with its decomposition, and the bands of a reliability diagram."""

    bands: Sequence[Band]

    @property
    def curve(self) -> Sequence[Band]:
        """The bands that have outcomes: the points of a calibration curve."""
        return [band for band in self.bands if band.mean is not None and band.rate is not None]

    @property
    def diagram(self) -> Self:
        """This report, of which a reliability diagram takes the bands and the base rate."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport(ConfidenceReport):
    """The calibration of confidence, and its drift over time."""

    calibration: Calibration
    drift: Drift

    @property
    def overall(self) -> Self:
        """This report, of which the figures over all bands are taken."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentRequest(ResponseScope):
    """A page of recorded responses: at most `limit`, older than `before` (an id).

    `outcome` keeps one kind only (`pending`: those without a judgement). `redact` leaves out the
    texts of questions, advice and notes.
    """

    limit: int = 20
    before: str | None = None
    days_back: int | None = None
    outcome: OutcomeState | None = None
    redact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentResponses:
    """Recorded responses, newest first. `total_count` counts all that match, `returned` these;
    `next_before` is the cursor of the next page, None at the end. `timestamp` is that of the newest
    one.
    """

    responses: Sequence[Response]
    total_count: int
    returned: int
    next_before: str | None
    timestamp: datetime | None
    redacted: bool


class TuningMode(StrEnum):
    """The source of the phrases' thresholds: the stated confidence, a tuning, or a rollback."""

    UNTUNED = "untuned"
    AUTOMATIC = "automatic"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseStatus:
    """The phrases and the calibration in force, with time, author and reason.

    `phrases` are those of each map in force, the last one for responses without a map (scores are
    then probabilities). `version` is None before the first tuning. `recent_calibration_score` is
    the ECE of the shown confidence in the last `window.days_back` days, `calibration` its full
    analysis. `base_rates` replace stated confidence that does not separate right from wrong.
    """

    profile: str
    mode: TuningMode
    version: CalibrationVersion | None
    phrases: Sequence[PhraseMap]
    previous: Sequence[CalibrationVersion]
    notes: Sequence[TuningNote]
    last_tuned: datetime | None
    recent_calibration_score: float | None
    calibration: Calibration
    window: Window
    base_rates: Sequence[GroupBaseRate]
    warnings: Sequence[str]

    @property
    def plain_phrases(self) -> Mapping[str, PhraseSetting]:
        """The phrases of responses that no correction of their own is in force for."""
        return self.phrases[-1].by_key
