"""Numbers, dates and truth values in columns of text, converted only where all values agree.

Promises: it never guesses; an ambiguous column, or one whose digits are a code (leading zeros, long
numbers, telephone numbers, versions), is not converted.
Leaves to others: the choice of the column's type (`table_columns.py`).
"""

import re
from collections.abc import Callable, Sequence
from datetime import date

_CODE_NAME = re.compile(
    r"(?:\b|_)(?:(?:tele)?phone|tel|fax|zip|plz|post(?:al)?[ _]?code|ean|isbn|"
    r"version|release|revision)(?:\b|_)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]{1,2})?)?")
_ENGLISH = re.compile(r"-?(0|[1-9][0-9]{0,2}(,[0-9]{3})*|[1-9][0-9]*)(\.[0-9]+)?")
_CONTINENTAL = re.compile(r"-?(0|[1-9][0-9]{0,2}([.\u00a0\u202f ][0-9]{3})*|[1-9][0-9]*)(,[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]+")
_UNITS = "%€$£¥"
_LONGEST_NUMBER = 15  # digits; beyond it a float is inexact, and the number is most likely a code
_SHORTEST_CODE = 10  # digits; from here on, values of equal length are codes

_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
_MONTHS = {
    spelling: number
    for number, month in enumerate(_MONTH_NAMES.split(), start=1)
    for spelling in (month, month[:3])
}


def numbers(
    values: Sequence[str], *, name: str, decimal_comma: bool
) -> tuple[list[float], str] | None:
    """Read all values as numbers with their common unit (`%`, a currency sign or none), or None.

    They are `int` when all are whole.
    """
    unit, bare = _split_unit(values)
    if _CODE_NAME.search(name) or _are_codes(bare) or _are_versions(bare):
        return None
    plain = _read(bare, _PLAIN, str)
    english = _read(bare, _ENGLISH, lambda text: text.replace(",", ""))
    continental = _read(bare, _CONTINENTAL, _from_continental)
    found = _choose(plain, english, continental, semicolons=decimal_comma)
    return None if found is None else (found, unit)


def booleans(values: Sequence[str]) -> list[int] | None:
    """Read all values as 1 and 0 when they are yes and no, or true and false; else None."""
    folded = [value.casefold() for value in values]
    for yes, no in (("true", "false"), ("yes", "no")):
        if all(value in {yes, no} for value in folded):
            return [int(value == yes) for value in folded]
    return None


def dates(values: Sequence[str]) -> list[str] | None:
    """Read all values as ISO dates when exactly one date format fits them all; else None."""
    fitting = {tuple(found) for pattern in _DATES if (found := _dates(pattern, values)) is not None}
    if len(fitting) != 1:  # none fits, or day and month could be either
        return None
    return list(fitting.pop())


def _split_unit(values: Sequence[str]) -> tuple[str, list[str]]:
    """Return the sign that all values begin or end with, and the values without it."""
    for unit in _UNITS:
        if all(value.startswith(unit) or value.endswith(unit) for value in values):
            return unit, [value.removeprefix(unit).removesuffix(unit).strip() for value in values]
    return "", list(values)


def _are_codes(values: Sequence[str]) -> bool:
    """Return whether digits are a code rather than a quantity."""
    digits = [value for value in values if value.isdigit()]
    if any(len(value) > _LONGEST_NUMBER for value in digits):
        return True
    one_length = len(digits) == len(values) and len({len(value) for value in digits}) == 1
    return one_length and len(digits) > 1 and len(digits[0]) >= _SHORTEST_CODE


def _are_versions(values: Sequence[str]) -> bool:
    """Return whether values such as `3.9, 3.10` are versions: numbers would lose zeros and order.

    `2.0, 3.25` are numbers, because many programs write a whole number like this.
    """
    decimals = {len(value.partition(".")[2]) for value in values} - {0}
    return len(decimals) > 1 and any(re.search(r"\.[0-9]+0$", value) for value in values)


def _read(
    values: Sequence[str], pattern: re.Pattern[str], plain: Callable[[str], str]
) -> list[float] | None:
    if not all(pattern.fullmatch(value) for value in values):
        return None
    found = [plain(value) for value in values]
    if any(len(text.partition(".")[0].lstrip("-")) > _LONGEST_NUMBER for text in found):
        return None
    if all(_INTEGER.fullmatch(text) for text in found):
        return [int(text) for text in found]
    return [float(text) for text in found]


def _from_continental(text: str) -> str:
    return re.sub(r"[.\u00a0\u202f ]", "", text).replace(",", ".")


def _choose(
    plain: list[float] | None,
    english: list[float] | None,
    continental: list[float] | None,
    *,
    semicolons: bool,
) -> list[float] | None:
    """Choose the only reading, or the English one; with decimal commas only an unambiguous one."""
    first = plain if plain is not None else english
    if first is None or continental is None or first == continental:
        return first if first is not None else continental
    return None if semicolons else first


_DATES = (
    re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"),
    re.compile(r"(?P<y>[0-9]{4})/(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})"),
    re.compile(r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})"),
    re.compile(r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})"),
    re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})"),
    re.compile(r"(?P<d>[0-9]{1,2}) (?P<m>[A-Za-z]{3,9}) (?P<y>[0-9]{4})"),
    re.compile(r"(?P<m>[A-Za-z]{3,9}) (?P<d>[0-9]{1,2}), (?P<y>[0-9]{4})"),
)


def _dates(pattern: re.Pattern[str], values: Sequence[str]) -> list[str] | None:
    found: list[str] = []
    for value in values:
        iso = _date(pattern, value)
        if iso is None:
            return None
        found.append(iso)
    return found


def _date(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.fullmatch(text)
    if match is None:
        return None
    month = match["m"]
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    try:
        return date(int(match["y"]), number, int(match["d"])).isoformat()
    except ValueError:
        return None
