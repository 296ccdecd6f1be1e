"""Bands of stated probability, with the outcomes in each band.

Promises: bands tile [0, 1] without overlap or hole; a value that equals an edge in decimals is that
edge; every band is returned, with None instead of 0 for an empty one. Leaves to others: calibration
tests (`band_tests.py`), errors over all bands (`calibration_error.py`).

Confidences often are edges: models state multiples of 0.05. In floating point 3 x 0.1 is
0.30000000000000004, so 0.3 would fall below its own edge. Hence integers: a probability is a whole
number of ticks of 10^-12, and so is each edge.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal, TypeAlias

from use_cases.kernel.statistics.errors import StatisticsOptionInvalid
from use_cases.kernel.statistics.figures import StatisticalResult, cautions
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.wilson_interval import wilson

Edges: TypeAlias = Literal["left", "right"]
"""`left`: [a, b), the last one closed. `right`: (a, b], the first one closed, as scikit-learn."""

TICKS = 10**12
"""The ticks in 1; values closer to an edge than half a tick count as the edge."""

FEWEST, MOST = 5, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(StatisticalResult):
    """A band: its edges (probabilities) and the figures of its rows, None without rows.

    The figures are the mean stated probability, the share right with its Wilson 95 % interval, and
    the Brier score.
    """

    index: int
    low: float
    high: float
    label: str
    right: int
    mean: float | None
    rate: float | None
    brier: float | None
    interval: tuple[float, float] | None

    @property
    def gap(self) -> float | None:
        """The mean probability less the share right: above 0 overconfident."""
        return None if self.mean is None or self.rate is None else self.mean - self.rate

    @property
    def extent(self) -> str:
        """Both edges, such as `0.7-0.8`."""
        return f"{round(self.low, 4)}-{round(self.high, 4)}"


def make_bands(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
) -> tuple[Band, ...]:
    """Return every band from 0 to 1 with its figures; 5 to 20 bands of equal width."""
    grouped = group_by_band(forecasts, bands=bands, edges=edges)
    return tuple(_band(rows, index, bands, edges, coverage) for index, rows in enumerate(grouped))


def group_by_band(
    forecasts: Sequence[Forecast], *, bands: int = 10, edges: Edges = "left"
) -> list[list[Forecast]]:
    """Group the rows by band, in order. Raises `StatisticsOptionInvalid`."""
    inner = inner_edges(bands)
    if edges not in ("left", "right"):
        raise StatisticsOptionInvalid(f"Edges are `left` or `right`, not {edges!r}.")
    search = bisect_right if edges == "left" else bisect_left
    grouped: list[list[Forecast]] = [[] for _ in range(bands)]
    for forecast in forecasts:
        grouped[search(inner, ticks(forecast.probability))].append(forecast)
    return grouped


def ticks(probability: float) -> int:
    """Round the probability to a whole number of ticks."""
    return round(probability * TICKS)


def inner_edges(bands: int) -> list[int]:
    """Return the edges between bands in ticks, k/bands rounded half up; without 0 and 1."""
    if type(bands) is not int or not FEWEST <= bands <= MOST:
        raise StatisticsOptionInvalid(f"{bands!r} bands are not {FEWEST} to {MOST} bands.")
    return [(2 * k * TICKS + bands) // (2 * bands) for k in range(1, bands)]


def _band(
    rows: Sequence[Forecast], index: int, bands: int, edges: Edges, coverage: float | None
) -> Band:
    n, right = len(rows), sum(row.right for row in rows)
    return Band(
        n=n,
        coverage=coverage,
        warnings=cautions(rows, coverage),
        index=index,
        low=index / bands,
        high=(index + 1) / bands,
        label=_label(index, bands, edges),
        right=right,
        mean=fsum(row.probability for row in rows) / n if n else None,
        rate=right / n if n else None,
        brier=fsum((row.probability - row.right) ** 2 for row in rows) / n if n else None,
        interval=wilson(right, n),
    )


def _label(index: int, bands: int, edges: Edges) -> str:
    """Return a label such as `[0.3, 0.4)`; numbers to four decimal places."""
    opening = "[" if edges == "left" or index == 0 else "("
    closing = "]" if edges == "right" or index == bands - 1 else ")"
    return f"{opening}{_short(index / bands)}, {_short((index + 1) / bands)}{closing}"


def _short(edge: float) -> str:
    return str(round(edge, 4))
