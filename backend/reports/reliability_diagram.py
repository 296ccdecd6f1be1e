"""The reliability diagram of a report as SVG: the share of right advice by its confidence.

Promises: every band that has outcomes is a point, sized by their number, at the mean of the stated
confidence, with the interval that chance alone explains; below it, the number of each confidence.
Without outcomes the frame states so. The document is well-formed for any title, the same for the
same figures, and has a title and a description for screen readers, no script and no external
resource. Leaves to others: the figures, and the template `reliability_diagram.svg`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from backend.pages import rendered
from use_cases.kernel.statistics.bands import Band, BandVerdict, State
from use_cases.kernel.statistics.figures import counted
from use_cases.kernel.statistics.report import Calibration, Scores

WIDTH, HEIGHT = 680, 890
_LEFT, _TOP, _SIDE = 84, 112, 560
_BARS_TOP, _BARS_HEIGHT = _TOP + _SIDE + 34, 84
_BARS_END = _BARS_TOP + _BARS_HEIGHT

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


@dataclass(frozen=True, slots=True)
class _Bar:
    band: Band
    left: float
    width: float
    top: float


@dataclass(frozen=True, slots=True)
class _Point:
    state: State
    x: float
    y: float
    radius: float
    high: float
    low: float
    said: str


def diagram(scores: Scores, calibration: Calibration, *, title: str) -> str:
    """Returns the SVG document of a report with this title, ending in a line break."""
    verdicts = calibration.bands
    most = max((verdict.band.n for verdict in verdicts), default=0) or 1
    return rendered(
        "reports/reliability_diagram.svg",
        title="".join(char if char.isprintable() else " " for char in title),
        about_rows=about_rows(scores),
        about_errors=about_errors(scores, calibration),
        sentences=[band_sentence(verdict) for verdict in verdicts],
        rate=scores.rate.value,
        bars=[_bar(verdict.band, most) for verdict in verdicts],
        bars_filled=scores.n,
        points=list(_points(verdicts, most)),
        colours=_COLOURS,
        states=STATES,
        x=_x,
        y=_y,
        n=_n,
        width=WIDTH,
        height=HEIGHT,
        left=_LEFT,
        top=_TOP,
        side=_SIDE,
        bars_top=_BARS_TOP,
        bars_end=_BARS_END,
    )


def about_rows(scores: Scores) -> str:
    """Returns the number of outcomes, their coverage, and the share that was right."""
    outcomes = counted(scores.n, "outcome")
    covered = "" if scores.coverage is None else f" ({_percent(scores.coverage)} {_SCORABLE})"
    rate = "" if scores.rate.value is None else f", {scores.rate.value:.1%} right"
    return f"{outcomes}{covered}{rate}"


def about_errors(scores: Scores, calibration: Calibration) -> str:
    """Returns Brier score and calibration error, each beside its reference."""
    brier, errors = scores.brier, calibration.errors
    if brier.value is None or errors.ece is None:
        return "Nothing to score yet"
    between = "" if brier.interval is None else " [{:.3f}, {:.3f}]".format(*brier.interval)
    return (
        f"Brier {brier.value:.3f}{between} · calibration error {errors.ece:.3f}, "
        f"by chance alone {errors.ece_expected:.3f}"
    )


def band_sentence(verdict: BandVerdict) -> str:
    """Returns the result of a band, in a sentence without its full stop; empty without outcomes."""
    band = verdict.band
    if band.mean is None or band.rate is None or band.interval is None:
        return ""
    low, high = band.interval
    return (
        f"{band.label}: stated {band.mean:.1%} in the mean, {band.right:,} of {band.n:,} right "
        f"({band.rate:.1%}, interval {low:.1%} to {high:.1%}), {STATES[verdict.state]}"
    )


def _percent(share: float) -> str:
    """Returns whole percents; not 100% where something is missing."""
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def _x(probability: float) -> float:
    return _LEFT + probability * _SIDE


def _y(probability: float) -> float:
    return _TOP + (1 - probability) * _SIDE


def _bar(band: Band, most: int) -> _Bar:
    top = _BARS_END - (_BARS_HEIGHT - 16) * band.n / most
    return _Bar(band, _x(band.low), (band.high - band.low) * _SIDE, top)


def _points(verdicts: Sequence[BandVerdict], most: int) -> Iterator[_Point]:
    for verdict in verdicts:
        band = verdict.band
        if band.mean is None or band.rate is None or band.interval is None:
            continue
        low, high = band.interval
        yield _Point(
            verdict.state,
            _x(band.mean),
            _y(band.rate),
            3.5 + 6.5 * sqrt(band.n / most),
            _y(high),
            _y(low),
            band_sentence(verdict),
        )


def _n(value: float) -> str:
    """Returns two decimals at most: finer than any screen, and the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
