"""Scores of forecasts: Brier with its interval and its decomposition, logarithmic loss, AUC, and the score
of a constant forecast.

Promises: the binary half form of Brier (0 best, 1 worst, a constant 0.5 gives 0.25); its interval resamples
events, the same rows give the same one; the five terms of its decomposition add up to it (to 1e-12), for any
bands; of the AUC ties count half and the interval is DeLong's; None without rows. Leaves to others: tests of
calibration. A score alone means little for it: where 95 % come true, a constant 0.95 scores 0.0475.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, log, sqrt
from sys import float_info

from use_cases.kernel.statistics.bands import Edges, group_by_band
from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import (
    Forecast,
    Statistic,
    StatisticalResult,
    about_classes,
    cautions,
    counted,
    statistic,
)
from use_cases.kernel.statistics.intervals import SEED, resample, wilson

CLIP = float_info.epsilon
"""The least distance (2^-52) of probabilities from 0 and 1 before a logarithm, as in scikit-learn."""


def mean_probability(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Returns the mean stated probability, 0 to 1."""
    value = fsum(f.probability for f in forecasts) / len(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def rate(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Returns the share right, 0 to 1, with Wilson's 95 % interval (of independent rows)."""
    value = right_share(forecasts) if forecasts else None
    interval = wilson(sum(f.right for f in forecasts), len(forecasts))
    return statistic(value, forecasts, coverage, interval=interval)


def gap(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Returns mean probability less share right, in probability: above 0 overconfident.

    The effect to read beside every p-value: a large n makes any gap significant.
    """
    value = fsum(f.probability - f.right for f in forecasts) / len(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def brier_score(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Returns the mean (p - y)^2 (Brier 1950, half of his two-class sum), 0 best to 1 worst."""
    value = brier(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def log_loss(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Returns the mean of -ln(p) for right and -ln(1 - p) for wrong, in nats; p clipped by `CLIP`.

    Unclipped, one miss at probability 1 is infinite; clipped it costs 36.04.
    """
    if not forecasts:
        return statistic(None, forecasts, coverage)
    certain = sum(f.probability == (0 if f.right else 1) for f in forecasts)
    warning = (
        f"{certain} stated as certain went the other way: each costs ln(2^52) = 36.04 by the clip, "
        "without it the loss is infinite."
        if certain
        else None
    )
    value = fsum(_surprise(f) for f in forecasts) / len(forecasts)
    return statistic(value, forecasts, coverage, about_classes(forecasts), warning)


def climatology(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Returns ybar (1 - ybar): the Brier score of the constant share right (in hindsight)."""
    value = base_rate_brier(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage, about_classes(forecasts))


def skill(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Returns 1 - Brier / climatology: 1 perfect, 0 no better than the base rate, below 0 worse.

    None where every outcome is the same: the base rate is then perfect in hindsight.
    """
    reference = base_rate_brier(forecasts) if forecasts else 0.0
    value = 1 - brier(forecasts) / reference if reference else None
    return statistic(value, forecasts, coverage, about_classes(forecasts))


def brier(forecasts: Sequence[Forecast]) -> float:
    """Returns the plain Brier score of one row or more."""
    return fsum((f.probability - f.right) ** 2 for f in forecasts) / len(forecasts)


def right_share(forecasts: Sequence[Forecast]) -> float:
    """Returns the plain share right of one row or more."""
    return sum(f.right for f in forecasts) / len(forecasts)


def base_rate_brier(forecasts: Sequence[Forecast]) -> float:
    """Returns the plain climatology of one row or more."""
    n, right = len(forecasts), sum(f.right for f in forecasts)
    return right * (n - right) / (n * n)


def _surprise(forecast: Forecast) -> float:
    p = forecast.probability if forecast.right else 1 - forecast.probability
    return -log(min(max(p, CLIP), 1 - CLIP))


FEW_EVENTS = 20
"""The number of events below which an interval by events is too narrow."""


def brier_interval(
    forecasts: Sequence[Forecast], *, coverage: float | None = None, seed: int = SEED
) -> Statistic:
    """Returns the Brier score with its 95 % percentile bootstrap interval, resampling whole events.

    Rows of one event share its fate, so events are drawn, not rows; rows without an event are
    events of their own. None as interval with fewer than two events; too narrow with few.
    """
    if not forecasts:
        return statistic(None, forecasts, coverage)
    events = _events(forecasts)
    value, warning = brier(forecasts), _about_few_events(len(events), len(forecasts))
    if len(events) < 2:
        return statistic(value, forecasts, coverage, warning)
    law = resample(events, seed)
    interval = (max(0.0, law.quantile(0.025)), min(1.0, law.quantile(0.975)))
    return statistic(value, forecasts, coverage, warning, interval=interval)


def _events(forecasts: Sequence[Forecast]) -> list[tuple[float, int]]:
    """Returns (sum of losses, rows) of each event."""
    alone: list[tuple[float, int]] = []
    losses: dict[str, list[float]] = {}
    for forecast in forecasts:
        loss = (forecast.probability - forecast.right) ** 2
        if forecast.event is None:
            alone.append((loss, 1))
        else:
            losses.setdefault(forecast.event, []).append(loss)
    return [*alone, *((fsum(each), len(each)) for each in losses.values())]


def _about_few_events(events: int, rows: int) -> str | None:
    if events < 2:
        return "No interval: all outcomes belong to one event."
    if events < FEW_EVENTS:
        return (
            f"Only {counted(events, 'event')} ({counted(rows, 'outcome')}): "
            "the interval is too narrow."
        )
    return None


def auc(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Computes P(a right one was stated higher than a wrong one) + half P(equal); 0.5 is no order.

    Equals the Mann-Whitney statistic over right x wrong pairs. Interval: AUC -+ 1.96 se, cut to
    [0, 1], with se^2 = var(V10)/right + var(V01)/wrong (DeLong, DeLong, Clarke-Pearson 1988; by
    counts of equal values). None with one class; no interval with fewer than two of a class, nor
    where the order is perfect, because the estimated variance is then 0 for any n.
    """
    groups = _by_probability(forecasts)
    right = sum(ones for ones, _ in groups)
    wrong = len(forecasts) - right
    if not right or not wrong:
        return statistic(None, forecasts, coverage, about_classes(forecasts))
    of_right, of_wrong = _placements(groups, right, wrong)
    value = fsum(count * place for count, place in of_right) / right
    if min(right, wrong) < 2:
        warning = "No interval: it takes two outcomes of either kind."
        return statistic(value, forecasts, coverage, warning)
    variance = _variance(of_right, right, value) / right + _variance(of_wrong, wrong, value) / wrong
    if variance <= 0:
        warning = "No interval: no pair contradicts the others, so its width cannot be estimated."
        return statistic(value, forecasts, coverage, warning)
    reach = Z95 * sqrt(variance)
    interval = (max(0.0, value - reach), min(1.0, value + reach))
    return statistic(value, forecasts, coverage, interval=interval)


def _by_probability(forecasts: Sequence[Forecast]) -> list[tuple[int, int]]:
    """Returns (right, wrong) of each distinct probability, ascending."""
    counts: dict[float, list[int]] = {}
    for forecast in forecasts:
        counts.setdefault(forecast.probability, [0, 0])[not forecast.right] += 1
    return [(counts[p][0], counts[p][1]) for p in sorted(counts)]


def _placements(
    groups: Sequence[tuple[int, int]], right: int, wrong: int
) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """Returns (count, V10 = share of wrong below) and (count, V01 = share of right above) by value."""
    of_right: list[tuple[int, float]] = []
    of_wrong: list[tuple[int, float]] = []
    ones_below = zeros_below = 0
    for ones, zeros in groups:
        of_right.append((ones, (zeros_below + zeros / 2) / wrong))
        of_wrong.append((zeros, (right - ones_below - ones / 2) / right))
        ones_below += ones
        zeros_below += zeros
    return of_right, of_wrong


def _variance(placed: Sequence[tuple[int, float]], n: int, mean: float) -> float:
    return fsum(count * (place - mean) ** 2 for count, place in placed) / (n - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(StatisticalResult):
    """The terms of a Brier score by bands; all None without rows.

    `reliability` (0 best) is the distance of bands from their outcomes, `resolution` (high is good)
    the spread of outcomes between bands, `uncertainty` the difficulty of the questions.
    `within_variance` and `within_covariance` are missing in Murphy's three.
    """

    brier: float | None = None
    reliability: float | None = None
    resolution: float | None = None
    uncertainty: float | None = None
    within_variance: float | None = None
    within_covariance: float | None = None
    five_terms: float | None = None


def murphy(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
) -> Terms:
    """Computes Brier = REL - RES + UNC + WBV - WBC, with n_k rows, mean pbar_k, rate ybar_k in band k.

    Murphy 1973: REL = sum n_k (pbar_k - ybar_k)^2 / n, RES = sum n_k (ybar_k - ybar)^2 / n,
    UNC = ybar (1 - ybar); these three equal Brier only where all p of a band are equal. Stephenson,
    Coelho and Jolliffe 2008 add WBV = sum (p - pbar_k)^2 / n and WBC = 2 sum (p - pbar_k)(y - ybar_k) / n.
    """
    grouped = [rows for rows in group_by_band(forecasts, bands=bands, edges=edges) if rows]
    n, warnings = len(forecasts), cautions(forecasts, coverage, about_classes(forecasts))
    if not n:
        return Terms(n=0, coverage=coverage, warnings=warnings)
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
    uncertainty = base_rate_brier(forecasts)
    variance, covariance = fsum(spread) / n, 2 * fsum(joint) / n
    return Terms(
        n=n,
        coverage=coverage,
        warnings=warnings,
        brier=brier(forecasts),
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within_variance=variance,
        within_covariance=covariance,
        five_terms=fsum((reliability, -resolution, uncertainty, variance, -covariance)),
    )
