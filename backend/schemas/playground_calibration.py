"""Calibrations of judges as JSON."""

from typing import Self

from pydantic import Field

from backend.reports.calibration_words import judge_cautions, judge_finding
from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.kernel.statistics.figures import Statistic
from use_cases.playground.evaluations.judge_calibration import (
    CalibratedRate,
    JudgeCalibration,
    PeoplePair,
)


@shape_of(Statistic, omit=["n", "coverage"])
class Figure(Schema):
    """A figure with its 95 % interval; null where the labels cannot tell it."""


@shape_of(CalibratedRate)
class VariantRate(Schema):
    """A variant's pass rate, as the judge states it and as people would find it."""

    stated: Figure
    corrected: Figure


@shape_of(PeoplePair)
class Labellers(Schema):
    """The agreement of two people."""

    kappa: Figure


@shape_of(JudgeCalibration, omit=["agreement", "pairs", "cases"])
class JudgeFigures(Schema):
    """The figures of a judge for one metric."""

    judge_version: str = Field(description="A digest of the judge's question.")
    labelled: int = attribute("agreement.labels.n")
    agreed_pass: int = attribute("agreement.labels.agreed_pass")
    wrong_pass: int = attribute(
        "agreement.labels.wrong_pass", "Answers that the judge passed and people failed."
    )
    wrong_fail: int = attribute(
        "agreement.labels.wrong_fail", "Answers that the judge failed and people passed."
    )
    agreed_fail: int = attribute("agreement.labels.agreed_fail")
    accuracy: Figure = attribute("agreement.accuracy")
    kappa: Figure = attribute("agreement.kappa")
    sensitivity: Figure = attribute("agreement.sensitivity")
    specificity: Figure = attribute("agreement.specificity")
    leniency: Figure = attribute(
        "agreement.leniency",
        "The share that the judge passes less the share that people would pass.",
    )
    rates: list[VariantRate]
    labellers: list[Labellers] = attribute("pairs")
    more_needed: int | None = Field(
        description="About how many more labels a finding needs; null where the run is too small."
    )


class JudgeCalibrationReply(JudgeFigures):
    """How far a judge may be trusted with one metric, in figures and words."""

    sentence: str
    cautions: list[str]

    @classmethod
    def told(cls, found: JudgeCalibration) -> Self:
        """From a calibration."""
        figures = JudgeFigures.of(found).model_dump()
        return cls(**figures, sentence=judge_finding(found), cautions=list(judge_cautions(found)))
