"""The two rules by which two cells are the same: strict, and canonical by the column's kind.

Promises: both are symmetric, and a cell that an output does not have (`MISSING`) equals only itself.
Nothing is guessed: where a text has two readings, such as `03/04/2020`, it is only a text. Leaves to
others: the kinds of columns, which a table's schema declares.

The rule decides the result: the same output on the same table scored F1 .102 strict and .330 canonical
(hospital, Cocoon's). So both are reported, and no score is given without its rule.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from html import unescape
from itertools import product
from math import isclose, isinf
from typing import TypeAlias

from use_cases.benchmark.model import ValueKind

CellForm: TypeAlias = str | float | None
"""What a cell is under a rule: a text, a number, or None for a missing value."""

TOLERANCE = 1e-9
"""Two numbers are the same within this share of the larger."""

MARKERS = frozenset(
    ";#n/a;#n/a n/a;#na;<na>;n/a;n.a.;na;nan;-nan;nat;null;none;nil;missing;empty;?;-;--".split(";")  # noqa: SIM905
)
"""Texts, in lower case, that mean no value in every kind of column: those that pandas reads as missing
(`pandas.read_csv`, `na_values`) and those of the public tables. `unknown` is an answer, so it is none.
"""

_MARKERS_IN_ANY_CASE = frozenset(
    "".join(signs)
    for marker in MARKERS
    for signs in product(*((sign, sign.upper()) for sign in marker))
)
NO_MARKERS_START = frozenset(map(chr, range(33, 127))).difference(
    "&", (marker[:1] for marker in _MARKERS_IN_ANY_CASE)
)
_TRUE = frozenset({"true", "t", "yes", "y", "on", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0", "0.0"})

_NOT_STRICT = ("&", "  ", "\0 ", " \0", *"\t\n\v\f\r\x1c\x1d\x1e\x1f")
"""In ASCII texts between zeros: all that `strict` changes."""

_PARSED = frozenset({ValueKind.NUMBER, ValueKind.DATE, ValueKind.BOOLEAN})
_NOTHING = re.compile(r"(?!)")
_USUAL_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_NUMBER = re.compile(
    r"(?P<sign>[+\-−]?)\s?(?:[$€£¥₹]\s?)?(?P<sign2>[+\-−]?)"
    r"(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?P<exponent>[eE][+-]?[0-9]{1,3})?"
    r"(?:\s?(?:[%‰$€£¥₹]|[°'\"]?(?!(?:thousand|million|billion|trillion|dozen)s?\b)"
    r"[^\W\d_](?:[^\W\d_]|[./°]|(?<=\.) ){0,15}))?"
)
_ISO = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)\s?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DAY_MONTH = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_MONTH_NAMED = re.compile(
    r"(?:([0-9]{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?|([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?)"
    r",?[ -]([0-9]{4})"
)
_MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)


class EqualityRule(StrEnum):
    """Rule by which two cells are compared. The headline is canonical where a task declares a schema."""

    STRICT = "strict"
    CANONICAL = "canonical"


def cell_forms(
    texts: Sequence[str], kind: ValueKind | None, rule: EqualityRule
) -> Sequence[CellForm]:
    """Returns the cells of a column under a rule, in their order: as `cell_form` of each, and much
    faster.
    """
    # All texts are searched at once, without a call for each: most columns stay as they are.
    joined = "\0".join(("", *texts, ""))
    changed = not joined.isascii() or any(sign in joined for sign in _NOT_STRICT)
    plain = list(map(cache(strict), texts)) if changed else texts
    if rule is EqualityRule.STRICT:
        return plain
    if kind in _PARSED:
        usual = _USUAL_NUMBER.fullmatch if kind is ValueKind.NUMBER else _NOTHING.fullmatch
        forms = {t: float(t) if usual(t) else _canonical(t, kind) for t in set(plain)}
        return list(map(forms.__getitem__, plain))
    missing = _MARKERS_IN_ANY_CASE.intersection(plain)
    return [None if text in missing else text for text in plain] if missing else plain


def cell_form(text: str, kind: ValueKind | None, rule: EqualityRule) -> CellForm:
    """Returns the cell under a rule; a column without a declared kind is text."""
    return strict(text) if rule is EqualityRule.STRICT else canonical(text, kind)


def same_form(one: CellForm, other: CellForm) -> bool:
    """Returns whether two forms under one rule, of one column, are the same."""
    if one == other:
        return True
    return (
        isinstance(one, float)
        and isinstance(other, float)
        and isclose(one, other, rel_tol=TOLERANCE)
    )


def same_cell(
    one: str, other: str, kind: ValueKind | None = None, rule: EqualityRule = EqualityRule.CANONICAL
) -> bool:
    """Returns whether two cells of a column are the same under a rule."""
    return one == other or same_form(cell_form(one, kind, rule), cell_form(other, kind, rule))


def is_missing(text: str) -> bool:
    """Returns whether a cell holds no value: it is empty, or one of the `MARKERS`."""
    return text[:1] not in NO_MARKERS_START and strict(text) in _MARKERS_IN_ANY_CASE


def strict(text: str) -> str:
    """Returns the text with entities of HTML resolved, in Unicode's form NFC, white space as single
    spaces.

    That is the rule of Raha (`value_normalizer` of its data sets), and NFC.
    """
    if not text.isascii() or "&" in text:
        text = unicodedata.normalize("NFC", unescape(text))
    return " ".join(text.split())


def canonical(text: str, kind: ValueKind | None) -> CellForm:
    """Returns the value that the text stands for in a column of this kind; the strict text where there
    is none.

    None for a missing value of any kind. A number loses its unit, its currency and its separators of
    thousands: `12.0 oz.` is 12, `99%` is 99, `$1,200` is 1200; a decimal comma is no number. A date
    becomes ISO 8601, at midnight without the time; a day-month order that the numbers do not decide
    stays a text. A boolean is `true` or `false`. Other texts keep their case.
    """
    return _canonical(strict(text), kind)


def _canonical(plain: str, kind: ValueKind | None) -> CellForm:
    if plain in _MARKERS_IN_ANY_CASE:
        return None
    match kind:
        case ValueKind.NUMBER:
            number = parse_number(plain)
            return plain if number is None else number
        case ValueKind.DATE:
            return parse_date(plain) or plain
        case ValueKind.BOOLEAN:
            word = plain.lower()
            return "true" if word in _TRUE else "false" if word in _FALSE else plain
        case _:
            return plain


def parse_number(text: str) -> float | None:
    """Returns the number that a strict text stands for, None if it is none; English separators only."""
    if _USUAL_NUMBER.fullmatch(text):
        return float(text)
    found = _NUMBER.fullmatch(text)
    if found is None or (found["sign"] and found["sign2"]):
        return None
    number = float(found["number"].replace(",", "") + (found["exponent"] or ""))
    if isinf(number):
        return None
    return number if (found["sign"] or found["sign2"] or "+") == "+" else -number


def parse_date(text: str) -> str | None:
    """Returns the date, or the moment, that a strict text stands for, in ISO 8601; None if it is none.

    With a zone it is the moment in UTC. Years have four digits.
    """
    if found := _ISO.fullmatch(text):
        return _moment(*found.groups())
    if found := _DAY_MONTH.fullmatch(text):
        first, mark, second, year = found.groups()
        day_first = mark == "." or int(first) > 12
        if not day_first and int(second) <= 12 and first != second:
            return None
        day, month = (first, second) if day_first else (second, first)
        return _moment(year, month, day)
    if found := _MONTH_NAMED.fullmatch(text.lower()):
        named = found[2] or found[3]
        months = [place for place, each in enumerate(_MONTHS, 1) if each.startswith(named)]
        if named == "sept":
            months = [9]
        return _moment(found[5], str(months[0]), found[1] or found[4]) if months else None
    return None


def _moment(
    year: str, month: str, day: str, time: str | None = None, zone: str | None = None
) -> str | None:
    date = f"{year}-{month:0>2}-{day:0>2}"
    try:
        moment = datetime.fromisoformat(f"{date}T{time or '00:00'}{zone or ''}")
    except ValueError:
        return None
    if zone:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:  # the first or the last day of the calendar
            return None
    elif moment.time().isoformat() == "00:00:00":
        return date
    return moment.isoformat()
