"""Our statistics beside values that other libraries computed: each pair with the limit it must keep.

Exact values must agree to 1e-9. Resampled ones differ by the other side's own chance: 1e-3, or four
standard errors of its 1,000 draws where that is more (a p-value of 0.1 has one of 0.009).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from use_cases.kernel.statistics.bands import Edges, assess_bands
from use_cases.kernel.statistics.calibration_error import calibration_errors, recalibration
from use_cases.kernel.statistics.figures import Forecast
from use_cases.kernel.statistics.forecast_scores import (
    auc,
    brier_interval,
    climatology,
    gap,
    log_loss,
    mean_probability,
    murphy,
    rate,
    skill,
)
from use_cases.kernel.statistics.report import compare_windows

Value: TypeAlias = "float | str | Sequence[Value] | Mapping[str, Value] | None"

EXACT = 1e-9
IDENTITY = 1e-12
RESAMPLED = 1e-3
THEIR_DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One value of ours and of theirs; None on both sides agrees, on one side it does not."""

    name: str
    ours: float | None
    theirs: float | None
    limit: float = EXACT

    @property
    def size(self) -> float:
        """The absolute difference."""
        if self.ours is None or self.theirs is None:
            return 0.0 if self.ours is self.theirs else float("inf")
        return abs(self.ours - self.theirs)

    @property
    def holds(self) -> bool:
        """Whether the difference is within its limit."""
        return self.size <= self.limit


def read(path: Path) -> dict[str, dict[str, Value]]:
    """Reference values by set; empty without the file."""
    if not path.exists():
        return {}
    return cast("dict[str, dict[str, Value]]", json.loads(path.read_text(encoding="utf-8")))


def against(
    forecasts: Sequence[Forecast], theirs: Mapping[str, Value], name: str
) -> Iterator[Difference]:
    """Every value that both have."""
    # With 0.3, 0.6 and 0.7 in the data netcal's floating edges put them one band too low.
    float_edges = name.endswith("_rounded_to_tenths")
    yield from _scores(forecasts, theirs)
    yield from _decompositions(forecasts, theirs, float_edges=float_edges)
    yield from _errors(forecasts, theirs)
    yield from _bands(forecasts, theirs, float_edges=float_edges)
    yield from _tests(forecasts, theirs)
    yield from _resampled(forecasts, theirs)


def drift_against(
    rows: Sequence[tuple[Forecast, str]], theirs: Mapping[str, Value]
) -> Iterator[Difference]:
    """The last season against the rest."""
    last = max(season for _, season in rows)
    windows = compare_windows(
        [forecast for forecast, season in rows if season != last],
        [forecast for forecast, season in rows if season == last],
    )
    stated = _part(theirs, "two_window_last_season")
    for ours, key in (
        (windows.n_earlier, "n1"),
        (windows.n_later, "n2"),
        (windows.residual_earlier, "resid1"),
        (windows.residual_later, "resid2"),
        (windows.z, "z"),
        (windows.p, "p"),
        (windows.brier_earlier, "brier1"),
        (windows.brier_later, "brier2"),
    ):
        yield Difference("two windows", ours, _number(stated, key))


def _scores(forecasts: Sequence[Forecast], theirs: Mapping[str, Value]) -> Iterator[Difference]:
    ours = {
        "base_rate": rate(forecasts).value,
        "mean_p": mean_probability(forecasts).value,
        "calibration_in_the_large": gap(forecasts).value,
        "brier_sklearn": brier_interval(forecasts).value,
        "brier_climatology": climatology(forecasts).value,
        "brier_skill_vs_base_rate": skill(forecasts).value,
        "log_loss_sklearn_default_clip": log_loss(forecasts).value,
        "auc": auc(forecasts).value,
    }
    for key, value in ours.items():
        if key in theirs:
            yield Difference(key, value, _number(theirs, key))


def _decompositions(
    forecasts: Sequence[Forecast], theirs: Mapping[str, Value], *, float_edges: bool
) -> Iterator[Difference]:
    sides: list[tuple[Edges, str]] = [("right", "murphy_10_right_closed")]
    if not float_edges:
        sides.append(("left", "murphy_10_left_closed"))
    for edges, key in sides:
        terms, stated = murphy(forecasts, edges=edges), _part(theirs, key)
        for ours, term in (
            (terms.reliability, "reliability"),
            (terms.resolution, "resolution"),
            (terms.uncertainty, "uncertainty"),
            (terms.within_variance, "within_bin_variance"),
            (terms.within_covariance, "within_bin_covariance"),
            (terms.five_terms, "five_term_sum"),
        ):
            yield Difference(f"Murphy and five terms, {edges}", ours, _number(stated, term))
        yield Difference("five terms = Brier", terms.five_terms, terms.brier, IDENTITY)


