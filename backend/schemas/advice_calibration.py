"""The calibration of confidence as JSON: band by band, over all, and whether it changed.

Beside the agreed fields stand those without which an error says nothing: what chance would give.
"""

from pydantic import AliasPath, ConfigDict, Field

from backend.schemas.advice_reports import Window
from backend.schemas.schema import Schema, attribute
from use_cases.kernel.statistics.calibration_error import CalibrationErrors
from use_cases.kernel.statistics.recalibration_line import Recalibration
from use_cases.kernel.statistics.report import Drift

_ECE = "expected_calibration_error (ECE)"


class OverallCalibration(Schema):
    """Calibration over all bands. An error alone says nothing: a perfect forecaster has one, too."""

    model_config = ConfigDict(serialize_by_alias=True)

    average_confidence: float | None = attribute("scores.mean_probability.value")
    observed_accuracy: float | None = attribute("scores.rate.value")
    expected_calibration_error: float | None = Field(
        validation_alias=AliasPath("calibration", "errors", "ece"), serialization_alias=_ECE
    )
    ece: float | None = attribute("calibration.errors.ece")
    ece_expected_if_calibrated: float | None = attribute("calibration.errors.ece_expected")
    ece_95th_percentile_if_calibrated: float | None = attribute("calibration.errors.ece_q95")
    ece_p_value: float | None = attribute("calibration.errors.ece_p")
    difference: float | None = attribute(
        "scores.gap.value", "Confidence less accuracy: above 0 overconfident."
    )


class CalibrationBand(Schema):
    """A band and what its test says. With too few outcomes it can be found miscalibrated, but not calibrated."""

    band: str = attribute("band.label")
    count: int = attribute("band.n")
    avg_confidence: float | None = attribute("band.mean")
    observed_accuracy: float | None = attribute("band.rate")
    is_calibrated: bool | None = Field(description="Null for `insufficient_data`.")
    status: str = attribute("state", "`consistent`, `miscalibrated` or `insufficient_data`.")
    direction: str | None = Field(description="`over` where fewer came true than stated.")
    p_value: float | None = attribute("p", "Two-sided.")
    p_value_holm: float | None = attribute(
        "p_holm",
        "Adjusted for the other bands; it decides, below 0.05, or below 0.01 with few outcomes.",
    )
    interval: tuple[float, float] | None = attribute(
        "band.interval", "Of the accuracy: Wilson, 95 %."
    )
    warnings: list[str] = attribute(
        "own_warnings", "Of this band; those of the report hold for it, too."
    )


class CalibrationReport(Schema):
    """Whether confidence means what it says, and whether that changed."""

    overall_calibration: OverallCalibration = attribute("overall")
    calibration_bands: list[CalibrationBand] = attribute("calibration.bands")
    drift_analysis: Drift = attribute("drift")
    errors: CalibrationErrors = attribute("calibration.errors")
    recalibration: Recalibration = attribute("calibration.recalibration")
    window: Window
    warnings: list[str]
