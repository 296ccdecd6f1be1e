"""The reliability diagram of a report: the share of right advice by its confidence.

Promises: every band that has outcomes is a point, sized by their number, at the mean of the stated
confidence, with the interval that chance alone explains; below it, the number of each confidence.
Without outcomes the frame states so. Leaves to others: the figures, and the file format.
"""

from collections.abc import Iterator, Sequence
from math import sqrt

from backend.diagrams.drawing import Box, Disc, Line, Picture, Shape, Words
from use_cases.kernel.statistics.band_tests import BandVerdict, State
from use_cases.kernel.statistics.figures import counted
from use_cases.kernel.statistics.report import Calibration, Scores

WIDTH, HEIGHT = 680, 890
_LEFT, _TOP, _SIDE = 84, 112, 560
_BARS_TOP, _BARS_HEIGHT = _TOP + _SIDE + 34, 84
_BARS_END = _BARS_TOP + _BARS_HEIGHT
_INK, _SOFT, _GRID, _BAR = "#1f2328", "#59636e", "#e6e8eb", "#b6c7d8"

# Okabe and Ito's blue and vermilion: distinct to every eye, and by their lightness in print.
_COLOURS: dict[State, tuple[str, str]] = {
    "consistent": ("#0072b2", "#004c77"),
    "miscalibrated": ("#d55e00", "#8f3f00"),
    "insufficient_data": ("#ffffff", "#7d8590"),
}
STATES: dict[State, str] = {
    "consistent": "within chance",
    "miscalibrated": "beyond chance",
    "insufficient_data": "no verdict",
}
"""The name of each verdict on the distance from the diagonal."""


_SCORABLE = "of the advice that can be scored"
"""Advice that states a confidence and is not void: it was, or will be, right or wrong."""


def diagram(scores: Scores, calibration: Calibration, *, title: str) -> Picture:
    """Return the picture of a report with this title."""
    verdicts = calibration.bands
    shapes: list[Shape] = [
        Words(x=_LEFT, y=36, text=title, size=19, colour=_INK, bold=True),
        Words(x=_LEFT, y=62, text=about_rows(scores), colour=_SOFT),
        Words(x=_LEFT, y=84, text=about_errors(scores, calibration), colour=_SOFT),
        *_frame(),
        *_base_rate(scores.rate.value),
        *_bars(verdicts),
        *(shape for verdict in verdicts for shape in _point(verdict, _most(verdicts))),
        *_legend(),
    ]
    if not scores.n:
        x, y = _x(0.5), _y(0.55)
        shapes.append(Words(x=x, y=y, text="No outcome yet", size=17, anchor="middle"))
    described = [text for verdict in verdicts if (text := band_sentence(verdict))]
    return Picture(
        width=WIDTH,
        height=HEIGHT,
        title=title,
        description=". ".join([about_rows(scores), about_errors(scores, calibration), *described]),
        shapes=shapes,
    )


def about_rows(scores: Scores) -> str:
    """Return the number of outcomes, their coverage, and the share that was right."""
    outcomes = counted(scores.n, "outcome")
    covered = "" if scores.coverage is None else f" ({_percent(scores.coverage)} {_SCORABLE})"
    rate = "" if scores.rate.value is None else f", {scores.rate.value:.1%} right"
    return f"{outcomes}{covered}{rate}"


def about_errors(scores: Scores, calibration: Calibration) -> str:
    """Return Brier score and calibration error, each beside its reference."""
    brier, errors = scores.brier, calibration.errors
    if brier.value is None or errors.ece is None:
        return "Nothing to score yet"
    between = "" if brier.interval is None else " [{:.3f}, {:.3f}]".format(*brier.interval)
    return (
        f"Brier {brier.value:.3f}{between} · calibration error {errors.ece:.3f}, "
        f"by chance alone {errors.ece_expected:.3f}"
    )


def band_sentence(verdict: BandVerdict) -> str:
    """Return the result of a band, in a sentence without its full stop; empty without outcomes."""
    band = verdict.band
    if band.mean is None or band.rate is None or band.interval is None:
        return ""
    low, high = band.interval
    return (
        f"{band.label}: stated {band.mean:.1%} in the mean, {band.right:,} of {band.n:,} right "
        f"({band.rate:.1%}, interval {low:.1%} to {high:.1%}), {STATES[verdict.state]}"
    )


def _percent(share: float) -> str:
    """Return whole percents; not 100% where something is missing."""
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def _x(probability: float) -> float:
    return _LEFT + probability * _SIDE


