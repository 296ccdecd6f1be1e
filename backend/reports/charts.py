"""Charts of a report as shapes: curves over ordered steps, and points by two measures.

Promises: every series has its number and its name beside it and a dash of its own, so that no reader depends on
colours; the values are in the text form for screen readers. A missing value interrupts its line. Leaves
to others: the SVG, which `leaderboard.html` writes in the page's own colours.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, log10
from typing import TypeAlias

WIDTH, HEIGHT = 360, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 118, 10, 32
_LONGEST_LABEL = 13
_LABEL_GAP = 13.0
_COLOURS = 8
_LINES = 4

Show: TypeAlias = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Series:
    """A line: the number that stands for its name, and one value for each step."""

    number: int
    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Spot:
    """A point: the number that stands for its name, and its two measures."""

    number: int
    name: str
    across: float
    up: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its title, its values in words, and its shapes, each with its kind (a class of CSS)."""

    title: str
    said: str
    lines: list[tuple[float, float, float, float, str]] = field(default_factory=list)
    dots: list[tuple[float, float, str]] = field(default_factory=list)
    labels: list[tuple[float, float, str, str, str]] = field(default_factory=list)


def line_chart(title: str, steps: Sequence[str], series: Sequence[Series], show: Show) -> Chart:
    """Draws a line for each series over the steps, from 0 to just above the largest value."""
    said = "; ".join(
        f"{one.name}: {', '.join('none' if v is None else show(v) for v in one.values)}"
        for one in series
    )
    chart = Chart(title, f"{', '.join(steps)}. {said}")
    most = _ceiling(value for one in series for value in one.values if value is not None)
    reach = max(1, len(steps) - 1)
    _levels(chart, 0.0, most, show)
    for step, name in enumerate(steps):
        anchor = "start" if step == 0 else "end" if step == reach else "middle"
        chart.labels.append((_x(step / reach), HEIGHT - 12, name, anchor, ""))
    ends: list[tuple[float, int]] = []
    names = {one.number: f"{one.number} {_short(one.name)}" for one in series}
    for one in series:
        at = [
            None if value is None else (_x(step / reach), _y(value / most))
            for step, value in enumerate(one.values)
        ]
        kind = _kind(one.number)
        chart.lines.extend((*one, *two, kind) for one, two in pairwise(at) if one and two)
        chart.dots.extend((*place, kind) for place in at if place)
        if at and at[-1]:
            ends.append((at[-1][1], one.number))
    for y, number in _apart(ends):
        chart.labels.append((_x(1) + 8, y + 4, names[number], "start", _kind(number)))
    return chart


def spot_chart(
    title: str, spots: Sequence[Spot], *, across: str, show_across: Show, show_up: Show
) -> Chart:
    """Draws a numbered point for each spot; `across` names the horizontal measure."""
    said = "; ".join(f"{one.name}: {show_across(one.across)}, {show_up(one.up)}" for one in spots)
    chart = Chart(title, said)
    most = _ceiling(spot.across for spot in spots)
    below = [-spot.up for spot in spots if spot.up < 0]
    low = -_ceiling(below) if below else 0.0
    high = _ceiling(spot.up for spot in spots)
    _levels(chart, low, high, show_up)
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        chart.labels.append((_x(share), HEIGHT - 16, show_across(most * share), anchor, ""))
    chart.labels.append((_x(0.5), HEIGHT - 3, across, "middle", ""))
    numbers: dict[tuple[int, int], list[int]] = {}
    for spot in spots:
        x, y = _x(spot.across / most), _y((spot.up - low) / (high - low))
        chart.dots.append((x, y, _kind(spot.number)))
        numbers.setdefault((round(x), round(y)), []).append(spot.number)
    for (x, y), there in numbers.items():
        label = ", ".join(map(str, there))
        chart.labels.append((x + 7, max(y - 5, _TOP + 2), label, "start", _kind(there[0])))
    return chart


def _levels(chart: Chart, low: float, high: float, show: Show) -> None:
    for line in range(_LINES + 1):
        share = line / _LINES
        y = _y(share)
        chart.lines.append((_LEFT, y, WIDTH - _RIGHT, y, "axis"))
        chart.labels.append((_LEFT - 6, y + 4, show(low + share * (high - low)), "end", ""))


def _apart(ends: Sequence[tuple[float, int]]) -> Iterator[tuple[float, int]]:
    """Yields the labels from the top down, each below the one before; the whole within the chart."""
    last = HEIGHT - _BOTTOM + _LABEL_GAP / 2 - _LABEL_GAP * (len(ends) - 1)
    above = float(_TOP) - _LABEL_GAP
    for place, (y, number) in enumerate(sorted(ends)):
        above = max(above + _LABEL_GAP, min(y, last + _LABEL_GAP * place))
        yield above, number


def _short(name: str) -> str:
    """Returns the name of a model without its provider, cut to what has room."""
    last = name.rpartition(":")[2]
    return last if len(last) <= _LONGEST_LABEL else f"{last[: _LONGEST_LABEL - 1]}…"


def _kind(number: int) -> str:
    return f"series s{(number - 1) % _COLOURS + 1}"


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _ceiling(values: Iterable[float]) -> float:
    """Returns the least of 1, 2, 4 and 8 times a power of ten that no value exceeds; 1 for none."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return 1.0
    power = 10.0 ** ceil(log10(largest) - 1e-9)
    return next(power * part for part in (0.2, 0.4, 0.8, 1.0) if power * part >= largest - 1e-12)
