"""Bands of stated probability: where a value belongs, and what happened in each band.

Promises: bands tile [0, 1] without overlap or hole; a value that is an edge when written in
decimals is that edge; every band is returned, with nothing in it None and not 0. Leaves to others:
whether a band is calibrated (`band_tests.py`), and errors over all bands (`calibration_error.py`).

Edges are where confidences are: models say multiples of 0.05. In floating point 3 x 0.1 is
0.30000000000000004, so 0.3 would fall below its own edge. Hence integers: a probability is a whole
number of ticks of 10^-12, and so is each edge.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal, TypeAlias

from use_cases.kernel.statistics.errors import StatisticsOptionInvalid
from use_cases.kernel.statistics.figures import Stated, cautions
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.wilson_interval import wilson

Edges: TypeAlias = Literal["left", "right"]
"""`left`: [a, b), the last one closed. `right`: (a, b], the first one closed, as scikit-learn."""

TICKS = 10**12
"""Ticks in 1; values closer to an edge than half a tick count as the edge."""

FEWEST, MOST = 5, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Stated):
    """One band: its edges (probabilities), and of its rows the mean stated probability, the share
    right with its Wilson 95 % interval, and the Brier score; all None without rows.
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
        """Mean probability less share right: above 0 overconfident."""
        return None if self.mean is None or self.rate is None else self.mean - self.rate

    @property
    def extent(self) -> str:
        """Both edges, such as `0.7-0.8`."""
        return f"{round(self.low, 4)}-{round(self.high, 4)}"


def banded(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
) -> tuple[Band, ...]:
    """Every band from 0 to 1 with what happened in it; 5 to 20 bands of equal width."""
    grouped = in_bands(forecasts, bands=bands, edges=edges)
    return tuple(_band(rows, index, bands, edges, coverage) for index, rows in enumerate(grouped))


def in_bands(
    forecasts: Sequence[Forecast], *, bands: int = 10, edges: Edges = "left"
) -> list[list[Forecast]]:
    """The rows of each band, in order; raises `StatisticsOptionInvalid`."""
    inner = inner_edges(bands)
    if edges not in ("left", "right"):
        raise StatisticsOptionInvalid(f"Edges are `left` or `right`, not {edges!r}.")
    search = bisect_right if edges == "left" else bisect_left
    grouped: list[list[Forecast]] = [[] for _ in range(bands)]
    for forecast in forecasts:
        grouped[search(inner, ticks(forecast.probability))].append(forecast)
    return grouped


def ticks(probability: float) -> int:
    """The probability as a whole number of ticks, to the nearest."""
    return round(probability * TICKS)


def inner_edges(bands: int) -> list[int]:
    """The edges between bands in ticks, k/bands rounded half up; without 0 and 1."""
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
    """Such as `[0.3, 0.4)`; numbers to four significant digits."""
    opening = "[" if edges == "left" or index == 0 else "("
    closing = "]" if edges == "right" or index == bands - 1 else ")"
    return f"{opening}{_short(index / bands)}, {_short((index + 1) / bands)}{closing}"


def _short(edge: float) -> str:
    return str(round(edge, 4))