def _y(probability: float) -> float:
    return _TOP + (1 - probability) * _SIDE


def _frame() -> Iterator[Shape]:
    for step in range(11):
        at, label = step / 10, f"{step * 10}%"
        yield Line(x1=_x(at), y1=_TOP, x2=_x(at), y2=_TOP + _SIDE, colour=_GRID)
        yield Line(x1=_LEFT, y1=_y(at), x2=_LEFT + _SIDE, y2=_y(at), colour=_GRID)
        yield Line(x1=_x(at), y1=_BARS_TOP, x2=_x(at), y2=_BARS_END, colour=_GRID)
        if step % 2 == 0:
            yield Words(x=_LEFT - 10, y=_y(at) + 4.5, text=label, colour=_SOFT, anchor="end")
            yield Words(x=_x(at), y=_BARS_END + 20, text=label, colour=_SOFT, anchor="middle")
    yield Line(x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), colour="#8c959f", width=1.5, dash=(6, 5))
    middle, side = _LEFT + _SIDE / 2, _TOP + _SIDE / 2
    yield Words(
        x=middle, y=_BARS_END + 46, text="How sure the advice was", size=14, anchor="middle"
    )
    said = "How often it was right"
    yield Words(x=28, y=side, text=said, size=14, anchor="middle", upwards=True)
    yield Words(x=_LEFT, y=_BARS_TOP - 9, text="How many were that sure", colour=_SOFT, size=12)


def _base_rate(rate: float | None) -> Iterator[Shape]:
    if rate is None:
        return
    y = _y(rate)
    yield Line(x1=_LEFT, y1=y, x2=_LEFT + _SIDE, y2=y, colour="#a475b9", width=1.2, dash=(2, 4))
    yield Words(x=_LEFT + 6, y=y - 6, text=f"all together {rate:.0%}", size=12, colour="#7b4b94")


def _bars(verdicts: Sequence[BandVerdict]) -> Iterator[Shape]:
    most = _most(verdicts)
    for verdict in verdicts:
        band = verdict.band
        height = (_BARS_HEIGHT - 16) * band.n / most
        width = (band.high - band.low) * _SIDE
        yield Box(
            x=_x(band.low) + 1.5,
            y=_BARS_END - height,
            width=width - 3,
            height=height,
            fill=_BAR,
            hint=f"{band.label}: {band.n:,}",
        )
        if band.n:
            label = f"{band.n:,}"
            centre = _x(band.low) + width / 2
            yield Words(
                x=centre,
                y=_BARS_END - height - 4,
                text=label,
                size=11 if len(verdicts) <= 12 else 9,
                colour=_SOFT,
                anchor="middle",
            )
    yield Line(x1=_LEFT, y1=_BARS_END, x2=_LEFT + _SIDE, y2=_BARS_END, colour="#8c959f")


def _point(verdict: BandVerdict, most: int) -> Iterator[Shape]:
    band = verdict.band
    if band.mean is None or band.rate is None or band.interval is None:
        return
    fill, outline = _COLOURS[verdict.state]
    x, (low, high) = _x(band.mean), band.interval
    yield from _whisker(x, _y(high), _y(low), outline)
    yield Disc(
        x=x,
        y=_y(band.rate),
        radius=3.5 + 6.5 * sqrt(band.n / most),
        fill=fill,
        outline=outline,
        hint=band_sentence(verdict),
    )


def _legend() -> Iterator[Shape]:
    y = HEIGHT - 22
    for place, (state, (fill, outline)) in enumerate(_COLOURS.items()):
        x = _LEFT + place * 145
        yield Disc(x=x + 6, y=y - 4.5, radius=6, fill=fill, outline=outline)
        yield Words(x=x + 19, y=y, text=STATES[state], size=12.5, colour=_SOFT)
    x = _LEFT + 3 * 145 + 6
    yield from _whisker(x, y - 13, y + 4, _SOFT)
    yield Words(x=x + 13, y=y, text="95% interval", size=12.5, colour=_SOFT)


def _whisker(x: float, top: float, end: float, colour: str) -> Iterator[Shape]:
    yield Line(x1=x, y1=top, x2=x, y2=end, colour=colour, width=1.6)
    for y in (top, end):
        yield Line(x1=x - 4.5, y1=y, x2=x + 4.5, y2=y, colour=colour, width=1.6)


def _most(verdicts: Sequence[BandVerdict]) -> int:
    return max((verdict.band.n for verdict in verdicts), default=0) or 1
