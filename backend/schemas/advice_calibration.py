"""The calibration of confidence as JSON: band by band, over all, and whether it changed.

Beside the agreed fields stand those without which an error says nothing: what chance would give.
"""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from backend.schemas.advice_reports import Window
from use_cases.advice.confidence import report_model as reporting
from use_cases.kernel.statistics.band_tests import BandVerdict
from use_cases.kernel.statistics.calibration_error import CalibrationErrors
from use_cases.kernel.statistics.figures import about_coverage
from use_cases.kernel.statistics.recalibration_line import Recalibration
from use_cases.kernel.statistics.report import Drift
from use_cases.kernel.statistics.spiegelhalter_test import Spiegelhalter

_ECE = "expected_calibration_error (ECE)"


class OverallCalibration(BaseModel):
    """Calibration over all bands. An error alone says nothing: a perfect forecaster has one, too."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    average_confidence: float | None
    observed_accuracy: float | None
    expected_calibration_error: float | None = Field(alias=_ECE)
    ece: float | None
    ece_expected_if_calibrated: float | None
    ece_95th_percentile_if_calibrated: float | None
    ece_p_value: float | None
    difference: float | None = Field(description="Confidence less accuracy: above 0 overconfident.")


class CalibrationBand(BaseModel):
    """A band and what its test says. With too few outcomes it can be found miscalibrated, but not calibrated."""

    band: str
    count: int
    avg_confidence: float | None
    observed_accuracy: float | None
    is_calibrated: bool | None = Field(description="Null for `insufficient_data`.")
    status: str = Field(description="`consistent`, `miscalibrated` or `insufficient_data`.")
    direction: str | None = Field(description="`over` where fewer came true than stated.")
    p_value: float | None = Field(description="Two-sided.")
    p_value_holm: float | None = Field(
        description="Adjusted for the other bands; it decides, below 0.05, or below 0.01 with few outcomes."
    )
    interval: tuple[float, float] | None = Field(description="Of the accuracy: Wilson, 95 %.")
    warnings: list[str] = Field(description="Of this band; those of the report hold for it, too.")

    @classmethod
    def of(cls, verdict: BandVerdict) -> Self:
        """From a judged band."""
        band = verdict.band
        return cls(
            band=band.label,
            count=band.n,
            avg_confidence=band.mean,
            observed_accuracy=band.rate,
            is_calibrated=verdict.is_calibrated,
            status=verdict.state,
            direction=verdict.direction,
            p_value=verdict.p,
            p_value_holm=verdict.p_holm,
            interval=band.interval,
            warnings=[text for text in verdict.warnings if text != about_coverage(band.coverage)],
        )


class CalibrationReport(BaseModel):
    """Whether confidence means what it says, and whether that changed."""

    overall_calibration: OverallCalibration
    calibration_bands: list[CalibrationBand]
    drift_analysis: Drift
    errors: CalibrationErrors
    spiegelhalter: Spiegelhalter
    recalibration: Recalibration
    window: Window
    warnings: list[str]

    @classmethod
    def of(cls, report: reporting.CalibrationReport) -> Self:
        """From a report."""
        calibration, scores = report.calibration, report.scores
        errors = calibration.errors
        overall: Mapping[str, float | None] = {
            "average_confidence": scores.mean_probability.value,
            "observed_accuracy": scores.rate.value,
            "expected_calibration_error": errors.ece,
            "ece": errors.ece,
            "ece_expected_if_calibrated": errors.ece_expected,
            "ece_95th_percentile_if_calibrated": errors.ece_q95,
            "ece_p_value": errors.ece_p,
            "difference": scores.gap.value,
        }
        return cls(
            overall_calibration=OverallCalibration.model_validate(overall),
            calibration_bands=[CalibrationBand.of(verdict) for verdict in calibration.bands],
            drift_analysis=report.drift,
            errors=errors,
            spiegelhalter=calibration.spiegelhalter,
            recalibration=calibration.recalibration,
            window=Window.of(report.window),
            warnings=list(report.warnings),
        )
