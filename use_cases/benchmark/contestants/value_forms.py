"""The forms that values are written in: their shape, the dates and the numbers that they may mean.

Promises: a text that can be read in two ways has both readings, and nothing chooses between them.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import nan
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from use_cases.benchmark.table_column import IntArray

Numbers: TypeAlias = npt.NDArray[np.float64]


class _Signs(dict[int, str]):
    """What stands in a shape for each sign, by its code; each is found once."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        letter = ("A" if sign.isupper() else "a") if sign.isalpha() else sign
        return self.setdefault(code, "9" if sign.isdecimal() else letter)


_SIGNS = _Signs()
_RUNS = [(re.compile(sign * 2 + "+"), sign) for sign in "9Aa"]


def shape(value: str) -> str:
    """Returns the value with 9 for each digit, A and a for each letter, and its other signs."""
    return value.translate(_SIGNS)


def outline(shaped: str) -> str:
    """Returns a shape with each run of digits or letters as one of them: `AA-999` is `A-9`."""
    for run, sign in _RUNS:
        shaped = run.sub(sign, shaped)
    return shaped


def letters(value: str) -> str:
    """Returns its letters and digits, all small: what is left of a text without its form."""
    return "".join(filter(str.isalnum, value)).casefold()


_TIMED = re.compile(
    r"(\d+[-/.][\d./-]+)[T ]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?(?:Z|[+-]\d\d:?\d\d)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d\d?)\2(\d\d?)")
_YEAR_LAST = re.compile(r"(\d\d?)([-/.])(\d\d?)\2(\d{4}|\d\d)")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_DAY_NAMED = re.compile(r"(\d\d?)([ -])([A-Za-z]{3,9})\.?\2(\d{4}|\d\d)")
_MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})\.? (\d\d?), (\d{4})")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def date_readings(value: str) -> Mapping[str, date]:
    """Returns the days that a text may mean, by the form of `strftime` that it is then written in."""
    if not 6 <= len(value) <= 36 or value.isalpha():
        return {}
    timed = _TIMED.fullmatch(value) if ":" in value else None
    return _days(timed[1], " time") if timed else _days(value)


@lru_cache(maxsize=4_096)
def _days(value: str, time: str = "") -> Mapping[str, date]:
    found = dict[str, date]()
    for form, year, month, day in _parts(value):
        try:
            number = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)
            found[form + time] = date(number, int(month), int(day))
        except ValueError:
            continue
    return found


def _parts(value: str) -> Iterator[tuple[str, str, str, str]]:
    """Returns form, year, month and day of each reading."""
    if match := _YEAR_FIRST.fullmatch(value):
        sep = match[2]
        yield f"%Y{sep}%m{sep}%d", match[1], match[3], match[4]
    elif match := _YEAR_LAST.fullmatch(value):
        sep = match[2]
        year = "%Y" if len(match[4]) == 4 else "%y"
        yield f"%d{sep}%m{sep}{year}", match[4], match[3], match[1]
        yield f"%m{sep}%d{sep}{year}", match[4], match[1], match[3]
    elif match := _COMPACT.fullmatch(value):
        yield "%Y%m%d", match[1], match[2], match[3]
    elif match := _DAY_NAMED.fullmatch(value):
        month = _month(match[3])
        named, year = "%b" if len(match[3]) == 3 else "%B", "%Y" if len(match[4]) == 4 else "%y"
        yield f"%d{match[2]}{named}{match[2]}{year}", match[4], month, match[1]
    elif match := _MONTH_NAMED.fullmatch(value):
        named = "%b" if len(match[1]) == 3 else "%B"
        yield f"{named} %d, %Y", match[3], _month(match[1]), match[2]


def _month(name: str) -> str:
    start = name[:3].lower()
    return str(_MONTHS.index(start) + 1) if start in _MONTHS else ""


_NUMBER = re.compile(
    r"(?P<before>(?:[$€£¥₹]|[A-Z]{3} | ?Fr\.)? ?)(?P<sign>[-+−]?)(?P<digits>\d[\d.,'’ ]*\d|\d)(?P<after>.{0,12})"
)
_AFTER = re.compile(r" ?[%‰°$€£¥₹-]| ?[A-Za-zµ°]{1,6}\.?(?:[/²³][a-z0-9²³]*)?")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'’ ])\d{3})(?:\1\d{3})*(?:([.,])\d+)?")
_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)\.(?:\d{1,2}|\d{4,})")
_DECIMAL = re.compile(r"\d+(?:([.,])\d+)?")


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A text that is a number. `around` is what stands about it; `mark` tells its notation.

    `readings` are the numbers that it may mean, by the mark of their decimals.
    """

    around: str
    mark: str
    readings: Mapping[str, float]

    @property
    def likely(self) -> float:
        """The number by its own mark, else the smallest of the readings."""
        return self.readings.get(self.mark, min(self.readings.values()))


def read_number(value: str) -> WrittenNumber | None:
    """Reads a number with a currency or a unit; None for any other text, and for 007, which is a code."""
    if value.isdecimal() and value.isascii():
        code = len(value) > 1 and value[0] == "0"
        return None if code or len(value) > 30 else WrittenNumber("N", "", {"": float(value)})
    if _PLAIN.fullmatch(value):
        return WrittenNumber("N", ".", {".": float(value)})
    found = _NUMBER.fullmatch(value)
    if not found or (found["after"] and not _AFTER.fullmatch(found["after"])):
        return None
    text, sign = found["digits"], -1 if found["sign"] in ("-", "−") else 1
    readings = dict[str, float]()
    mark = ""
    if match := _DECIMAL.fullmatch(text):
        mark = match[1] or ""
        readings[mark] = sign * float(text.replace(",", "."))
    if match := _GROUPED.fullmatch(text):
        plain = text.replace(match[1], "").replace(",", ".")
        mark = mark or f"{match[1]}{match[2] or ''}"
        readings[f"{match[1]}0"] = sign * float(plain)
    if not readings or (text[0] == "0" and text[1:2].isdecimal()):
        return None
    return WrittenNumber(f"{found['before']}N{found['after']}", mark, readings)


_PLAINLY = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]+)?")


def read_numbers(values: Iterable[str]) -> tuple[Numbers, IntArray, Sequence[tuple[str, str]]]:
    """Reads many texts: the likely number of each, not a number where it is none, and the place of what stands around
    it and of its mark among those that occur; 0 for no number.
    """
    numbers, places = array("d"), array("i")
    place_of = {("", ""): 0, ("N", ""): 1, ("N", "."): 2}
    for value in values:
        number, place = nan, 0
        if _PLAINLY.fullmatch(value):
            number, place = float(value), 1 + ("." in value)
        elif read := read_number(value):
            number = read.likely
            place = place_of.setdefault((read.around, read.mark), len(place_of))
        numbers.append(number)
        places.append(place)
    return np.array(numbers), np.array(places), list(place_of)


def plain_number(number: float) -> str:
    """Returns a number in digits with a decimal point, to 15 of them: what lies behind is no one's doing."""
    return np.format_float_positional(number, precision=15, fractional=False, trim="-")
