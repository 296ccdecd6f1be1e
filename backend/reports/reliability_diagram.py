"""The reliability diagram of a report as SVG: the share of right advice by its confidence.

Promises: every band that has outcomes is a point, sized by their number, at the mean of the stated
confidence, with the interval that chance alone explains; below it, the number of each confidence.
Without outcomes the frame states so. The document is well-formed for any title, the same for the
same figures, and has a title and a description for screen readers, no script and no external
resource. Leaves to others: the figures.
"""

from collections.abc import Iterator, Sequence
from math import sqrt
from xml.sax.saxutils import escape, quoteattr

from use_cases.kernel.statistics.bands import BandVerdict, State
from use_cases.kernel.statistics.figures import counted
from use_cases.kernel.statistics.report import Calibration, Scores

WIDTH, HEIGHT = 680, 890
_LEFT, _TOP, _SIDE = 84, 112, 560
_BARS_TOP, _BARS_HEIGHT = _TOP + _SIDE + 34, 84
_BARS_END = _BARS_TOP + _BARS_HEIGHT
_INK, _SOFT, _GRID, _BAR = "#1f2328", "#59636e", "#e6e8eb", "#b6c7d8"
_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

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


def diagram(scores: Scores, calibration: Calibration, *, title: str) -> str:
    """Return the SVG document of a report with this title, ending in a line break."""
    verdicts = calibration.bands
    about = [about_rows(scores), about_errors(scores, calibration)]
    described = [text for verdict in verdicts if (text := band_sentence(verdict))]
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-labelledby="title description" font-family={quoteattr(_FONT)}>',
        f'<title id="title">{_text(title)}</title>',
        f'<desc id="description">{_text(". ".join([*about, *described]))}</desc>',
        f'<rect {size} fill="#ffffff"/>',
        _words(_LEFT, 36, title, size=19, colour=_INK, bold=True),
        _words(_LEFT, 62, about[0], colour=_SOFT),
        _words(_LEFT, 84, about[1], colour=_SOFT),
        *_frame(),
        *_base_rate(scores.rate.value),
        *_bars(verdicts),
        *(line for verdict in verdicts for line in _point(verdict, _most(verdicts))),
        *_legend(),
    ]
    if not scores.n:
        lines.append(_words(_x(0.5), _y(0.55), "No outcome yet", size=17, anchor="middle"))
    return "\n".join([*lines, "</svg>"]) + "\n"


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


def _frame() -> Iterator[str]:
    for step in range(11):
        at, label = step / 10, f"{step * 10}%"
        yield _line(_x(at), _TOP, _x(at), _TOP + _SIDE, _GRID)
        yield _line(_LEFT, _y(at), _LEFT + _SIDE, _y(at), _GRID)
        yield _line(_x(at), _BARS_TOP, _x(at), _BARS_END, _GRID)
        if step % 2 == 0:
            yield _words(_LEFT - 10, _y(at) + 4.5, label, colour=_SOFT, anchor="end")
            yield _words(_x(at), _BARS_END + 20, label, colour=_SOFT, anchor="middle")
    yield _line(_x(0), _y(0), _x(1), _y(1), "#8c959f", width=1.5, dash="6 5")
    middle, side = _LEFT + _SIDE / 2, _TOP + _SIDE / 2
    yield _words(middle, _BARS_END + 46, "How sure the advice was", size=14, anchor="middle")
    yield _words(28, side, "How often it was right", size=14, anchor="middle", upwards=True)
    yield _words(_LEFT, _BARS_TOP - 9, "How many were that sure", colour=_SOFT, size=12)


def _base_rate(rate: float | None) -> Iterator[str]:
    if rate is None:
        return
    y = _y(rate)
    yield _line(_LEFT, y, _LEFT + _SIDE, y, "#a475b9", width=1.2, dash="2 4")
    yield _words(_LEFT + 6, y - 6, f"all together {rate:.0%}", size=12, colour="#7b4b94")


def _bars(verdicts: Sequence[BandVerdict]) -> Iterator[str]:
    most = _most(verdicts)
    for verdict in verdicts:
        band = verdict.band
        height = (_BARS_HEIGHT - 16) * band.n / most
        width = (band.high - band.low) * _SIDE
        top = _BARS_END - height
        yield (
            f'<rect x="{_n(_x(band.low) + 1.5)}" y="{_n(top)}" width="{_n(width - 3)}" '
            f'height="{_n(height)}" fill="{_BAR}"><title>{band.label}: {band.n:,}</title></rect>'
        )
        if band.n:
            fits = 11 if len(verdicts) <= 12 else 9
            middle = _x(band.low) + width / 2
            yield _words(middle, top - 4, f"{band.n:,}", size=fits, colour=_SOFT, anchor="middle")
    yield _line(_LEFT, _BARS_END, _LEFT + _SIDE, _BARS_END, "#8c959f")


def _point(verdict: BandVerdict, most: int) -> Iterator[str]:
    band = verdict.band
    if band.mean is None or band.rate is None or band.interval is None:
        return
    x, (low, high) = _x(band.mean), band.interval
    yield from _whisker(x, _y(high), _y(low), _COLOURS[verdict.state][1])
    yield _disc(
        x,
        _y(band.rate),
        3.5 + 6.5 * sqrt(band.n / most),
        verdict.state,
        f"><title>{_text(band_sentence(verdict))}</title></circle>",
    )


def _legend() -> Iterator[str]:
    y = HEIGHT - 22
    for place, state in enumerate(_COLOURS):
        x = _LEFT + place * 145
        yield _disc(x + 6, y - 4.5, 6, state, "/>")
        yield _words(x + 19, y, STATES[state], size=12.5, colour=_SOFT)
    x = _LEFT + 3 * 145 + 6
    yield from _whisker(x, y - 13, y + 4, _SOFT)
    yield _words(x + 13, y, "95% interval", size=12.5, colour=_SOFT)


def _whisker(x: float, top: float, end: float, colour: str) -> Iterator[str]:
    yield _line(x, top, x, end, colour, width=1.6)
    for y in (top, end):
        yield _line(x - 4.5, y, x + 4.5, y, colour, width=1.6)


def _most(verdicts: Sequence[BandVerdict]) -> int:
    return max((verdict.band.n for verdict in verdicts), default=0) or 1


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1, dash: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{colour}" '
        f'stroke-width="{_n(width)}"{dashed}/>'
    )


def _disc(x: float, y: float, radius: float, state: State, end: str) -> str:
    fill, outline = _COLOURS[state]
    return (
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}" stroke="{outline}" '
        f'stroke-width="1.5"{end}'
    )


def _words(
    x: float,
    y: float,
    text: str,
    *,
    size: float = 13,
    colour: str = "#2b2b2b",
    anchor: str = "start",
    bold: bool = False,
    upwards: bool = False,
) -> str:
    """Return a line of text, `y` its baseline; `upwards`: turned, to be read from below."""
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    weight = ' font-weight="600"' if bold else ""
    turned = f' transform="rotate(-90 {_n(x)} {_n(y)})"' if upwards else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{colour}"'
        f"{anchored}{weight}{turned}>{_text(text)}</text>"
    )


def _text(text: str) -> str:
    """Return the text escaped, without the control characters that XML forbids."""
    return escape("".join(char if char.isprintable() else " " for char in text))


def _n(value: float) -> str:
    """Return two decimals at most: finer than any screen, and the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
