"""Charts of a report as inline SVG: curves over ordered steps, and points by two measures.

Promises: the page's own colours, light and dark; every series has its number beside it and a dash of
its own, so that no reader depends on colours; the values are in the text form for screen readers. A
missing value interrupts its line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log10

from backend.reports.markup import Html, join, tag

_WIDTH, _HEIGHT = 340, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 30, 10, 32
_LABEL_GAP = 13.0
_COLOURS = 8
_LINES = 4

Show = Callable[[float], str]


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


def line_chart(title: str, steps: Sequence[str], series: Sequence[Series], show: Show) -> Html:
    """Draw a line for each series over the steps, from 0 to just above the largest value."""
    most = _ceiling(value for one in series for value in one.values if value is not None)
    reach = max(1, len(steps) - 1)
    shapes = [*_levels(0.0, most, show)]
    for step, name in enumerate(steps):
        anchor = "start" if step == 0 else "end" if step == reach else "middle"
        shapes.append(_word(_x(step / reach), _HEIGHT - 12, name, anchor))
    ends: list[tuple[float, Series]] = []
    for one in series:
        at = [
            None if value is None else (_x(step / reach), _y(value / most))
            for step, value in enumerate(one.values)
        ]
        for here, there in pairwise(at):
            if here and there:
                ends_of = {"x1": here[0], "y1": here[1], "x2": there[0], "y2": there[1]}
                shapes.append(tag("line", **ends_of, class_=_kind(one.number)))
        known = [place for place in at if place]
        shapes += [tag("circle", cx=x, cy=y, r=3, class_=_kind(one.number)) for x, y in known]
        if at and at[-1]:
            ends.append((at[-1][1], one))
    for y, one in _apart(ends):
        shapes.append(_word(_x(1) + 8, y + 4, str(one.number), "start", _kind(one.number)))
    said = "; ".join(
        f"{one.name}: {', '.join('none' if v is None else show(v) for v in one.values)}"
        for one in series
    )
    return _chart(title, f"{', '.join(steps)}. {said}", shapes)


def spot_chart(
    title: str, spots: Sequence[Spot], *, across: str, show_across: Show, show_up: Show
) -> Html:
    """Draw a numbered point for each spot; `across` names the horizontal measure."""
    most = _ceiling(spot.across for spot in spots)
    low = min(0.0, -_ceiling(-spot.up for spot in spots if spot.up < 0))
    low = low if any(spot.up < 0 for spot in spots) else 0.0
    high = _ceiling(spot.up for spot in spots)
    shapes = [*_levels(low, high, show_up)]
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        shapes.append(_word(_x(share), _HEIGHT - 16, show_across(most * share), anchor))
    shapes.append(_word(_x(0.5), _HEIGHT - 3, across, "middle"))
    numbers: dict[tuple[int, int], list[int]] = {}
    for spot in spots:
        x, y = _x(spot.across / most), _y((spot.up - low) / (high - low))
        shapes.append(tag("circle", cx=x, cy=y, r=4, class_=_kind(spot.number)))
        numbers.setdefault((round(x), round(y)), []).append(spot.number)
    for (x, y), there in numbers.items():
        label = ", ".join(map(str, there))
        shapes.append(_word(x + 7, max(y - 5, _TOP + 2), label, "start", _kind(there[0])))
    said = "; ".join(f"{one.name}: {show_across(one.across)}, {show_up(one.up)}" for one in spots)
    return _chart(title, said, shapes)


def _levels(low: float, high: float, show: Show) -> Iterator[Html]:
    for line in range(_LINES + 1):
        share = line / _LINES
        y = _y(share)
        yield tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="axis")
        yield _word(_LEFT - 6, y + 4, show(low + share * (high - low)), "end")


def _apart(ends: Sequence[tuple[float, Series]]) -> Iterator[tuple[float, Series]]:
    """The labels from the top down, each below the one before; the whole within the chart."""
    last = _HEIGHT - _BOTTOM + _LABEL_GAP / 2 - _LABEL_GAP * (len(ends) - 1)
    above = float(_TOP) - _LABEL_GAP
    for place, (y, one) in enumerate(sorted(ends, key=lambda end: (end[0], end[1].number))):
        above = max(above + _LABEL_GAP, min(y, last + _LABEL_GAP * place))
        yield above, one


def _chart(title: str, said: str, shapes: Sequence[Html]) -> Html:
    drawing = tag(
        "svg",
        tag("desc", said),
        *shapes,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        class_="chart",
        role="img",
        aria_label=f"{title}. {said}",
    )
    return tag("figure", tag("figcaption", title), drawing)


def _word(x: float, y: float, text: str, anchor: str, kind: str | None = None) -> Html:
    return tag("text", text, x=x, y=y, text_anchor=anchor, class_=kind)


def _kind(number: int) -> str:
    return f"series s{(number - 1) % _COLOURS + 1}"


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _ceiling(values: "Iterator[float]") -> float:
    """The least of 1, 2, 4 and 8 times a power of ten that is no less than any value; 1 for none."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return 1.0
    power = 10.0 ** ceil(log10(largest) - 1e-9)
    return next(power * part for part in (0.2, 0.4, 0.8, 1.0) if power * part >= largest - 1e-12)


def join_charts(*charts: Html) -> Html:
    """Place charts beside each other where there is room."""
    return tag("div", join(*charts), class_="charts")
