"""A column into which errors are put: its cells, its kind, and what its values are like."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from statistics import fmean, pstdev
from typing import TypeAlias

from use_cases.benchmark.injection.draws import Draws
from use_cases.benchmark.injection.text_changes import NumberForm, number_form
from use_cases.benchmark.model import Difficulty, Table, TableColumn, TableSchema, ValueKind
from use_cases.benchmark.scoring.cell_equality import (
    CellForm,
    Memo,
    canonical,
    is_missing,
    parse_number,
    same_form,
    strict,
)

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
        return [place for place, text in enumerate(self.cells) if text not in self._missing]

    @cached_property
    def _missing(self) -> frozenset[str]:
        return frozenset(filter(is_missing, self.counts))

    @cached_property
    def _form(self) -> Memo[str, CellForm]:
        return Memo(partial(canonical, kind=self.kind))

    def means_the_same(self, place: int, text: str) -> bool:
        """Whether a text is canonically that of the cell; so a text is one by both rules, or an error."""
        return same_form(self._form[self.cells[place]], self._form[text])

    @cached_property
    def filled_set(self) -> frozenset[int]:
        """The places that hold a value, as a set."""
        return frozenset(self.filled)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How often each text occurs."""
        return Counter(self.cells)

    @cached_property
    def domain(self) -> Sequence[str]:
        """The values that occur, sorted."""
        return sorted(self.counts.keys() - self._missing)

    @cached_property
    def place_in_domain(self) -> Mapping[str, int]:
        """The place of each value in the domain."""
        return {text: place for place, text in enumerate(self.domain)}

    @cached_property
    def numbers(self) -> Mapping[str, NumberForm]:
        """The texts of the column that are numbers, with their form."""
        forms = ((text, number_form(text)) for text in self.domain)
        return {text: form for text, form in forms if form is not None}

    @cached_property
    def spread(self) -> tuple[float, float]:
        """Mean and standard deviation of the numbers; (0, 0) where there are none."""
        values = [
            form.value for text, form in self.numbers.items() for _ in range(self.counts[text])
        ]
        return (fmean(values), pstdev(values)) if values else (0.0, 0.0)

    @cached_property
    def ranked(self) -> Sequence[int]:
        """The places that hold a value, from the lowest number, or text, to the highest."""
        rank = {text: (parse_number(strict(text)) or 0.0, text) for text in self.domain}
        return sorted(self.filled, key=lambda place: rank[self.cells[place]])

    @cached_property
    def largest(self) -> float:
        """The largest number; 0 where there are none."""
        return max((form.value for form in self.numbers.values()), default=0.0)

    @cached_property
    def likest(self) -> Memo[str, str]:
        """By value, the other that follows or precedes it in the order and has more in common."""
        return Memo(self._likest)

    def _likest(self, text: str) -> str:
        at = self.place_in_domain[text]
        near = [self.domain[place] for place in (at - 1, at + 1) if 0 <= place < len(self.domain)]
        return max(near, key=lambda other: _shared(text, other))


@dataclass(frozen=True)
class Site:
    """A column under injection, with the draws of one kind of error and one difficulty.

    `taken` are the cells that are wrong by now. Proposals for them are refused, so that a kind need not
    make any; one that draws for each proposal makes them all the same, as its draws would differ else.
    """

    column: CleanColumn
    columns: Mapping[str, CleanColumn]
    table: Table
    schema: TableSchema
    level: Difficulty
    draws: Draws
    taken: Container[tuple[int, str]]

    def cells(self) -> Iterator[tuple[int, str]]:
        """The cells that hold a value, with their places, in random order."""
        for place in self.draws.order(self.column.filled):
            yield place, self.column.cells[place]

    def is_free(self, place: int) -> bool:
        """Whether the cell of the column is still right."""
        return (place, self.column.name) not in self.taken

    def change(self, place: int, text: str) -> Proposal:
        """The proposal to change one cell of the column."""
        return ((place, self.column.name, text),)

    def other_value(self, text: str) -> str | None:
        """Another value of the domain: any, or the likest where errors are hard; None if there is none."""
        domain = self.column.domain
        if len(domain) < 2:
            return None
        if self.level is Difficulty.HARD:
            return self.column.likest[text]
        other = self.draws.below(len(domain) - 1)
        return domain[other + (other >= self.column.place_in_domain[text])]


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
