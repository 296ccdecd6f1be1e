"""The calibration error over bands, beside its distribution by chance.

Promises: an error of calibration always comes with that of a perfect forecaster with the same
confidences: expectation, 95th percentile and p-value. Leaves to others: the test of each band
(`bands.py`). Errors are in probability (0.05 is five points), about "is this advice right?" over
the whole of 0 to 1, not about the top class of many.
"""

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from use_cases.kernel.statistics.bands import Edges, group_by_band
from use_cases.kernel.statistics.distributions import CountLaw, counts
from use_cases.kernel.statistics.figures import StatisticalResult, cautions
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.intervals import SEED, percentile

DRAWS = 9_999
"""The draws of a calibrated forecaster; the smallest p-value is 1/10,000."""

LEVEL = 0.05
"""The p-value below which chance does not explain an error."""

SMALL = 1_000
"""The rows below which the error of a perfect forecaster is visible (0.02 at 1,900, 0.06 at 280)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationErrors(StatisticalResult):
    """The errors over the bands with rows; all None without rows, all 0 best.

    `ece` weighs bands by rows. `ece_expected`, `ece_q95` and `ece_p` describe the `ece` of a perfect
    forecaster: its mean, its 95th percentile, and the chance of one at least as large as this.
    """

    ece: float | None = None
    ece_expected: float | None = None
    ece_q95: float | None = None
    ece_p: float | None = None
    draws: int = 0


def calibration_errors(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> CalibrationErrors:
    """Computes ECE = sum n_k gap_k / n (Naeini 2015), with n_k rows in band k and gap_k = |pbar_k -
    ybar_k|.

    If calibrated, y ~ Bernoulli(p): the number of right ones in a band is Poisson-binomial and bands
    are independent, so counts are drawn, not rows (`distributions.counts`), from a fixed seed; the
    expectation needs no draws. p = (draws with ECE* >= ECE, and 1) / (draws + 1).
    """
    grouped = [rows for rows in group_by_band(forecasts, bands=bands, edges=edges) if rows]
    n = len(forecasts)
    if not n:
        return CalibrationErrors(n=0, coverage=coverage, warnings=cautions(forecasts, coverage))
    laws = [counts([row.probability for row in rows]) for rows in grouped]
    ece = fsum(_off_by(rows) for rows in grouped) / n
    drawn = _draw_calibrated(laws, n, draws, seed)
    chance = _chance(drawn, ece)
    return CalibrationErrors(
        n=n,
        coverage=coverage,
        warnings=cautions(forecasts, coverage, _about_size(n, chance)),
        ece=ece,
        ece_expected=fsum(sum(_distances(law, n)[1]) for law in laws),
        ece_q95=percentile(drawn, 0.95),
        ece_p=chance,
        draws=draws,
    )


def _off_by(rows: Sequence[Forecast]) -> float:
    """Returns by how many the right ones differ from those that were promised."""
    return abs(fsum(row.probability - row.right for row in rows))


def _draw_calibrated(laws: Sequence[CountLaw], n: int, draws: int, seed: int) -> list[float]:
    """Draws the ECE of calibrated forecasters, ascending."""
    generator = random.Random(seed)  # noqa: S311  (resampling, no secret)
    uniform = generator.random
    totals = [0.0] * draws
    for law in laws:
        upto, (parts, _) = law.cumulated(), _distances(law, n)
        totals = [total + parts[bisect_left(upto, uniform())] for total in totals]
    return sorted(totals)


def _chance(drawn: Sequence[float], ece: float) -> float:
    # The sum of the same gaps in another order may differ in its last digit.
    as_large = len(drawn) - bisect_left(drawn, ece - 1e-12)
    return (as_large + 1) / (len(drawn) + 1)


def _distances(law: CountLaw, n: int) -> tuple[list[float], list[float]]:
    """Returns |count - expected| / n of each count, and the same times its probability."""
    parts = [abs(law.first + place - law.mean) / n for place in range(len(law.masses))]
    return parts, [part * mass for part, mass in zip(parts, law.masses, strict=True)]


def _about_size(n: int, chance: float) -> str | None:
    if n >= SMALL or chance < LEVEL:
        return None
    return "With so few outcomes the error is mostly chance: compare it with its expectation."
