"""CSV and TSV text as cells, with any delimiter: comma, semicolon, tab or pipe.

Promises: a grid for any text, or `SourceBroken` or `SourceTooLarge` with the reason. The delimiter is
the one that splits the most lines into the same number of cells.
Leaves to others: decoding (`decoding.py`).
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator

from services.documents.table_grid import Cell, Grid, limit_rows
from use_cases.knowledge.errors import SourceBroken

_DELIMITERS = ",;\t|"
_SAMPLE_CHARACTERS = 64 * 1024
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_EXCEL_HINT = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)


_LONGEST_CELL = 128 * 1024  # characters


def read_csv(text: str) -> Grid:
    """Read the cells of a text. Raises `SourceBroken` (an unclosed cell) or `SourceTooLarge`."""
    stated = _EXCEL_HINT.match(text)
    if stated:
        text = text[stated.end() :]
    delimiter = stated[1] if stated else sniff_delimiter(text)
    try:
        return _grid(text, delimiter, strict=True)
    except csv.Error as error:
        # An unclosed quotation mark at the end means inches.
        quoted = "unexpected end of data" not in str(error)
    try:
        return _grid(text, delimiter, quoted=quoted)
    except csv.Error as error:
        raise SourceBroken(
            f"The table cannot be read: {error}.",
            hint="Look for a quotation mark that is never closed.",
        ) from error


def _grid(text: str, delimiter: str, *, quoted: bool = True, strict: bool = False) -> Grid:
    """Read row by row, so that a table over the limits is refused before it fills the memory."""
    widths = _Widths()
    records = _split(text, delimiter, quoted=quoted, strict=strict)
    rows = limit_rows([_cell(field) for field in widths.count(record)] for record in records)
    return Grid("", rows, uneven=widths.uneven, decimal_comma=delimiter == ";")


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that splits most lines of the beginning into equally many (> 1) cells."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample):  # the last line may be cut off
        sample = sample[: sample.rfind("\n") + 1] or sample
    return max(_DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    """Return the share of records with the most frequent width above 1, and that width."""
    try:
        widths = [len(record) for record in _split(sample, delimiter) if record]
    except csv.Error:
        return (0.0, 0)
    width, count = max(
        Counter(width for width in widths if width > 1).items(),
        key=lambda item: (item[1], item[0]),
        default=(0, 0),
    )
    return (round(count / len(widths), 2) if widths else 0.0, width)


def _split(
    text: str, delimiter: str, *, quoted: bool = True, strict: bool = False
) -> Iterator[list[str]]:
    lines = (line[0] for line in _LINE.finditer(text))
    csv.field_size_limit(_LONGEST_CELL)  # of the whole process, so that it is set with each reader
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    return csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=strict)


def _cell(field: str) -> Cell:
    return field.strip() or None


class _Widths:
    """A counter of records with another number of cells than the header (the first wide one)."""

    def __init__(self) -> None:
        self._expected = 0
        self.uneven = 0

    def count(self, record: list[str]) -> list[str]:
        """Count a record and return it."""
        width = len(record)
        if width != self._expected and any(field.strip() for field in record):
            if self._expected:
                self.uneven += 1
            elif width > 1:
                self._expected = width
        return record
