"""The report on confidence in words, for a reader who is no statistician.

Promises: each figure beside the one to compare it with, and every caution that the statistics
state. Leaves to others: the figures, and the picture.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias, cast

from backend.cli.terminal import terminal
from backend.cli.terminal.layout import record
from backend.reports.reliability_diagram import STATES, about_rows, diagram
from use_cases.kernel.errors import InvalidInput, Unavailable
from use_cases.kernel.statistics.bands import FEWEST_ROWS, BandVerdict, State
from use_cases.kernel.statistics.calibration_error import LEVEL, CalibrationErrors
from use_cases.kernel.statistics.figures import FEW_ROWS, Statistic, counted
from use_cases.kernel.statistics.report import Calibration, Scores

MARKS: dict[State, tuple[str, str]] = {
    "consistent": ("●", "cyan"),
    "miscalibrated": ("◆", "red"),
    "insufficient_data": ("○", "bright_black"),
}
"""The mark of a band and its colour, by verdict."""

StyledLine: TypeAlias = list[tuple[str, str]]
"""A line of texts, each with its style; an empty style is plain."""


def show_report(
    scores: Scores,
    calibration: Calibration,
    *,
    title: str,
    more: str,
    void: int = 0,
    unsure: int = 0,
) -> None:
    """Shows the bands and the figures; cautions go to stderr. Under `FEW_ROWS` outcomes show one line,
    with `more`: a hint how to get some.

    `void` and `unsure` (advice without a confidence) are left out of the figures, and named.
    """
    if scores.n < FEW_ROWS:
        rejected = "".join(f" Already {found}." for found in _rejected(calibration))
        terminal.data(
            f"{title}: {counted(scores.n, 'outcome')}; a report needs {FEW_ROWS}.{rejected} {more}"
        )
        return
    terminal.data(f"{title}: {about_rows(scores)}")
    left_out = [f"{void:,} void"] * bool(void) + [f"{unsure:,} without a confidence"] * bool(unsure)
    terminal.data(f"Left out: {', '.join(left_out)}\n" if left_out else "")
    terminal.paint(band_table(calibration.bands, columns=terminal.width()))
    terminal.data("\n" + terminal.labelled("\n".join(_figures(scores, calibration))))
    terminal.flush()
    for warning in _cautions(scores, calibration):
        terminal.talk(f"note: {warning}")


def band_table(verdicts: Sequence[BandVerdict], *, columns: int | None = None) -> list[StyledLine]:
    """Returns every band with n, mean, rate, interval and verdict; as records where `columns` are too
    few.
    """
    header = ("CONFIDENCE", "N", "MEAN", "RIGHT", "95% INTERVAL", "VERDICT")
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


def report_json(scores: Scores, calibration: Calibration) -> dict[str, object]:
    """Returns all figures, under the names of the statistics."""
    cautions = {
        "n": scores.n,
        "coverage": scores.coverage,
        "warnings": _cautions(scores, calibration),
    }
    # Through JSON once, so that tuples become lists.
    figures = json.dumps({"scores": asdict(scores), "calibration": asdict(calibration)})
    return {**cautions, **cast("dict[str, object]", json.loads(figures))}


def check_picture(path: Path | None) -> None:
    """Raises `InvalidInput` for a name that does not end in .svg."""
    if path is not None and path.suffix.lower() != ".svg":
        raise InvalidInput(f"{path} names no kind of picture.", hint="End the name in .svg.")


def write_picture(path: Path, scores: Scores, calibration: Calibration, *, title: str) -> None:
    """Writes the diagram to a file, whole or not at all. Raises `Unavailable`."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(diagram(scores, calibration, title=title), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}.", hint="Name another place."
        ) from error
    terminal.talk(f"The picture is in {path}.")


def _records(
    header: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str], columns: int
) -> list[StyledLine]:
    lines: list[StyledLine] = []
    for row, style in zip(rows, styles, strict=True):
        text = record(list(zip(header, row, strict=True)), columns).split("\n")
        lines += [[(line, style)] for line in text] + [[]]
    return lines[:-1]


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


def _rejected(calibration: Calibration) -> Iterator[str]:
    """Yields the bands that even few outcomes contradict."""
    for verdict in calibration.bands:
        band = verdict.band
        if verdict.state == "miscalibrated" and band.mean is not None and band.rate is not None:
            yield (
                f"{verdict.direction}confident beyond chance where {band.mean:.0%} was claimed: "
                f"{round(band.rate * band.n)} of {band.n} right"
            )


def _figures(scores: Scores, calibration: Calibration) -> Iterator[str]:
    yield from _about_score(scores)
    yield from _about_error(calibration.errors)
    yield from _about_gap(scores.gap)
    yield from _about_order(scores.auc)


def _about_score(scores: Scores) -> Iterator[str]:
    constant, rate, skill = scores.climatology.value, scores.rate.value, scores.skill.value
    yield f"Brier score        {_with_interval(scores.brier)} (0 is perfect, always saying 50% gets 0.250)"
    if constant is not None and rate is not None:
        gained = (
            ""
            if skill is None
            else f"; the advice is {abs(skill):.1%} {'better' if skill >= 0 else 'worse'}"
        )
        yield f"                   always saying {rate:.1%} would score {constant:.4f}{gained}"


def _about_error(errors: CalibrationErrors) -> Iterator[str]:
    if errors.ece is None or errors.ece_expected is None or errors.ece_p is None:
        return
    verdict = "more than chance explains" if errors.ece_p < LEVEL else "chance explains it"
    yield (
        f"Calibration error  {errors.ece:.4f} (a calibrated adviser would have "
        f"{errors.ece_expected:.4f}; p = {errors.ece_p:.2g}: {verdict})"
    )


def _about_gap(gap: Statistic) -> Iterator[str]:
    if gap.value is not None:
        points = abs(gap.value) * 100
        yield f"On average         {'over' if gap.value > 0 else 'under'}confident by {points:.1f} points"


def _about_order(auc: Statistic) -> Iterator[str]:
    if auc.value is None:
        return
    line = f"Discrimination     {_with_interval(auc)} (AUC; 0.5 is none)"
    if auc.interval is not None and auc.interval[0] <= 0.5 <= auc.interval[1]:
        line += ": not shown to separate right from wrong"
    elif auc.value < 0.5:
        line += ": higher confidence was right less often"
    yield line


def _with_interval(figure: Statistic) -> str:
    value = "unknown" if figure.value is None else f"{figure.value:.4f}"
    return (
        value if figure.interval is None else value + " [{:.4f}, {:.4f}]".format(*figure.interval)
    )


def _cautions(scores: Scores, calibration: Calibration) -> list[str]:
    parts = (
        scores,
        calibration,
        scores.brier,
        scores.auc,
        calibration.errors,
        calibration.recalibration,
    )
    return list(dict.fromkeys(text for part in parts for text in part.warnings))
