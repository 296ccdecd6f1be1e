"""The kinds of errors in cells: each proposes changes of a column, without end or until none is left.

Accuracy: typos, values of other rows, outliers, wrong units, transposed digits. Completeness: empty
cells and markers that hide a missing value, at random, dependent on another column, or on the value
itself (MCAR, MAR, MNAR). Consistency: broken dependencies, other formats, fields that changed places,
references to nothing. The vocabulary is that of BigDaMa/error-generator, tab_err and REIN.

Promises: only free cells that hold a value are changed. Leaves to others: which cells are free, how many
errors there are, and whether a change is one (`inject_errors.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from use_cases.benchmark.injection.column_site import CleanColumn, Proposal, Site
from use_cases.benchmark.injection.text_changes import (
    has_digits_to_transpose,
    has_letters_to_mistype,
    mistype,
    spellings,
    transpose_digits,
)
from use_cases.benchmark.model import Difficulty, ErrorKind, ValueKind
from use_cases.benchmark.scoring.cell_equality import Memo

ProposeErrors: TypeAlias = Callable[[Site], Iterator[Proposal]]

_TYPOS = {Difficulty.EASY: 3, Difficulty.MEDIUM: 2, Difficulty.HARD: 1}
_SIGMAS = {Difficulty.EASY: 6.0, Difficulty.MEDIUM: 3.0, Difficulty.HARD: 1.5}
_POUND = 0.4536  # kilograms
_MARKERS = ("N/A", "?", "-", "NULL")
_NUMBER_MARKERS = ("-1", "999", "-999")


def _typos(site: Site) -> Iterator[Proposal]:
    edits = _TYPOS[site.level]
    for place, text in site.cells():
        yield site.change(place, mistype(text, site.draws, edits))


def _swaps(site: Site) -> Iterator[Proposal]:
    for place, text in site.cells():
        other = site.other_value(text)
        if other is not None:
            yield site.change(place, other)


def _outliers(site: Site) -> Iterator[Proposal]:
    mean, deviation = site.column.spread
    positive = min(site.column.numbers.values(), default=0.0) >= 0
    for place, text in site.cells():
        form = site.column.number_forms[text]
        if form is None or not deviation:
            continue
        distance = (_SIGMAS[site.level] + site.draws.chance() / 2) * deviation
        up = positive or site.draws.chance() < 0.5
        yield site.change(place, form.write(mean + distance if up else mean - distance))


def _wrong_units(site: Site) -> Iterator[Proposal]:
    name = site.column.name.lower()
    for place, text in site.cells():
        form = site.column.number_forms[text]
        if form is None:
            continue
        if "temp" in name or "°" in form.after:
            value = form.value * 9 / 5 + 32
        else:
            value = form.value * (_POUND if site.level is Difficulty.HARD else 1000)
        yield site.change(place, form.write(value))


def _transposed(site: Site) -> Iterator[Proposal]:
    for place, text in site.cells():
        yield site.change(place, transpose_digits(text, site.draws))


def _emptied(site: Site) -> Iterator[Proposal]:
    for place in _missing_places(site):
        yield site.change(place, "")


def _disguised(site: Site) -> Iterator[Proposal]:
    column = site.column
    numeric = column.kind is ValueKind.NUMBER
    for place in _missing_places(site):
        if site.level is Difficulty.HARD and column.counts[column.mode] > 1:
            yield site.change(place, column.mode)
        else:
            yield site.change(place, site.draws.pick(_NUMBER_MARKERS if numeric else _MARKERS))


def _missing_places(site: Site) -> Iterator[int]:
    """Easy: any. Medium: where another column's value is high. Hard: where the value itself is."""
    names = [name for name in site.table.columns if name != site.column.name]
    parts: Iterator[Sequence[int]] = iter([site.column.filled])
    if site.level is not Difficulty.EASY and names:
        by = site.column.name if site.level is Difficulty.HARD else site.draws.pick(names)
        parts = _high_first(site.column, site.columns[by])
    for places in parts:
        yield from filter(site.is_free, site.draws.order(places))


