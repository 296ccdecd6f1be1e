"""Cells out of CSV and TSV text, whatever parts them: comma, semicolon, tab or pipe.

It promises a grid for any text, or `SourceBroken` with the reason. The delimiter is the one that
cuts the most lines into the same number of cells. It leaves decoding to `decoding.py`.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from services.documents.table_grid import Cell, Grid, limited
from use_cases.knowledge.errors import SourceBroken

_DELIMITERS = ",;\t|"
_SAMPLE_CHARACTERS = 64 * 1024
_EXCEL_HINT = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)


def read_csv(text: str) -> Grid:
    """The cells of a text. Raises `SourceBroken` (a cell without end) or `SourceTooLarge`."""
    stated = _EXCEL_HINT.match(text)
    if stated:
        text = text[stated.end() :]
    delimiter = stated[1] if stated else _sniff(text)
    records = _records(text, delimiter)
    rows = limited([_cell(field) for field in record] for record in records)
    return Grid("", rows, uneven=_uneven(records), decimal_comma=delimiter == ";")


def _sniff(text: str) -> str:
    """The delimiter that cuts most lines of the beginning into the same number (> 1) of cells."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample):  # the last line may be cut off
        sample = sample[: sample.rfind("\n") + 1] or sample
    return max(_DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    """Share of records with the most frequent width above 1, and that width."""
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


def _records(text: str, delimiter: str) -> list[list[str]]:
    try:
        if _has_open_quote(text, delimiter):  # a quotation mark that only means inches
            return _split(text, delimiter, quoted=False)
        return _split(text, delimiter)
    except csv.Error as error:
        raise SourceBroken(
            f"The table cannot be read: {error}.",
            hint="Look for a quotation mark that is never closed.",
        ) from error


def _split(text: str, delimiter: str, *, quoted: bool = True) -> list[list[str]]:
    lines = io.StringIO(text, newline="")
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    return list(csv.reader(lines, delimiter=delimiter, quoting=quoting))


def _has_open_quote(text: str, delimiter: str) -> bool:
    lines = io.StringIO(text, newline="")
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _cell(field: str) -> Cell:
    return field.strip() or None


def _uneven(records: Sequence[Sequence[str]]) -> int:
    """How many records have another number of cells than the header (the first wide one)."""
    widths = [len(record) for record in records if any(field.strip() for field in record)]
    expected = next((width for width in widths if width > 1), None)
    if expected is None:
        return 0
    below = widths[widths.index(expected) :]
    return sum(width != expected for width in below)
