"""The CORP decomposition of a Brier score, by isotonic regression, without bands.

Promises: Brier = miscalibration - discrimination + uncertainty, exactly, without a choice of bands;
the fit's steps, for a reliability diagram. Leaves to others: the correction of confidences (with few
rows the fit follows chance).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from use_cases.kernel.statistics.figures import StatisticalResult, about_classes, cautions
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.scores import base_rate_brier, brier

ENOUGH = 1_000
"""The rows below which the fit takes a visible share of chance for miscalibration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the fit: `rate` for stated probabilities from `low` to `high` (both were stated)."""

    low: float
    high: float
    n: int
    right: int
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Corp(StatisticalResult):
    """Brier = miscalibration - discrimination + uncertainty; all None without rows.

    `miscalibration` is the gain by the best increasing map of the stated values, `discrimination`
    the gain of the mapped values over the base rate.
    """

    brier: float | None
    miscalibration: float | None
    discrimination: float | None
    uncertainty: float | None
    steps: tuple[Step, ...]


def corp(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Corp:
    """Compute MCB = S(p) - S(fit), DSC = S(base rate) - S(fit), UNC = S(base rate), S the Brier score.

    Dimitriadis, Gneiting, Jordan 2021; the fit is isotonic regression by pooling adjacent
    violators (equal probabilities pooled first), compared in whole numbers. S(fit) =
    sum right (n - right) / n over the steps. MCB > 0 also for a perfect forecaster (0.03 at n = 30).
    """
    if not forecasts:
        return _corp(forecasts, coverage, (None, None, None, None), ())
    steps = isotonic(forecasts)
    n = len(forecasts)
    stated = brier(forecasts)
    fitted = fsum(step.right * (step.n - step.right) / step.n for step in steps) / n
    base = base_rate_brier(forecasts)
    # Neither is below 0 but for a rounding error of 1e-17.
    parts = (stated, max(0.0, stated - fitted), max(0.0, base - fitted), base)
    warning = (
        f"With {n} outcomes part of the miscalibration is chance: the fit follows it."
        if n < ENOUGH
        else None
    )
    return _corp(forecasts, coverage, parts, tuple(steps), warning)


def isotonic(forecasts: Sequence[Forecast]) -> list[Step]:
    """Return the increasing steps nearest to the outcomes in squared distance, ascending."""
    counts: dict[float, list[int]] = {}
    for forecast in forecasts:
        tally = counts.setdefault(forecast.probability, [0, 0])
        tally[0] += 1
        tally[1] += forecast.right
    pooled: list[tuple[float, float, int, int]] = []
    for p in sorted(counts):
        low, high, (n, right) = p, p, counts[p]
        while pooled and pooled[-1][3] * n >= right * pooled[-1][2]:
            low, _, more, more_right = pooled.pop()
            n, right = n + more, right + more_right
        pooled.append((low, high, n, right))
    return [
        Step(low=low, high=high, n=n, right=right, rate=right / n) for low, high, n, right in pooled
    ]


def _corp(
    forecasts: Sequence[Forecast],
    coverage: float | None,
    parts: tuple[float | None, float | None, float | None, float | None],
    steps: tuple[Step, ...],
    *warnings: str | None,
) -> Corp:
    stated, miscalibration, discrimination, uncertainty = parts
    return Corp(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, about_classes(forecasts), *warnings),
        brier=stated,
        miscalibration=miscalibration,
        discrimination=discrimination,
        uncertainty=uncertainty,
        steps=steps,
    )
