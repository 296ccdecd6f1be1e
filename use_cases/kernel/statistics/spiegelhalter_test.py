"""Spiegelhalter's test of the stated probabilities as a whole.

Promises: two-sided, so that underconfident forecasters are rejected, too. Leaves to others: the kind
of error (`recalibration_line.py`), and its place (`band_tests.py`). With many rows any test rejects:
read the gap beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from use_cases.kernel.statistics.distributions import normal_two_sided
from use_cases.kernel.statistics.figures import StatisticalResult, cautions
from use_cases.kernel.statistics.forecasts import Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Spiegelhalter(StatisticalResult):
    """The statistic (in standard deviations) and its two-sided p-value; None: cannot be computed."""

    z: float | None
    p: float | None


def spiegelhalter(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Spiegelhalter:
    """Compute Z = sum (y - p)(1 - 2p) / sqrt(sum (1 - 2p)^2 p (1 - p)) (Spiegelhalter 1986), ~ N(0, 1).

    Above 0: a Brier score worse than the stated probabilities promise, that is overconfident. None
    where every p is 0, 0.5 or 1, because nothing can vary; a failed certainty is a warning, because
    no law of chance covers it.
    """
    variance = fsum(
        (1 - 2 * f.probability) ** 2 * f.probability * (1 - f.probability) for f in forecasts
    )
    failed = sum(f.probability == (0 if f.right else 1) for f in forecasts)
    refuted = (
        f"{failed} stated as certain went the other way: if probabilities were true that could not be."
        if failed
        else None
    )
    if variance <= 0:
        still = "Every probability is 0, 0.5 or 1: the test says nothing." if forecasts else None
        return _test(forecasts, coverage, None, still, refuted)
    total = fsum((f.right - f.probability) * (1 - 2 * f.probability) for f in forecasts)
    return _test(forecasts, coverage, total / sqrt(variance), refuted)


def _test(
    forecasts: Sequence[Forecast],
    coverage: float | None,
    z: float | None,
    *warnings: str | None,
) -> Spiegelhalter:
    return Spiegelhalter(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, *warnings),
        z=z,
        p=None if z is None else normal_two_sided(z),
    )
