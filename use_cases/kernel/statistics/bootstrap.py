"""The bootstrap interval of a Brier score, by events.

Promises: the same rows give the same interval, in any order. Leaves to others: the figures. Errors of
calibration have no bootstrap here: theirs is biased upwards (resampling adds its own gaps), so they
come with their distribution under calibration.
"""

import random
from collections.abc import Sequence
from math import fsum, sqrt

from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import Statistic, counted, statistic
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.scores import brier

FEW_EVENTS = 20
"""The number of events below which an interval by events is too narrow."""

SEED = 20_250_101
_MOST_RESAMPLED = 1_000
_DRAWN_ROWS = 1_000_000
_MOST_DRAWS = 10_000


def brier_interval(
    forecasts: Sequence[Forecast], *, coverage: float | None = None, seed: int = SEED
) -> Statistic:
    """Return the Brier score with its 95 % percentile bootstrap interval, resampling whole events.

    Rows of one event share its fate, so events are drawn, not rows; rows without an event are
    events of their own. Up to 1,000 events are drawn with replacement (1,000 draws at 1,000 events
    to 10,000 at 100 and fewer, from a fixed seed). Above, the limit of that procedure is computed:
    the Cornish-Fisher quantiles of the resampled ratio (sum of losses / rows), whose error is far
    below that of 1,000 draws. None as interval with fewer than two events; too narrow with few.
    """
    if not forecasts:
        return statistic(None, forecasts, coverage)
    events = _events(forecasts)
    value, warning = brier(forecasts), _about_events(len(events), len(forecasts))
    if len(events) < 2:
        return statistic(value, forecasts, coverage, warning)
    resampled = _resample if len(events) <= _MOST_RESAMPLED else _expand
    low, high = resampled(events, seed)
    return statistic(value, forecasts, coverage, warning, interval=(low, high))


def percentile(ascending: Sequence[float], share: float) -> float:
    """Return the quantile by linear interpolation between order statistics, as numpy's default."""
    place = share * (len(ascending) - 1)
    below = int(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (place - below) * (ascending[above] - ascending[below])


def _events(forecasts: Sequence[Forecast]) -> list[tuple[float, int]]:
    """Return (sum of losses, rows) of each event, ascending, so the order of rows does not matter."""
    alone: list[tuple[float, int]] = []
    losses: dict[str, list[float]] = {}
    for forecast in forecasts:
        loss = (forecast.probability - forecast.right) ** 2
        if forecast.event is None:
            alone.append((loss, 1))
        else:
            losses.setdefault(forecast.event, []).append(loss)
    return sorted([*alone, *((fsum(each), len(each)) for each in losses.values())])


def _about_events(events: int, rows: int) -> str | None:
    if events < 2:
        return "No interval: all outcomes belong to one event."
    if events < FEW_EVENTS:
        return (
            f"Only {counted(events, 'event')} ({counted(rows, 'outcome')}): "
            "the interval is too narrow."
        )
    return None


def _resample(events: Sequence[tuple[float, int]], seed: int) -> tuple[float, float]:
    n = len(events)
    generator = random.Random(seed)  # noqa: S311  (resampling, no secret)
    draws = min(_MOST_DRAWS, _DRAWN_ROWS // n)
    # Both sums of a draw in one pass: losses are the real parts, rows the imaginary ones.
    pairs = [complex(loss, rows) for loss, rows in events]
    drawn = [sum(generator.choices(pairs, k=n), 0j) for _ in range(draws)]
    ratios = sorted(total.real / total.imag for total in drawn)
    return percentile(ratios, 0.025), percentile(ratios, 0.975)


def _expand(events: Sequence[tuple[float, int]], _seed: int) -> tuple[float, float]:
    """Return quantiles of the resampled ratio to the order of its skewness (Hall 1992, section 2.5).

    With e = loss - ratio x rows of an event, and m the mean rows of an event: variance v =
    var(e)/(G m^2), bias -c with c = cov(e, rows)/(G m^2), third cumulant mu3(e)/(G^2 m^3) - 6 v c.
    """
    count = len(events)
    mean_rows = sum(rows for _, rows in events) / count
    ratio = fsum(loss for loss, _ in events) / sum(rows for _, rows in events)
    rests = [loss - ratio * rows for loss, rows in events]
    v = fsum(rest * rest for rest in rests) / count**2 / mean_rows**2
    if v == 0:
        return ratio, ratio
    products = [rest * rows for rest, (_, rows) in zip(rests, events, strict=True)]
    c = fsum(products) / count**2 / mean_rows**2
    third = fsum(rest**3 for rest in rests) / count**3 / mean_rows**3 - 6 * v * c
    bend = third / v**1.5 * (Z95 * Z95 - 1) / 6
    middle, deviation = ratio - c, sqrt(v)
    return (
        max(0.0, middle + deviation * (bend - Z95)),
        min(1.0, middle + deviation * (bend + Z95)),
    )
