"""The bootstrap interval of a Brier score, by events.

Promises: the same rows give the same interval, in any order. Leaves to others: the figures, and how
clusters are drawn (`resampling.py`). Errors of calibration have no bootstrap here: theirs is biased
upwards (resampling adds its own gaps), so they come with their distribution under calibration.
"""

from collections.abc import Sequence
from math import fsum

from use_cases.kernel.statistics.figures import Statistic, counted, statistic
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.resampling import SEED, resample
from use_cases.kernel.statistics.scores import brier

FEW_EVENTS = 20
"""The number of events below which an interval by events is too narrow."""


def brier_interval(
    forecasts: Sequence[Forecast], *, coverage: float | None = None, seed: int = SEED
) -> Statistic:
    """Return the Brier score with its 95 % percentile bootstrap interval, resampling whole events.

    Rows of one event share its fate, so events are drawn, not rows; rows without an event are
    events of their own. None as interval with fewer than two events; too narrow with few.
    """
    if not forecasts:
        return statistic(None, forecasts, coverage)
    events = _events(forecasts)
    value, warning = brier(forecasts), _about_events(len(events), len(forecasts))
    if len(events) < 2:
        return statistic(value, forecasts, coverage, warning)
    law = resample(events, seed)
    interval = (max(0.0, law.quantile(0.025)), min(1.0, law.quantile(0.975)))
    return statistic(value, forecasts, coverage, warning, interval=interval)


def _events(forecasts: Sequence[Forecast]) -> list[tuple[float, int]]:
    """Return (sum of losses, rows) of each event."""
    alone: list[tuple[float, int]] = []
    losses: dict[str, list[float]] = {}
    for forecast in forecasts:
        loss = (forecast.probability - forecast.right) ** 2
        if forecast.event is None:
            alone.append((loss, 1))
        else:
            losses.setdefault(forecast.event, []).append(loss)
    return [*alone, *((fsum(each), len(each)) for each in losses.values())]


def _about_events(events: int, rows: int) -> str | None:
    if events < 2:
        return "No interval: all outcomes belong to one event."
    if events < FEW_EVENTS:
        return (
            f"Only {counted(events, 'event')} ({counted(rows, 'outcome')}): "
            "the interval is too narrow."
        )
    return None
