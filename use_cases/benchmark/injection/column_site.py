"""A column into which errors are put: its cells, its kind, and what its values are like.

Kinds are those that a schema declares, and a careful guess for the others, which decides only which errors are
put where; no cell is parsed by it, and no score depends on it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import fsum, sqrt
from typing import TypeAlias

from use_cases.benchmark.injection.text_changes import Draws, NumberForm, number_form, number_in
from use_cases.benchmark.model import Difficulty, TableColumn, TableSchema, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import (
    CellForm,
    EqualityRule,
    Memo,
    canonical,
    cell_forms,
    is_missing,
    parse_date,
    parse_number,
    same_form,
    strict,
)

_SAMPLE = 1_000
_SHARE = 0.95
_FEW = 20
_NAMED_ID = re.compile(
    r"(?:.*[^a-z])?(?:id|no|nr|code|number|index|key|zip|postcode|phone)", re.IGNORECASE
)
_WORDS = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})


def column_kinds(table: TextTable, schema: TableSchema) -> Mapping[str, ValueKind]:
    """Returns the kind of every column."""
    return {
        name: schema.kinds.get(name) or _guess(name, table.by_name[name]) for name in table.columns
    }


def _guess(name: str, cells: Sequence[str]) -> ValueKind:
    step = max(1, len(cells) // _SAMPLE)
    texts = [strict(cell) for cell in cells[::step] if not is_missing(cell)]
    distinct = set(texts)
    if not texts:
        return ValueKind.TEXT
    if {text.lower() for text in distinct} <= _WORDS:
        return ValueKind.BOOLEAN
    if _share(texts, lambda text: parse_date(text) is not None):
        return ValueKind.DATE
    coded = all(" " not in text for text in distinct) and len(distinct) > _SHARE * len(texts)
    if _share(texts, lambda text: parse_number(text) is not None):
        whole = all(text.isdecimal() for text in distinct)
        padded = any(len(text) > 1 and text[0] == "0" and text[1] != "." for text in distinct)
        is_id = padded or (whole and (coded or _NAMED_ID.fullmatch(name)))
        return ValueKind.IDENTIFIER if is_id else ValueKind.NUMBER
    if len(distinct) <= max(_FEW, len(texts) // 20):
        return ValueKind.CATEGORY
    with_digits = _share(texts, lambda text: any(map(str.isdecimal, text)))
    return ValueKind.IDENTIFIER if coded and with_digits else ValueKind.TEXT


def _share(texts: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return sum(map(holds, texts)) >= _SHARE * len(texts)


Proposal: TypeAlias = tuple[tuple[int, str, str], ...]
"""Cells that change together: the place of the row, the column, and the new text."""


@dataclass(frozen=True)
class CleanColumn:
    """A column of the clean table."""

    name: str
    kind: ValueKind
    cells: TableColumn

    @cached_property
    def filled(self) -> Sequence[int]:
        """The places that hold a value."""
        missing = self.missing
        return tuple(place for place, text in enumerate(self.cells) if text not in missing)

    @cached_property
    def missing(self) -> frozenset[str]:
        """The texts that stand for no value."""
        texts = list(self.counts)
        forms = cell_forms(texts, None, EqualityRule.CANONICAL)
        return frozenset(text for text, form in zip(texts, forms, strict=True) if form is None)

    @cached_property
    def _form(self) -> Memo[str, CellForm]:
        return Memo(partial(canonical, kind=self.kind))

    def mean_the_same(self, text: str, other: str) -> bool:
        """Returns whether two texts are canonically the same; texts that are not differ strictly, too."""
        return same_form(self._form[text], self._form[other])

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How often each text occurs."""
        return Counter(self.cells)

    @cached_property
    def domain(self) -> Sequence[str]:
        """The values that occur, sorted."""
        return sorted(self.counts.keys() - self.missing)

    @cached_property
    def mode(self) -> str:
        """The most frequent value, the last in order of equally frequent ones; empty without values."""
        highest = max(map(self.counts.__getitem__, self.domain), default=0)
        return max((text for text in self.domain if self.counts[text] == highest), default="")

    @cached_property
    def place_in_domain(self) -> Mapping[str, int]:
        """The place of each value in the domain."""
        return {text: place for place, text in enumerate(self.domain)}

    @cached_property
    def number_forms(self) -> Memo[str, NumberForm | None]:
        """Returns, by text, the form of the number in it; None for other texts."""
        return Memo(number_form)

    @cached_property
    def numbers(self) -> Mapping[str, float]:
        """The texts of the column that hold a number, with its value."""
        found = ((text, number_in(text)) for text in self.domain)
        return {text: number for text, number in found if number is not None}

    @cached_property
    def spread(self) -> tuple[float, float]:
        """Mean and standard deviation of the numbers; (0, 0) where there are none."""
        weighed = [(number, self.counts[text]) for text, number in self.numbers.items()]
        size = sum(count for _, count in weighed)
        if not size:
            return 0.0, 0.0
        mean = fsum(number * count for number, count in weighed) / size
        return mean, sqrt(fsum(count * (number - mean) ** 2 for number, count in weighed) / size)

    @cached_property
    def ranked(self) -> Sequence[int]:
        """The places that hold a value, from the lowest number, or text, to the highest."""
        rank = self.place_in_domain
        if self.kind is ValueKind.NUMBER:
            order = sorted(self.domain, key=lambda text: parse_number(strict(text)) or 0.0)
            rank = {text: place for place, text in enumerate(order)}
        ranks = [rank.get(text, -1) for text in self.cells]
        return tuple(sorted(self.filled, key=ranks.__getitem__))

    @cached_property
    def largest(self) -> float:
        """The largest number; 0 where there are none."""
        return max(self.numbers.values(), default=0.0)

    @cached_property
    def likest(self) -> Memo[str, str]:
        """Returns, by value, the other that follows or precedes it in the order and has more in common."""
        return Memo(self._likest)

    def _likest(self, text: str) -> str:
        at = self.place_in_domain[text]
        near = [self.domain[place] for place in (at - 1, at + 1) if 0 <= place < len(self.domain)]
        return max(near, key=lambda other: _shared(text, other))


@dataclass(frozen=True)
class Site:
    """A column under injection, with the draws of one kind of error and one difficulty.

    `is_free` says of the place of a cell of the column whether it may still become wrong.
    """

    column: CleanColumn
    columns: Mapping[str, CleanColumn]
    table: TextTable
    schema: TableSchema
    level: Difficulty
    draws: Draws
    is_free: Callable[[int], bool]

    def cells(self) -> Iterator[tuple[int, str]]:
        """Returns the free cells that hold a value, with their places, in random order."""
        cells = self.column.cells
        for place in filter(self.is_free, self.draws.order(self.column.filled)):
            yield place, cells[place]

    def change(self, place: int, text: str) -> Proposal:
        """Returns the proposal to change one cell of the column."""
        return ((place, self.column.name, text),)

    def other_value(self, text: str) -> str | None:
        """Returns another value of the domain: any, or the likest where errors are hard; None if there
        is none.
        """
        domain = self.column.domain
        if len(domain) < 2:
            return None
        if self.level is Difficulty.HARD:
            return self.column.likest[text]
        other = self.draws.below(len(domain) - 1)
        return domain[other + (other >= self.column.place_in_domain[text])]


def _shared(one: str, other: str) -> int:
    """Returns how many characters two texts have in common at their beginning."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
