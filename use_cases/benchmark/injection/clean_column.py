"""A column of a clean table, as errors need it: its kind, and what its values are like.

Kinds are those that a schema declares, and a careful guess for the others, which decides only which errors are
put where; no cell is parsed by it, and no score depends on it.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from operator import eq
from statistics import fmean, pstdev
from typing import NamedTuple

from use_cases.benchmark.model import TableSchema, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import (
    is_missing,
    parse_date,
    parse_number,
    strict,
)

_SAMPLE = 1_000
_SHARE = 0.95
_FEW = 20
_WORDS = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})
_NUMBER = re.compile(
    r"(?P<before>\D{0,8}?)(?P<number>-?\d+(?:,\d{3})*(?:\.\d+)?)(?P<after>\D{0,16})"
)


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
    def numbers(self) -> Sequence[float]:
        """The numbers of the cells that hold one, sorted."""
        forms = ((number_form(text), count) for text, count in self.counts.items())
        return sorted(form.value for form, count in forms if form for _ in range(count))

    @cached_property
    def spread(self) -> tuple[float, float]:
        """Mean and standard deviation of the numbers; (0, 0) where there are none."""
        return (fmean(self.numbers), pstdev(self.numbers)) if self.numbers else (0.0, 0.0)

    @cached_property
    def high(self) -> Sequence[int]:
        """The half of the filled places with the higher numbers, or texts."""

        def height(at: int) -> tuple[float, str]:
            text = self.cells[at]
            number = parse_number(strict(text)) if self.kind is ValueKind.NUMBER else None
            return number or 0.0, text

        return sorted(self.filled, key=height)[len(self.filled) // 2 :]

    def likest(self, text: str) -> str:
        """Returns the value that follows or precedes one in the order and has more in common with it."""
        at = bisect_left(self.domain, text)
        beside = (*self.domain[max(0, at - 1) : at], *self.domain[at + 1 : at + 2])
        return max(beside, key=lambda other: sum(takewhile(bool, map(eq, text, other))))


class NumberForm(NamedTuple):
    """A number as it is written: what stands around it, its decimals, separators of thousands."""

    value: float
    before: str
    after: str
    decimals: int
    grouped: bool

    def write(self, value: float) -> str:
        """Returns another number in the same form."""
        number = f"{value:,.{self.decimals}f}" if self.grouped else f"{value:.{self.decimals}f}"
        return f"{self.before}{number}{self.after}"


def number_form(text: str) -> NumberForm | None:
    """Returns the form of a text that holds one number, such as `$1,200.50` or `12 oz`; None for
    others.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    number = found["number"]
    value = float(number.replace(",", ""))
    decimals = len(number.partition(".")[2])
    return NumberForm(value, found["before"], found["after"], decimals, "," in number)
