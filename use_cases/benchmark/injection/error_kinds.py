"""The kinds of errors: a table of functions, each of which changes the cells of one row; and the random draws behind
all errors, which are the same in every version of Python and on every machine.

Accuracy: typos, values of other rows, outliers, wrong units, transposed digits. Completeness: empty cells and
markers that hide a missing value, at random, where another column's value is high, or where the value itself is
(MCAR, MAR, MNAR). Consistency: broken dependencies, other formats, fields that changed places, references to
nothing. Uniqueness: rows that repeat an entity exactly, in other spelling, or with another value in one field.
The vocabulary is that of BigDaMa/error-generator, tab_err and REIN.

Each place of use has draws of its own, seeded by its name, so that one place more changes no other.
Only `random.Random.random` is used: Python promises its sequence for a seed, and not that of `shuffle`.

Leaves to others: which cells are free, how many errors there are, and whether a change is one
(`inject_errors.py`).
"""

import hashlib
import random
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar

from use_cases.benchmark.injection.clean_column import CleanColumn, number_form
from use_cases.benchmark.model import Difficulty, Dimension, ErrorKind, TableSchema, ValueKind
from use_cases.benchmark.scoring.cell_equality import parse_date, same_cell, strict

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: "".join(
        other
        for line in _KEYS[max(0, row - 1) : row + 2]
        for other in line[max(0, at - 1) : at + 2]
        if other != key
    )
    for row, keys in enumerate(_KEYS)
    for at, key in enumerate(keys)
}
_LETTER = re.compile(r"[^\W\d_]")
_UNLIKE_DIGITS = re.compile(r"(\d)(?=(?!\1)\d)")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SEPARATORS = ((", ", "; "), (" & ", " and "), (" - ", " / "), ("-", " "), (" ", "_"))

Item = TypeVar("Item")


class Draws:
    """A sequence of draws. The seed is the SHA-256 of the parts of its name."""

    def __init__(self, *name: object) -> None:
        written = "\x1f".join(map(str, name)).encode("utf-8", "surrogatepass")
        seed = int.from_bytes(hashlib.sha256(written).digest())
        self.chance = random.Random(seed).random  # noqa: S311  (no secret)

    def below(self, limit: int) -> int:
        """Returns a whole number from 0 to below the limit."""
        return int(self.chance() * limit)

    def pick(self, items: Sequence[Item]) -> Item:
        """Returns one of the items."""
        return items[self.below(len(items))]

    def order(self, places: Sequence[int]) -> Iterator[int]:
        """Returns the places in random order, shuffled as far as they are taken (Fisher and Yates).

        An order may stay half taken for long. It is an array because the collector of cycles looks
        through a list of 100,000 places again and again, and not through an array.
        """
        left, chance = array("q", places), self.chance
        size = len(left)
        for at in range(size):
            other = at + int(chance() * (size - at))
            place = left[other]
            left[other] = left[at]
            yield place


Change: TypeAlias = Mapping[str, str]
"""The new texts of a row by column; for a duplicate, those in which it differs from the row."""

_NOTHING: Change = {}


@dataclass(frozen=True)
class Site:
    """A column under injection by one kind of error and one difficulty, with its draws. For kinds of whole rows any
    column stands for all.
    """

    kind: ErrorKind
    level: Difficulty
    column: CleanColumn
    columns: Mapping[str, CleanColumn]
    schema: TableSchema
    draws: Draws

    @property
    def hard(self) -> bool:
        """Whether errors are subtle."""
        return self.level is Difficulty.HARD

    def change(self, at: int) -> Change:
        """Returns what the error changes in a row; nothing where it cannot."""
        return KINDS[self.kind].change(self, at)

    @cached_property
    def places(self) -> Iterator[int]:
        """The places that are left, in random order: of duplicates all rows, of others those that hold a value. Where
        values go missing, easy: any, medium: first where another column is high, hard: where the value itself is.
        """
        column, first = self.column, list[int]()
        others = [each for each in self.columns.values() if each is not column]
        if KINDS[self.kind].dimension is Dimension.UNIQUENESS:
            yield from self.draws.order(range(len(column.cells)))
            return
        if self.kind in _MISSING and self.level is not Difficulty.EASY and others:
            by = column if self.hard else self.draws.pick(others)
            first = [place for place in by.high if column.cells[place] in column.counts]
        taken = frozenset(first)
        yield from self.draws.order(first)
        yield from self.draws.order([place for place in column.filled if place not in taken])