def _errors(forecasts: Sequence[Forecast], theirs: Mapping[str, Value]) -> Iterator[Difference]:
    right = calibration_errors(forecasts, edges="right", draws=99)
    left = calibration_errors(forecasts, draws=99)
    fifteen = calibration_errors(forecasts, edges="right", bands=15, draws=99)
    ece = _part(theirs, "ece10")
    yield Difference("ECE", right.ece, _number(ece, "own_right_closed"))
    yield Difference("ECE", right.ece, _number(ece, "uncertainty_calibration_get_ece"))
    yield Difference("ECE", left.ece, _number(ece, "own_left_closed"))
    yield Difference("ECE", left.ece, _number(ece, "netcal"))
    yield Difference("ECE", fifteen.ece, _number(theirs, "ece15_right_closed"))


def _bands(
    forecasts: Sequence[Forecast], theirs: Mapping[str, Value], *, float_edges: bool
) -> Iterator[Difference]:
    verdicts = assess_bands(forecasts, edges="right")
    for verdict, stated in zip(verdicts, _parts(theirs, "bins_right_closed"), strict=True):
        low, high = verdict.band.interval or (None, None)
        theirs_low, theirs_high = _numbers(stated, "wilson95") or (None, None)
        for ours, value in (
            (verdict.band.n, _number(stated, "n")),
            (verdict.band.mean, _number(stated, "mean_p")),
            (verdict.band.rate, _number(stated, "rate")),
            (low, theirs_low),
            (high, theirs_high),
            (verdict.z, _number(stated, "z_null")),
            (verdict.p_score, _number(stated, "p_two_sided")),
        ):
            yield Difference("bands, right: n, mean, rate, Wilson, z, p", ours, value)
    curve = _part(theirs, "sklearn_calibration_curve_uniform10")
    filled = [verdict.band for verdict in verdicts if verdict.band.n]
    for key, values in (
        ("prob_true", [band.rate for band in filled]),
        ("prob_pred", [band.mean for band in filled]),
    ):
        for ours, value in zip(values, _numbers(curve, key), strict=True):
            yield Difference("calibration_curve", ours, value)
    sizes = [verdict.band.n for verdict in assess_bands(forecasts)]
    if float_edges:
        tenths = [min(9, round(forecast.probability * 10)) for forecast in forecasts]
        own = [float(tenths.count(tenth)) for tenth in range(10)]
    else:
        own = _numbers(theirs, "bin_counts_left_closed")
    for ours, value in zip(sizes, own, strict=True):
        yield Difference("bands, left: n", ours, value)


def _tests(forecasts: Sequence[Forecast], theirs: Mapping[str, Value]) -> Iterator[Difference]:
    line = recalibration(forecasts)
    stated = [*_numbers(theirs, "cox_intercept_slope"), _number(theirs, "cox_lr_p")]
    for ours, value in zip((line.intercept, line.slope, line.p), stated, strict=True):
        yield Difference("Cox intercept, slope, LR p", ours, value)
    intervals = cast("Sequence[Sequence[float]]", theirs["cox_ci95"])
    for mine, other in zip((line.intercept_interval, line.slope_interval), intervals, strict=True):
        for ours, value in zip(mine or (None, None), other, strict=True):
            yield Difference("Cox intervals", ours, value)


def _resampled(forecasts: Sequence[Forecast], theirs: Mapping[str, Value]) -> Iterator[Difference]:
    errors = calibration_errors(forecasts, edges="right")
    mean, q95 = _number(theirs, "ece10_null_mean") or 0.0, _number(theirs, "ece10_null_q95") or 0.0
    p = _number(theirs, "ece10_null_p") or 0.0
    root = THEIR_DRAWS**0.5
    deviation = (q95 - mean) / 1.645
    for name, ours, value, error in (
        ("ECE if calibrated: mean", errors.ece_expected, mean, deviation / root),
        ("ECE if calibrated: q95", errors.ece_q95, q95, 2.11 * deviation / root),
        ("ECE if calibrated: p", errors.ece_p, p, (p * (1 - p)) ** 0.5 / root),
    ):
        yield Difference(name, ours, value, max(RESAMPLED, 4 * error))
    interval = brier_interval(forecasts).interval
    stated = _numbers(theirs, "brier_boot95_percentile")
    error = 2.67 * (stated[1] - stated[0]) / 3.92 / root
    for ours, value in zip(interval or (None, None), stated, strict=True):
        yield Difference("Brier bootstrap", ours, value, max(RESAMPLED, 4 * error))


def _part(values: Mapping[str, Value], key: str) -> Mapping[str, Value]:
    return cast("Mapping[str, Value]", values[key])


def _parts(values: Mapping[str, Value], key: str) -> Sequence[Mapping[str, Value]]:
    return cast("Sequence[Mapping[str, Value]]", values[key])


def _number(values: Mapping[str, Value], key: str) -> float | None:
    return cast("float | None", values.get(key))


def _numbers(values: Mapping[str, Value], key: str) -> list[float]:
    return cast("list[float]", values.get(key) or [])
