"""The decomposition of a Brier score by bands: reliability, resolution, uncertainty, and the rest.

Promises: the five terms add up to the Brier score (to 1e-12), for any bands. Leaves to others: a
decomposition without bands (`corp_decomposition.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from use_cases.kernel.statistics.bands import Edges, group_by_band
from use_cases.kernel.statistics.figures import StatisticalResult, about_classes, cautions
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.scores import base_rate_brier, brier, right_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(StatisticalResult):
    """The terms of a Brier score by bands; all None without rows.

    `reliability` (0 best) is the distance of bands from their outcomes, `resolution` (high is good)
    the spread of outcomes between bands, `uncertainty` the difficulty of the questions.
    `within_variance` and `within_covariance` are missing in Murphy's three.
    """

    brier: float | None
    reliability: float | None
    resolution: float | None
    uncertainty: float | None
    within_variance: float | None
    within_covariance: float | None
    three_terms: float | None
    five_terms: float | None


def murphy(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
) -> Terms:
    """Compute Brier = REL - RES + UNC + WBV - WBC, with n_k rows, mean pbar_k, rate ybar_k in band k.

    Murphy 1973: REL = sum n_k (pbar_k - ybar_k)^2 / n, RES = sum n_k (ybar_k - ybar)^2 / n,
    UNC = ybar (1 - ybar); these three equal Brier only where all p of a band are equal. Stephenson,
    Coelho and Jolliffe 2008 add WBV = sum (p - pbar_k)^2 / n and WBC = 2 sum (p - pbar_k)(y - ybar_k) / n.
    """
    grouped = [rows for rows in group_by_band(forecasts, bands=bands, edges=edges) if rows]
    n = len(forecasts)
    if not n:
        return _terms(forecasts, coverage, (None,) * 5)
    base = right_share(forecasts)
    means = [fsum(row.probability for row in rows) / len(rows) for rows in grouped]
    rates = [right_share(rows) for rows in grouped]
    together = list(zip(grouped, means, rates, strict=True))
    reliability = fsum(len(rows) * (mean - rate) ** 2 for rows, mean, rate in together) / n
    resolution = fsum(len(rows) * (rate - base) ** 2 for rows, _, rate in together) / n
    spread = [(row.probability - mean) ** 2 for rows, mean, _ in together for row in rows]
    joint = [
        (row.probability - mean) * (row.right - rate)
        for rows, mean, rate in together
        for row in rows
    ]
    parts = (
        reliability,
        resolution,
        base_rate_brier(forecasts),
        fsum(spread) / n,
        2 * fsum(joint) / n,
    )
    return _terms(forecasts, coverage, parts)


def _terms(
    forecasts: Sequence[Forecast], coverage: float | None, parts: tuple[float | None, ...]
) -> Terms:
    reliability, resolution, uncertainty, variance, covariance = parts
    three = five = None
    if None not in (reliability, resolution, uncertainty, variance, covariance):
        three = fsum((reliability or 0.0, -(resolution or 0.0), uncertainty or 0.0))
        five = fsum((three, variance or 0.0, -(covariance or 0.0)))
    return Terms(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, about_classes(forecasts)),
        brier=brier(forecasts) if forecasts else None,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within_variance=variance,
        within_covariance=covariance,
        three_terms=three,
        five_terms=five,
    )
