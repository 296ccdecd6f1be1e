"""The kinds of errors: a table of functions, each of which changes the cells of one row.

Accuracy: typos, values of other rows, outliers, wrong units, transposed digits. Completeness: empty cells and
markers that hide a missing value, at random, where another column's value is high, or where the value itself is
(MCAR, MAR, MNAR). Consistency: broken dependencies, other formats, fields that changed places, references to
nothing. Uniqueness: rows that repeat an entity exactly, in other spelling, or with another value in one field.
The vocabulary is that of BigDaMa/error-generator, tab_err and REIN.

Leaves to others: which cells are free, how many errors there are, and whether a change is one
(`inject_errors.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from use_cases.benchmark.injection.clean_column import CleanColumn
from use_cases.benchmark.injection.text_changes import (
    Draws,
    mistype,
    other_digits,
    spellings,
    transpose_digits,
)
from use_cases.benchmark.model import Difficulty, Dimension, ErrorKind, TableSchema, ValueKind

Change: TypeAlias = Mapping[str, str]
"""The new texts of a row by column; for a duplicate, those in which it differs from the row."""

_NOTHING: Change = {}


@dataclass(frozen=True)
class Site:
    """A column under injection, with the draws of one kind of error and one difficulty."""

    column: CleanColumn
    columns: Mapping[str, CleanColumn]
    schema: TableSchema
    level: Difficulty
    draws: Draws

    @property
    def hard(self) -> bool:
        """Whether errors are subtle."""
        return self.level is Difficulty.HARD

    def places(self, kind: ErrorKind) -> Iterator[int]:
        """Returns the places that hold a value, in random order; where values go missing, easy: any,
        medium: first where another column is high, hard: where the value itself is.
        """
        column, filled, first = self.column, self.column.filled, list[int]()
        others = [each for each in self.columns.values() if each is not column]
        if kind in _MISSING and self.level is not Difficulty.EASY and others:
            by = column if self.hard else self.draws.pick(others)
            first = [place for place in by.high if column.cells[place] in column.counts]
        taken = frozenset(first)
        yield from self.draws.order(first)
        rest = [place for place in filled if place not in taken] if taken else filled
        yield from self.draws.order(rest)


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
    (mean, deviation), form = site.column.spread, site.column.number(text)
    if form is None or not deviation:
        return text
    distance = (_SIGMAS[site.level] + site.draws.chance() / 2) * deviation
    up = site.column.values[0] >= 0 or site.draws.chance() < 0.5
    return form.write(mean + distance if up else mean - distance)


def _wrong_unit(site: Site, text: str) -> str:
    form = site.column.number(text)
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
    others = spellings(text, site.column.kind, site.level)
    return next((each for each in others if not site.column.mean_the_same(text, each)), text)


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
        if len(changed) < wanted and not column.mean_the_same(old, new):
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
