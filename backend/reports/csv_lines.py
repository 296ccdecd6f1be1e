"""Lines of CSV for spreadsheets.

Promises: lines end in CR LF (RFC 4180); valid UTF-8 for any text; a spreadsheet takes no text for a
formula (OWASP, "CSV Injection"): it has an apostrophe before it.
"""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import TypeAlias

from use_cases.kernel.text.storable_text import storable, whole

CsvValue: TypeAlias = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_line(values: Iterable[CsvValue]) -> str:
    """Return one line with its end."""
    line = StringIO()
    csv.writer(line).writerow(map(_inert, values))
    return line.getvalue()


def _inert(value: CsvValue) -> CsvValue:
    if not isinstance(value, str):
        return value
    text = storable(whole(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
