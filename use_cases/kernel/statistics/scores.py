"""Scores of single forecasts, averaged: Brier, logarithmic loss, and what a constant would have got.

Promises: the binary half form of Brier (0 best, 1 worst, always 0.5 gives 0.25); None without rows.
Leaves to others: its interval (`bootstrap.py`), and why a score is what it is (`decompositions.py`).
A score alone says little about calibration: where 95 % come true, always saying 0.95 gets 0.0475.
"""

from collections.abc import Sequence
from math import fsum, log
from sys import float_info

from use_cases.kernel.statistics.figures import Statistic, about_classes, statistic
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.wilson_interval import wilson

CLIP = float_info.epsilon
"""Probabilities are held this far (2^-52) from 0 and 1 before a logarithm, as scikit-learn does."""


def mean_probability(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """The mean stated probability, 0 to 1."""
    value = fsum(f.probability for f in forecasts) / len(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def rate(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """The share that was right, 0 to 1, with Wilson's 95 % interval (of independent rows)."""
    value = right_share(forecasts) if forecasts else None
    interval = wilson(sum(f.right for f in forecasts), len(forecasts))
    return statistic(value, forecasts, coverage, interval=interval)


def gap(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Mean probability less share right: above 0 overconfident. In probability, not in percent.

    The effect to read beside every p-value: a large n makes any gap significant.
    """
    value = fsum(f.probability - f.right for f in forecasts) / len(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def brier_score(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Mean (p - y)^2 (Brier 1950, half of his two-class sum), 0 best to 1 worst."""
    value = brier(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def log_loss(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Mean of -ln(p) where right and -ln(1 - p) where wrong, in nats; p clipped by `CLIP`.

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
    """Ybar (1 - ybar): the Brier score of always saying the share that was right (in hindsight)."""
    value = base_rate_brier(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage, about_classes(forecasts))


def skill(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """1 - Brier / climatology: 1 perfect, 0 no better than the base rate, below 0 worse.

    None where every outcome is the same: the base rate is then perfect in hindsight.
    """
    reference = base_rate_brier(forecasts) if forecasts else 0.0
    value = 1 - brier(forecasts) / reference if reference else None
    return statistic(value, forecasts, coverage, about_classes(forecasts))


def brier(forecasts: Sequence[Forecast]) -> float:
    """The bare Brier score of one row or more."""
    return fsum((f.probability - f.right) ** 2 for f in forecasts) / len(forecasts)


def right_share(forecasts: Sequence[Forecast]) -> float:
    """The bare share right of one row or more."""
    return sum(f.right for f in forecasts) / len(forecasts)


def base_rate_brier(forecasts: Sequence[Forecast]) -> float:
    """The bare climatology of one row or more."""
    n, right = len(forecasts), sum(f.right for f in forecasts)
    return right * (n - right) / (n * n)


def _surprise(forecast: Forecast) -> float:
    p = forecast.probability if forecast.right else 1 - forecast.probability
    return -log(min(max(p, CLIP), 1 - CLIP))
