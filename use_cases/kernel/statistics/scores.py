"""Mean scores of forecasts: Brier, logarithmic loss, and the score of a constant forecast.

Promises: the binary half form of Brier (0 best, 1 worst, a constant 0.5 gives 0.25); None without
rows. Leaves to others: its interval (`bootstrap.py`), its decomposition (`decompositions.py`). A score
alone means little for calibration: where 95 % come true, a constant 0.95 scores 0.0475.
"""

from collections.abc import Sequence
from math import fsum, log
from sys import float_info

from use_cases.kernel.statistics.figures import Statistic, about_classes, statistic
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.wilson_interval import wilson

CLIP = float_info.epsilon
"""The least distance (2^-52) of probabilities from 0 and 1 before a logarithm, as in scikit-learn."""


def mean_probability(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Return the mean stated probability, 0 to 1."""
    value = fsum(f.probability for f in forecasts) / len(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def rate(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Return the share right, 0 to 1, with Wilson's 95 % interval (of independent rows)."""
    value = right_share(forecasts) if forecasts else None
    interval = wilson(sum(f.right for f in forecasts), len(forecasts))
    return statistic(value, forecasts, coverage, interval=interval)


def gap(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Return mean probability less share right, in probability: above 0 overconfident.

    The effect to read beside every p-value: a large n makes any gap significant.
    """
    value = fsum(f.probability - f.right for f in forecasts) / len(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def brier_score(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Return the mean (p - y)^2 (Brier 1950, half of his two-class sum), 0 best to 1 worst."""
    value = brier(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage)


def log_loss(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Return the mean of -ln(p) for right and -ln(1 - p) for wrong, in nats; p clipped by `CLIP`.

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
    """Return ybar (1 - ybar): the Brier score of the constant share right (in hindsight)."""
    value = base_rate_brier(forecasts) if forecasts else None
    return statistic(value, forecasts, coverage, about_classes(forecasts))


def skill(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Statistic:
    """Return 1 - Brier / climatology: 1 perfect, 0 no better than the base rate, below 0 worse.

    None where every outcome is the same: the base rate is then perfect in hindsight.
    """
    reference = base_rate_brier(forecasts) if forecasts else 0.0
    value = 1 - brier(forecasts) / reference if reference else None
    return statistic(value, forecasts, coverage, about_classes(forecasts))


def brier(forecasts: Sequence[Forecast]) -> float:
    """Return the plain Brier score of one row or more."""
    return fsum((f.probability - f.right) ** 2 for f in forecasts) / len(forecasts)


def right_share(forecasts: Sequence[Forecast]) -> float:
    """Return the plain share right of one row or more."""
    return sum(f.right for f in forecasts) / len(forecasts)


def base_rate_brier(forecasts: Sequence[Forecast]) -> float:
    """Return the plain climatology of one row or more."""
    n, right = len(forecasts), sum(f.right for f in forecasts)
    return right * (n - right) / (n * n)


def _surprise(forecast: Forecast) -> float:
    p = forecast.probability if forecast.right else 1 - forecast.probability
    return -log(min(max(p, CLIP), 1 - CLIP))