_ChangeRow: TypeAlias = Callable[[Site, int], Change]
_ChangeText: TypeAlias = Callable[[Site, str], str]


def _own(change: _ChangeText) -> _ChangeRow:
    """A change of the column's own cell."""
    return lambda site, at: {site.column.name: change(site, site.column.cells[at])}


_TYPOS = {Difficulty.EASY: 3, Difficulty.MEDIUM: 2, Difficulty.HARD: 1}
_SIGMAS = {Difficulty.EASY: 6.0, Difficulty.MEDIUM: 3.0, Difficulty.HARD: 1.5}
_POUND = 0.4536  # kilograms
_MARKERS = ("N/A", "?", "-", "NULL")
_NUMBER_MARKERS = ("-1", "999", "-999")
_MISSING = (ErrorKind.EXPLICIT_MISSING, ErrorKind.DISGUISED_MISSING)


def _typo(site: Site, text: str) -> str:
    return mistype(text, site.draws, _TYPOS[site.level])


def _other_value(site: Site, text: str) -> str:
    domain = site.column.domain
    if len(domain) < 2:
        return text
    return site.column.likest(text) if site.hard else site.draws.pick(domain)


def _outlier(site: Site, text: str) -> str:
    (mean, deviation), form = site.column.spread, number_form(text)
    if form is None or not deviation:
        return text
    distance = (_SIGMAS[site.level] + site.draws.chance() / 2) * deviation
    up = site.column.numbers[0] >= 0 or site.draws.chance() < 0.5
    return form.write(mean + distance if up else mean - distance)


def _wrong_unit(site: Site, text: str) -> str:
    form = number_form(text)
    if form is None:
        return text
    if "temp" in site.column.name.lower() or "°" in form.after:
        return form.write(form.value * 9 / 5 + 32)
    return form.write(form.value * (_POUND if site.hard else 1000))


def _disguised(site: Site, text: str) -> str:
    column = site.column
    if site.hard and column.counts[column.mode] > 1 and text != column.mode:
        return column.mode
    return site.draws.pick(_NUMBER_MARKERS if column.kind is ValueKind.NUMBER else _MARKERS)


def _other_form(site: Site, text: str) -> str:
    kind = site.column.kind
    others = spellings(text, kind, site.level)
    return next((each for each in others if not same_cell(text, each, kind)), text)


def _swapped_fields(site: Site, at: int) -> Change:
    names = list(site.columns)
    partners = [
        name
        for name in names[names.index(site.column.name) + 1 :]
        if site.columns[name].kind is site.column.kind and name not in site.schema.key
    ]
    if not partners:
        return _NOTHING
    other = site.draws.pick(partners)
    return {site.column.name: site.columns[other].cells[at], other: site.column.cells[at]}


def _broken_reference(site: Site, text: str) -> str:
    parents = next(
        site.columns[right] for left, right in site.schema.references if left == site.column.name
    )
    if site.hard and site.draws.chance() < 0.5:
        return site.draws.pick(parents.domain)
    other = transpose_digits(text, site.draws)
    if other == text or other in parents.counts:
        other = mistype(text, site.draws, 1) if text.isalpha() else f"{text}{site.draws.below(10)}"
    return other


