"""The reliability diagram and its table on a terminal.

Promises: it fits the terminal's width; shapes and words repeat the meaning of colours; without room
for the diagram the table remains. Leaves to others: writing it (`terminal.paint`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from backend.cli.terminal.layout import record
from backend.reports.reliability_diagram import STATES
from use_cases.kernel.statistics.bands import FEWEST_ROWS, BandVerdict, State

_ROWS = 20
"""Steps of the diagram's height: five points each."""

_GUTTER = 6
_WIDEST_CELL = 7
_NARROWEST_CELL = 3
_LEVELS = " ▁▂▃▄▅▆▇█"

MARKS: dict[State, tuple[str, str]] = {
    "consistent": ("●", "cyan"),
    "miscalibrated": ("◆", "red"),
    "insufficient_data": ("○", "bright_black"),
}
"""The mark of a band and its colour, by verdict."""

Span: TypeAlias = tuple[str, str]
"""Text with its style; an empty style is plain."""

StyledLine: TypeAlias = list[Span]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A field of characters, each with its style; row 0 is at the top."""

    width: int
    height: int
    cells: list[StyledLine] = field(default_factory=list[StyledLine])

    def __post_init__(self) -> None:
        self.cells.extend([(" ", "")] * self.width for _ in range(self.height))

    def put(self, column: int, row: int, text: str, style: str = "") -> None:
        """Write over the cells; text outside the canvas is dropped."""
        for offset, char in enumerate(text):
            if 0 <= row < self.height and 0 <= column + offset < self.width:
                self.cells[row][column + offset] = (char, style)

    def spans(self) -> list[StyledLine]:
        """Return its rows, neighbours of one style joined, without blanks at the end."""
        return [_join(row) for row in self.cells]


def draw(verdicts: Sequence[BandVerdict], *, columns: int) -> list[StyledLine]:
    """Return the diagram with the number of forecasts below each confidence; empty where it does
    not fit.
    """
    cell = min(_WIDEST_CELL, (columns - _GUTTER - 1) // max(1, len(verdicts)))
    if cell < _NARROWEST_CELL:
        return []
    inner = cell * len(verdicts)
    canvas = Canvas(_GUTTER + inner + 1, _ROWS + 1)
    _axis(canvas, inner)
    for verdict in verdicts:
        _point(canvas, verdict, inner)
    return [*canvas.spans(), *_below(verdicts, cell), *_legend(columns)]


def band_table(verdicts: Sequence[BandVerdict], *, columns: int | None = None) -> list[StyledLine]:
    """Return every band with n, mean, rate, interval and verdict; as records where `columns` are
    too few.
    """
    header = ("CONFIDENCE", "N", "STATED", "RIGHT", "95% INTERVAL", "VERDICT")
    rows = [header, *(_cells(verdict) for verdict in verdicts)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(header))]
    styles = [
        "bold",
        *(MARKS[verdict.state][1] if verdict.band.n else "bright_black" for verdict in verdicts),
    ]
    if columns is not None and sum(widths) + 2 * (len(widths) - 1) > columns:
        return _records(header, rows[1:], styles[1:], columns)
    return [
        [
            ("  ".join(_align(row[:-1], widths)) + "  ", "bold" if row is header else ""),
            (row[-1], style),
        ]
        for row, style in zip(rows, styles, strict=True)
    ]


def _records(
    header: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str], columns: int
) -> list[StyledLine]:
    lines: list[StyledLine] = []
    for row, style in zip(rows, styles, strict=True):
        text = record(list(zip(header, row, strict=True)), columns).split("\n")
        lines += [[(line, style)] for line in text] + [[]]
    return lines[:-1]


def _axis(canvas: Canvas, inner: int) -> None:
    for row in range(_ROWS + 1):
        share = 1 - row / _ROWS
        label = f"{share:.0%}" if row % 4 == 0 else ""
        canvas.put(0, row, f"{label:>4} {'┤' if label else '│'}", "bright_black")
    for column in range(inner + 1):
        canvas.put(_GUTTER + column, _row(column / inner), "·", "bright_black")


def _point(canvas: Canvas, verdict: BandVerdict, inner: int) -> None:
    band = verdict.band
    if band.mean is None or band.rate is None or band.interval is None:
        return
    mark, style = MARKS[verdict.state]
    column = _GUTTER + round(band.mean * inner)
    high, low = _row(band.interval[1]), _row(band.interval[0])
    for row in range(high, low + 1):
        canvas.put(column, row, "│", style)
    if high < low:
        canvas.put(column, high, "┬", style)
        canvas.put(column, low, "┴", style)
    canvas.put(column, _row(band.rate), mark, style)


def _below(verdicts: Sequence[BandVerdict], cell: int) -> Iterator[list[Span]]:
    most = max((verdict.band.n for verdict in verdicts), default=0) or 1
    yield [("     └" + "┴".join("─" * (cell - 1) for _ in verdicts) + "┘", "bright_black")]
    yield [(" " * (_GUTTER - 1) + _ticks(len(verdicts), cell), "bright_black")]
    for floor in (8, 0):
        bars = (_level(verdict.band.n, most, floor) * (cell - 1) for verdict in verdicts)
        line = (" " * _GUTTER + " ".join(bars)).rstrip()
        if line:
            yield [(line, "blue")]
    counts = [_short(verdict.band.n) for verdict in verdicts]
    if max(map(len, counts)) < cell:
        yield [(" " * _GUTTER + " ".join(f"{count:^{cell - 1}}" for count in counts).rstrip(), "")]


def _ticks(bands: int, cell: int) -> str:
    """Return 0%, 20% … 100% under the edges they belong to, where bands fall on them; else both
    ends.
    """
    step = bands // 5 if bands % 5 == 0 else bands
    line = ""
    for edge in range(0, bands + 1, step):
        label = f"{edge / bands:.0%}"
        before = 0 if edge == 0 else len(label) - 1 if edge == bands else len(label) // 2
        line = line.ljust(edge * cell - before) + label
    return line


def _level(n: int, most: int, floor: int) -> str:
    """Return the part of a bar of 16 eighths above `floor`; a positive count is never empty."""
    eighths = max(1, round(16 * n / most)) if n else 0
    return _LEVELS[min(8, max(0, eighths - floor))]


def _legend(columns: int) -> list[StyledLine]:
    """Return the meaning of the marks, on as many lines as needed."""
    items = [(mark, f" {STATES[state]}", style) for state, (mark, style) in MARKS.items()]
    lines: list[StyledLine] = [[(" " * _GUTTER, "")]]
    used = _GUTTER
    for mark, meaning, style in (*items, ("·", " as stated", "bright_black")):
        needed = len(mark + meaning) + (3 if used > _GUTTER else 0)
        if used > _GUTTER and used + needed > columns:
            lines.append([(" " * _GUTTER, "")])
            used = _GUTTER
        gap = "   " if used > _GUTTER else ""
        lines[-1] += [(gap, ""), (mark, style), (meaning, "")]
        used += len(gap + mark + meaning)
    return lines


def _cells(verdict: BandVerdict) -> tuple[str, ...]:
    band = verdict.band
    if band.mean is None or band.rate is None or band.interval is None:
        return (band.label, "0", "", "", "", "")
    low, high = band.interval
    direction = {"over": ": overconfident", "under": ": underconfident", None: ""}[
        verdict.direction
    ]
    if verdict.state == "insufficient_data":
        direction = f": under {FEWEST_ROWS} outcomes" if band.n < FEWEST_ROWS else ": too few"
    return (
        band.label,
        f"{band.n:,}",
        f"{band.mean:.1%}",
        f"{band.rate:.1%}",
        f"{low:.0%} to {high:.0%}",
        f"{MARKS[verdict.state][0]} {STATES[verdict.state]}{direction}",
    )


def _align(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *rest = zip(cells, widths, strict=False)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]


def _row(share: float) -> int:
    # Halves always to the same side, or the diagonal would stumble.
    return int((1 - share) * _ROWS + 0.5)


def _short(n: int) -> str:
    return str(n) if n < 10_000 else f"{n // 1000}k"


def _join(row: Sequence[Span]) -> list[Span]:
    end = max((place + 1 for place, (char, _) in enumerate(row) if char != " "), default=0)
    spans: list[Span] = []
    for char, style in row[:end]:
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + char, style)
        else:
            spans.append((char, style))
    return spans
