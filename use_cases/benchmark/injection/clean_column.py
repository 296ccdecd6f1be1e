"""A column of a clean table, as errors need it: its kind, and what its values are like.

Kinds are those that a schema declares, and a careful guess for the others, which decides only which errors are
put where; no cell is parsed by it, and no score depends on it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import takewhile
from statistics import fmean, pstdev

from use_cases.benchmark.injection.text_changes import NumberForm, number_form
from use_cases.benchmark.model import TableSchema, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import (
    CellForm,
    canonical,
    is_missing,
    parse_date,
    parse_number,
    same_form,
    strict,
)

_SAMPLE = 1_000
_SHARE = 0.95
_FEW = 20
_WORDS = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})


def clean_columns(table: TextTable, schema: TableSchema) -> "Mapping[str, CleanColumn]":
    """Returns every column with its kind."""
    return {
        name: CleanColumn(name, schema.kinds.get(name) or _guess(cells), tuple(cells))
        for name, cells in table.by_name.items()
    }


def _guess(cells: Sequence[str]) -> ValueKind:
    sample = cells[:: max(1, len(cells) // _SAMPLE)]
    texts = [strict(cell) for cell in sample if not is_missing(cell)]
    distinct = set(texts)

    def most(holds: Callable[[str], object]) -> bool:
        return sum(map(bool, map(holds, texts))) >= _SHARE * len(texts)

    if not texts:
        return ValueKind.TEXT
    if {text.lower() for text in distinct} <= _WORDS:
        return ValueKind.BOOLEAN
    if most(parse_date):
        return ValueKind.DATE
    coded = not any(" " in text for text in distinct) and len(distinct) > _SHARE * len(texts)
    if most(lambda text: parse_number(text) is not None):
        whole = all(text.isdecimal() for text in distinct)
        padded = any(text[0] == "0" and text[1:2].isdecimal() for text in distinct)
        return ValueKind.IDENTIFIER if padded or (whole and coded) else ValueKind.NUMBER
    if len(distinct) <= max(_FEW, len(texts) // 20):
        return ValueKind.CATEGORY
    digits = most(lambda text: any(map(str.isdecimal, text)))
    return ValueKind.IDENTIFIER if coded and digits else ValueKind.TEXT


@dataclass(frozen=True)
class CleanColumn:
    """A column of the clean table."""

    name: str
    kind: ValueKind
    cells: Sequence[str]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How often each text occurs that stands for a value."""
        found = Counter(self.cells)
        return {text: found[text] for text in found if not is_missing(text)}

    @cached_property
    def filled(self) -> Sequence[int]:
        """The places that hold a value."""
        return [place for place, text in enumerate(self.cells) if text in self.counts]

    @cached_property
    def domain(self) -> Sequence[str]:
        """The values that occur, sorted."""
        return sorted(self.counts)

    @cached_property
    def mode(self) -> str:
        """The most frequent value, the first in order of equally frequent ones; empty without values."""
        return max(self.domain, key=self.counts.__getitem__, default="")

    @cached_property
    def _form(self) -> Callable[[str], CellForm]:
        return cache(partial(canonical, kind=self.kind))

    def mean_the_same(self, text: str, other: str) -> bool:
        """Returns whether two texts are canonically the same; texts that are not differ strictly, too."""
        return same_form(self._form(text), self._form(other))

    @cached_property
    def number(self) -> Callable[[str], NumberForm | None]:
        """The form of the number in a text; None for other texts."""
        return cache(number_form)

    @cached_property
    def values(self) -> Sequence[float]:
        """The numbers of the cells that hold one, sorted."""
        forms = ((self.number(text), count) for text, count in self.counts.items())
        return sorted(form.value for form, count in forms if form for _ in range(count))

    @cached_property
    def spread(self) -> tuple[float, float]:
        """Mean and standard deviation of the numbers; (0, 0) where there are none."""
        return (fmean(self.values), pstdev(self.values)) if self.values else (0.0, 0.0)

    @cached_property
    def high(self) -> Sequence[int]:
        """The half of the filled places with the higher numbers, or texts."""
        order = self.domain
        if self.kind is ValueKind.NUMBER:
            order = sorted(order, key=lambda text: parse_number(strict(text)) or 0.0)
        rank = {text: place for place, text in enumerate(order)}
        ranks = [rank.get(text, -1) for text in self.cells]
        ranked = sorted(self.filled, key=ranks.__getitem__)
        return ranked[len(ranked) // 2 :]

    @cached_property
    def likest(self) -> Callable[[str], str]:
        """By value, the other that follows or precedes it in the order and has more in common."""
        places = {text: place for place, text in enumerate(self.domain)}

        def near(text: str) -> str:
            at, domain = places[text], self.domain
            beside = [domain[place] for place in (at - 1, at + 1) if 0 <= place < len(domain)]
            return max(beside, key=lambda other: _shared(text, other))

        return cache(near)


def _shared(one: str, other: str) -> int:
    """Returns how many characters two texts have in common at their beginning."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
