"""Outcome of each cell: was it wrong, was it edited, is it right now?

Promises: one byte for a cell holds the answers under both rules of equality; only cells that differ
among the three tables are looked at, and whole columns are compared at a time, so a table of 100,000
rows takes a second, even where every cell differs. Leaves to others: the scores (`repair_scores.py`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress
from operator import ne

from use_cases.benchmark.model import TableColumn, ValueKind
from use_cases.benchmark.scoring.align_tables import AlignedTables
from use_cases.benchmark.scoring.cell_equality import (
    CellForm,
    EqualityRule,
    cell_forms,
    same_form,
)

WAS_WRONG, EDITED, IS_RIGHT = 1, 2, 4
"""The dirty cell is not the true one; the output's is not the dirty one; the output's is the true one."""

_SHIFT: Mapping[EqualityRule, int] = {EqualityRule.STRICT: 0, EqualityRule.CANONICAL: 3}
_UNTOUCHED = IS_RIGHT | IS_RIGHT << 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCounts:
    """Counts of cells under one rule.

    `errors` were wrong, `edits` were changed, `repaired` both and are right now, `detected` both whatever
    they are now. `clean` were right, of which `damaged` are wrong now. `right` are right in the output.
    """

    cells: int
    errors: int
    edits: int
    repaired: int
    detected: int
    clean: int
    damaged: int
    right: int


@dataclass(frozen=True)
class CellOutcomes:
    """The aligned tables, and a byte for each cell: one `bytes` for each column."""

    tables: AlignedTables
    bits: tuple[bytes, ...]

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The place of each row by its id."""
        return {row: place for place, row in enumerate(self.tables.rows)}

    @cached_property
    def column_of(self) -> Mapping[str, int]:
        """The place of each column by its name."""
        return {name: place for place, name in enumerate(self.tables.columns)}

    def flags(self, column: int, row: int, rule: EqualityRule) -> int:
        """Returns the answers for the cell at these places, as a sum of flags."""
        return self.bits[column][row] >> _SHIFT[rule] & 7

    def edited(self, rule: EqualityRule) -> Iterator[tuple[int, int]]:
        """Returns the places of the edited cells: of the column, and of the row."""
        flag = EDITED << _SHIFT[rule]
        for column, bits in enumerate(self.bits):
            yield from ((column, row) for row, bit in enumerate(bits) if bit & flag)

    @cached_property
    def _counted(self) -> Mapping[int, int]:
        return sum((Counter(bits) for bits in self.bits), Counter[int]())

    def count(self, rule: EqualityRule) -> CellCounts:
        """Counts the cells under a rule."""
        flags = Counter[int]()
        for bit, number in self._counted.items():
            flags[bit >> _SHIFT[rule] & 7] += number
        return _count(flags)


def judge_cells(tables: AlignedTables, kinds: Mapping[str, ValueKind]) -> CellOutcomes:
    """Compares every cell of the output with the dirty one and the true one, under both rules."""
    bits = [
        _judge_column((dirty, clean, output), kinds.get(name))
        for name, dirty, clean, output in zip(
            tables.columns, tables.dirty, tables.clean, tables.output, strict=True
        )
    ]
    return CellOutcomes(tables, tuple(bits))


def _count(counted: Mapping[int, int]) -> CellCounts:
    """Returns the counts of cells, from how many have each sum of flags."""

    def having(wanted: int, without: int = 0) -> int:
        return sum(
            number
            for flags, number in counted.items()
            if flags & wanted == wanted and not flags & without
        )

    return CellCounts(
        cells=having(0),
        errors=having(WAS_WRONG),
        edits=having(EDITED),
        repaired=having(WAS_WRONG | EDITED | IS_RIGHT),
        detected=having(WAS_WRONG | EDITED),
        clean=having(0, WAS_WRONG),
        damaged=having(0, WAS_WRONG | IS_RIGHT),
        right=having(IS_RIGHT),
    )


def _judge_column(
    columns: tuple[TableColumn, TableColumn, TableColumn],
    kind: ValueKind | None,
) -> bytes:
    dirty, clean, output = columns
    bits = bytearray([_UNTOUCHED]) * len(dirty)
    if dirty == clean == output:
        return bytes(bits)
    differ = [not one == two == three for one, two, three in zip(*columns, strict=True)]
    differing = [list(compress(column, differ)) for column in columns]
    size, found = len(differing[0]), 0
    for rule, shift in _SHIFT.items():
        forms = cell_forms(list(chain(*differing)), kind, rule)
        was, right, now = (forms[at : at + size] for at in (0, size, 2 * size))
        found |= (
            _unlike(was, right, kind, rule) * WAS_WRONG
            | _unlike(now, was, kind, rule) * EDITED
            | (_unlike(now, right, kind, rule) ^ int.from_bytes(b"\1" * len(was))) * IS_RIGHT
        ) << shift
    judged = found.to_bytes(size)
    if size == len(bits):
        return judged
    for place, flags in zip(compress(range(len(dirty)), differ), judged, strict=True):
        bits[place] = flags
    return bytes(bits)


def _unlike(
    ones: Sequence[CellForm],
    others: Sequence[CellForm],
    kind: ValueKind | None,
    rule: EqualityRule,
) -> int:
    """Returns a number with a byte for each pair of forms, 1 where they are not the same, so that flags
    of all cells are set at once.
    """
    unlike = bytearray(map(ne, ones, others))
    if kind is ValueKind.NUMBER and rule is EqualityRule.CANONICAL:
        for place in compress(range(len(unlike)), unlike):
            one, other = ones[place], others[place]
            unlike[place] = one is None or other is None or not same_form(one, other)
    return int.from_bytes(unlike)