def _respelt(site: Site, at: int) -> Change:
    """Changes 1 to 3 fields in spelling; a hard duplicate has another key as well."""
    changed, wanted = dict[str, str](), 1 + site.draws.below(3)
    fields = [each for name, each in site.columns.items() if name not in site.schema.key]
    for column in map(fields.__getitem__, site.draws.order(range(len(fields)))):
        old = column.cells[at]
        typo = mistype(old, site.draws, 1) if column.kind in _WORDS else old
        new = next(
            (each for each in (typo, *spellings(old, column.kind, site.level)) if each != old), old
        )
        if len(changed) < wanted and not same_cell(old, new, column.kind):
            changed[column.name] = new
    for name in site.schema.key if site.hard and changed else ():
        key = other_digits(site.columns[name].cells[at], site.draws)
        if key not in site.columns[name].counts:
            changed[name] = key
    return changed


def _contradicting(site: Site, at: int) -> Change:
    """Puts another value of the domain into one field."""
    columns = [
        each
        for name, each in site.columns.items()
        if name not in site.schema.key and each.kind in _VALUES and len(each.domain) > 1
    ]
    if not columns:
        return _NOTHING
    column = site.draws.pick(columns)
    drawn = [site.draws.pick(column.domain) for _ in range(9)]
    return next(({column.name: each} for each in drawn if each != column.cells[at]), _NOTHING)


@dataclass(frozen=True, slots=True)
class KindOfError:
    """A kind: its dimension, the easiest level with it, the kinds of columns that take it, what it does."""

    dimension: Dimension
    level: Difficulty
    takes: frozenset[ValueKind]
    change: _ChangeRow


_EASY, _MEDIUM, _HARD = Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD
_ACCURACY, _COMPLETENESS = Dimension.ACCURACY, Dimension.COMPLETENESS
_CONSISTENCY, _UNIQUENESS = Dimension.CONSISTENCY, Dimension.UNIQUENESS
_WORDS = frozenset({ValueKind.TEXT, ValueKind.CATEGORY})
_NUMBERS = frozenset({ValueKind.NUMBER})
_DIGITS = frozenset({ValueKind.NUMBER, ValueKind.DATE, ValueKind.TEXT})
_VALUES = frozenset(ValueKind) - {ValueKind.IDENTIFIER}
_ALL = frozenset(ValueKind)

KINDS: Mapping[ErrorKind, KindOfError] = {
    ErrorKind.TYPO: KindOfError(_ACCURACY, _EASY, _WORDS, _own(_typo)),
    ErrorKind.OUTLIER: KindOfError(_ACCURACY, _MEDIUM, _NUMBERS, _own(_outlier)),
    ErrorKind.SWAP_IN_DOMAIN: KindOfError(_ACCURACY, _HARD, _VALUES, _own(_other_value)),
    ErrorKind.WRONG_UNIT: KindOfError(_ACCURACY, _HARD, _NUMBERS, _own(_wrong_unit)),
    ErrorKind.TRANSPOSED_DIGITS: KindOfError(
        _ACCURACY, _HARD, _DIGITS, _own(lambda site, text: transpose_digits(text, site.draws))
    ),
    ErrorKind.EXPLICIT_MISSING: KindOfError(_COMPLETENESS, _EASY, _ALL, _own(lambda _, __: "")),
    ErrorKind.DISGUISED_MISSING: KindOfError(_COMPLETENESS, _MEDIUM, _ALL, _own(_disguised)),
    ErrorKind.BROKEN_DEPENDENCY: KindOfError(_CONSISTENCY, _EASY, _ALL, _own(_other_value)),
    ErrorKind.FORMAT_VARIANT: KindOfError(_CONSISTENCY, _MEDIUM, _VALUES, _own(_other_form)),
    ErrorKind.BROKEN_REFERENCE: KindOfError(_CONSISTENCY, _HARD, _ALL, _own(_broken_reference)),
    ErrorKind.SWAPPED_FIELDS: KindOfError(_CONSISTENCY, _HARD, _VALUES, _swapped_fields),
    ErrorKind.EXACT_DUPLICATE: KindOfError(_UNIQUENESS, _EASY, _ALL, lambda _, __: _NOTHING),
    ErrorKind.FUZZY_DUPLICATE: KindOfError(_UNIQUENESS, _MEDIUM, _ALL, _respelt),
    ErrorKind.CONFLICTING_DUPLICATE: KindOfError(_UNIQUENESS, _HARD, _ALL, _contradicting),
}
"""Every kind of error that is injected."""