def _high_first(column: CleanColumn, by: CleanColumn) -> Iterator[Sequence[int]]:
    """Returns the filled places of a column: those with a high value in another; then those without."""
    high = by.ranked[len(by.ranked) // 2 :]
    if column is not by:
        cells, missing = column.cells, column.missing
        high = [place for place in high if cells[place] not in missing]
    yield high
    yield sorted(set(column.filled).difference(high))


def _formats(site: Site) -> Iterator[Proposal]:
    other_forms = Memo(partial(_other_form, site))
    for place, text in site.cells():
        if other := other_forms[text]:
            yield site.change(place, other)


def _other_form(site: Site, text: str) -> str:
    """Returns the first spelling that does not mean the same; empty where there is none."""
    others = spellings(text, site.column.kind, site.level)
    return next((other for other in others if not site.column.mean_the_same(text, other)), "")


def _swapped_fields(site: Site) -> Iterator[Proposal]:
    names = site.table.columns
    later = names[names.index(site.column.name) + 1 :]
    key = site.schema.key
    partners = [
        name for name in later if site.columns[name].kind is site.column.kind and name not in key
    ]
    for place, text in site.cells() if partners else ():
        other = site.draws.pick(partners)
        theirs = site.table.by_name[other][place]
        if theirs:
            yield (*site.change(place, theirs), (place, other, text))


def _broken_references(site: Site) -> Iterator[Proposal]:
    name = site.column.name
    rights = [right for left, right in site.schema.references if left == name]
    parents = {text: None for right in rights for text in site.table.by_name[right]}
    domain = sorted(parents)
    wrong_parent = site.level is Difficulty.HARD
    for place, text in site.cells():
        other = transpose_digits(text, site.draws)
        if other == text or other in parents:
            other = (
                mistype(text, site.draws, 1) if text.isalpha() else f"{text}{site.draws.below(10)}"
            )
        if wrong_parent and site.draws.chance() < 0.5:
            other = site.draws.pick(domain)
        yield site.change(place, other)


PROPOSE: Mapping[ErrorKind, ProposeErrors] = {
    ErrorKind.TYPO: _typos,
    ErrorKind.SWAP_IN_DOMAIN: _swaps,
    ErrorKind.OUTLIER: _outliers,
    ErrorKind.WRONG_UNIT: _wrong_units,
    ErrorKind.TRANSPOSED_DIGITS: _transposed,
    ErrorKind.EXPLICIT_MISSING: _emptied,
    ErrorKind.DISGUISED_MISSING: _disguised,
    ErrorKind.BROKEN_DEPENDENCY: _swaps,
    ErrorKind.FORMAT_VARIANT: _formats,
    ErrorKind.SWAPPED_FIELDS: _swapped_fields,
    ErrorKind.BROKEN_REFERENCE: _broken_references,
}
"""What proposes the errors of a kind."""


_NUMBERS = frozenset({ValueKind.NUMBER})
_WORDS = frozenset({ValueKind.TEXT, ValueKind.CATEGORY})
_VALUES = frozenset(ValueKind) - {ValueKind.IDENTIFIER}
_TAKEN_BY: Mapping[ErrorKind, frozenset[ValueKind]] = {
    ErrorKind.TYPO: _WORDS,
    ErrorKind.SWAP_IN_DOMAIN: _VALUES,
    ErrorKind.OUTLIER: _NUMBERS,
    ErrorKind.WRONG_UNIT: _NUMBERS,
    ErrorKind.TRANSPOSED_DIGITS: frozenset({ValueKind.NUMBER, ValueKind.DATE, ValueKind.TEXT}),
    ErrorKind.FORMAT_VARIANT: _VALUES,
    ErrorKind.SWAPPED_FIELDS: _VALUES,
}

_CHANGES: Mapping[ErrorKind, Callable[[Site, str], object]] = {
    ErrorKind.TYPO: lambda _, text: has_letters_to_mistype(text),
    ErrorKind.TRANSPOSED_DIGITS: lambda _, text: has_digits_to_transpose(text),
    ErrorKind.FORMAT_VARIANT: _other_form,
}
"""Whether a kind can change a text: a column in which it can change none is not searched for cells."""


def takes(kind: ErrorKind, site: Site) -> bool:
    """Returns whether a column can carry a kind. Keys carry none, and ids only missing values and
    references.
    """
    name, schema = site.column.name, site.schema
    if name in schema.key or site.column.kind not in _TAKEN_BY.get(kind, ValueKind):
        return False
    match kind:
        case ErrorKind.BROKEN_DEPENDENCY:
            return any(each.dependent == name for each in schema.dependencies)
        case ErrorKind.BROKEN_REFERENCE:
            return any(left == name for left, _ in schema.references)
        case ErrorKind.SWAP_IN_DOMAIN:
            return 2 * len(site.column.domain) <= len(site.column.filled)
        case _:
            changes = _CHANGES.get(kind)
            return changes is None or any(changes(site, text) for text in site.column.domain)
