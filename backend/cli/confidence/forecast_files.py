"""Forecasts and cases from CSV files, for statistics on a user's own figures.

Promises: an unusable file is one error with the line and the fault; unused columns are ignored; no
value is guessed.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from use_cases.advice.errors import CasesInvalid
from use_cases.kernel.statistics.figures import Forecast

_RIGHT = {"1", "1.0", "true", "right", "yes"}
_WRONG = {"0", "0.0", "false", "wrong", "no"}
_VOID = {"void"}
_PENDING = {"", "pending"}


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One row of a file: its line number, and its cells by column, trimmed."""

    number: int
    cells: Mapping[str, str]

    def number_in(self, column: str) -> float:
        """Returns a cell as a number. Raises `CasesInvalid`."""
        try:
            return float(self.cells[column])
        except ValueError:
            raise self.error(f"{column} {self.cells[column]!r} is no number.") from None

    def error(self, what: str) -> CasesInvalid:
        """Returns the error with the line number."""
        return CasesInvalid(f"Line {self.number}: {what}")


@dataclass(frozen=True, slots=True)
class Forecasts:
    """The forecasts of a file: those with an outcome, and the number without."""

    decided: Sequence[Forecast]
    pending: int = 0
    void: int = 0

    @property
    def coverage(self) -> float | None:
        """The share that has an outcome, without void ones. None where there are none at all."""
        total = len(self.decided) + self.pending
        return len(self.decided) / total if total else None


def read_forecasts(path: Path) -> Forecasts:
    """Reads columns `probability` (0 to 1) and `outcome`, and optionally `event` and `date`.

    An outcome is 1, 0, true, false, right or wrong; `void` is left out, empty and `pending` count
    against coverage. Raises `CasesInvalid`.
    """
    decided: list[Forecast] = []
    pending = void = 0
    for line in read_lines(path, needed=("probability", "outcome")):
        outcome = line.cells["outcome"].lower()
        void += outcome in _VOID
        pending += outcome in _PENDING
        if outcome not in _VOID | _PENDING:
            decided.append(_forecast(line, outcome))
    return Forecasts(decided, pending, void)


def read_lines(path: Path, *, needed: Sequence[str]) -> Iterator[CsvLine]:
    """Yields the rows of a CSV file with a header that has the `needed` columns. Raises `CasesInvalid`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip() for row in islice(reader, 1) for cell in row]
            _check(path, header, needed)
            yield from _lines(reader, header)
    except UnicodeDecodeError:
        raise CasesInvalid(f"{path} is not in UTF-8.") from None
    except OSError as error:
        raise CasesInvalid(f"{path} cannot be read: {error.strerror}.") from error
    except csv.Error as error:
        raise CasesInvalid(f"{path} is no CSV file: {error}.") from None


def _check(path: Path, header: Sequence[str], needed: Sequence[str]) -> None:
    missing = [column for column in needed if column not in header]
    if missing:
        raise CasesInvalid(f"{path} has no column {' and no column '.join(missing)}.")
    twice = [column for column in needed if header.count(column) > 1]
    if twice:
        raise CasesInvalid(f"{path} has the column {twice[0]} twice.")


def _lines(reader: Iterator[list[str]], header: Sequence[str]) -> Iterator[CsvLine]:
    for number, row in enumerate(reader, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise CasesInvalid(f"Row {number}: {len(row)} cells under {len(header)} columns.")
        cells = (cell.strip() for cell in row)
        yield CsvLine(number, dict(zip(header, cells, strict=True)))


def _forecast(line: CsvLine, outcome: str) -> Forecast:
    if outcome not in _RIGHT | _WRONG:
        what = "is none of 1, 0, true, false, right, wrong, void, pending."
        raise line.error(f"outcome {line.cells['outcome']!r} {what}")
    probability = line.number_in("probability")
    if not 0 <= probability <= 1:
        raise line.error(f"probability {line.cells['probability']!r} is not from 0 to 1.")
    event, date = line.cells.get("event"), line.cells.get("date")
    return Forecast(probability, outcome in _RIGHT, event or None, _moment(line, date))


def _moment(line: CsvLine, date: str | None) -> datetime | None:
    if not date:
        return None
    try:
        return datetime.fromisoformat(date)
    except ValueError:
        raise line.error(f"date {date!r} is not written as 2025-10-31.") from None