def takes(kind: ErrorKind, column: CleanColumn, schema: TableSchema) -> bool:
    """Returns whether a column can carry a kind. Keys carry none, and ids only missing values and
    references.
    """
    name = column.name
    if name in schema.key or column.kind not in KINDS[kind].takes:
        return False
    match kind:
        case ErrorKind.BROKEN_DEPENDENCY:
            return any(each.dependent == name for each in schema.dependencies)
        case ErrorKind.BROKEN_REFERENCE:
            return any(left == name for left, _ in schema.references)
        case ErrorKind.SWAP_IN_DOMAIN:
            return 2 * len(column.domain) <= len(column.filled)
        case _:
            return True


def mistype(text: str, draws: Draws, edits: int) -> str:
    """Makes so many typos, each at a letter: a neighbouring key, a letter less, twice, or transposed."""
    for _ in range(edits):
        letters = [found.start() for found in _LETTER.finditer(text)]
        if len(letters) < 2:
            break
        at = letters[draws.below(len(letters))]
        letter, form = text[at], draws.below(4)
        if form == 0 and letter.lower() in _NEIGHBOURS:
            key = draws.pick(_NEIGHBOURS[letter.lower()])
            put = key.upper() if letter.isupper() else key
        elif form == 1:
            put = ""
        elif form == 2 and text[at + 1 : at + 2].isalpha() and text[at + 1] != letter:
            text = text[:at] + text[at + 1] + letter + text[at + 2 :]
            continue
        else:
            put = letter * 2
        text = text[:at] + put + text[at + 1 :]
    return text


def transpose_digits(text: str, draws: Draws) -> str:
    """Returns two neighbouring digits that differ change places; the same text where there are none."""
    pairs = [found.start() for found in _UNLIKE_DIGITS.finditer(text)]
    if not pairs:
        return text
    at = draws.pick(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def other_digits(text: str, draws: Draws) -> str:
    """Returns every digit drawn again: an id of the same pattern."""
    return "".join(str(draws.below(10)) if each.isdecimal() else each for each in text)


def spellings(text: str, kind: ValueKind, level: Difficulty) -> Iterator[str]:
    """Other forms of the same value, those of the level first; hard ones are subtle or ambiguous."""
    hard = level is Difficulty.HARD
    match kind:
        case ValueKind.DATE:
            yield from _dates(text, hard=hard)
        case ValueKind.NUMBER:
            yield from _numbers(text, hard=hard)
        case ValueKind.TEXT | ValueKind.CATEGORY:
            if hard:
                first, space, rest = text.partition(" ")
                yield f"{first}{space}{rest.lower()}" if rest else text[:1].swapcase() + text[1:]
            yield from (text.replace(one, other) for one, other in _SEPARATORS if one in text)
            yield from (text.upper(), text.lower())
        case _:
            return


def _dates(text: str, *, hard: bool) -> Iterator[str]:
    written = parse_date(strict(text))
    if written is None or len(written) != 10:
        return
    year, month, day = written.split("-")
    if hard:
        yield from (f"{day}/{month}/{year}", f"{month}/{day}/{year}")
    yield f"{int(day)} {_MONTHS[int(month) - 1]} {year[2:]}"
    yield f"{year}{month}{day}"


def _numbers(text: str, *, hard: bool) -> Iterator[str]:
    form = number_form(text)
    if form is None:
        return
    number = f"{form.value:,.{form.decimals}f}".translate(str.maketrans(",.", ".,"))
    if hard:  # 1,234 is 1.234 in many countries
        yield f"{form.before}{number}{form.after}"
    yield f"{form.before}{number}{'' if form.decimals else ',00'}{form.after}"
