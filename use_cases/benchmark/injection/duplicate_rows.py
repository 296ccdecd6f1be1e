"""Rows that repeat an entity: exactly, with changed spelling, or with a conflicting field.

Promises: the rows of a table and their duplicates have ids of one kind and stand in no telling order, so
that nothing but their cells gives a duplicate away. Ids depend on the seed and on the row, and not on how
many duplicates there are.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from use_cases.benchmark.injection.column_site import CleanColumn
from use_cases.benchmark.injection.text_changes import Draws, mistype, other_digits, spellings
from use_cases.benchmark.model import (
    Difficulty,
    ErrorKind,
    InjectedError,
    TableSchema,
    TextTable,
    ValueKind,
)
from use_cases.benchmark.scoring.cell_equality import same_cell

_WORDS = (ValueKind.TEXT, ValueKind.CATEGORY)


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """A row to add: the place of the row that it repeats, its cells, and the error that it is."""

    place: int
    cells: tuple[str, ...]
    error: InjectedError


def anonymous_ids(clean: TextTable, seed: int) -> TextTable:
    """Returns the same table with ids that tell nothing."""
    ids = tuple(_id(seed, row, "row") for row in clean.ids)
    return TextTable(clean.columns, ids, clean.values)


def with_duplicates(clean: TextTable, duplicates: list[DuplicateRow], seed: int) -> TextTable:
    """Returns the table with the duplicates between its rows, each at a place drawn for its id."""
    size = len(clean.ids)
    at = [float(place) for place in range(size)]
    at += [Draws(seed, "position", each.error.row).chance() * size for each in duplicates]
    order = sorted(range(len(at)), key=at.__getitem__)
    ids = [*clean.ids, *(each.error.row for each in duplicates)]
    columns = [
        [*cells, *(each.cells[number] for each in duplicates)]
        for number, cells in enumerate(clean.values)
    ]
    return TextTable(
        clean.columns,
        tuple(ids[place] for place in order),
        tuple(tuple(cells[place] for place in order) for cells in columns),
    )


class DuplicateRows:
    """Proposes duplicates of the rows of a table; each row is repeated once at most."""

    def __init__(
        self, clean: TextTable, schema: TableSchema, columns: Mapping[str, CleanColumn], seed: int
    ) -> None:
        self._clean = clean
        self._schema = schema
        self._columns = columns
        self._seed = seed
        self._free = Draws(seed, "duplicates").order(range(len(clean.ids)))

    def propose(self, kind: ErrorKind, level: Difficulty) -> Iterator[DuplicateRow]:
        """Duplicates of a kind, until no row is left."""
        for place in self._free:
            row = self._clean.ids[place]
            draws = Draws(self._seed, row, kind, level)
            old = {name: self._clean.by_name[name][place] for name in self._clean.columns}
            new = dict(old)
            if kind is ErrorKind.FUZZY_DUPLICATE:
                self._respell(new, level, draws)
            elif kind is ErrorKind.CONFLICTING_DUPLICATE:
                self._contradict(new, draws)
            changed = [name for name in old if old[name] != new[name]]
            if not changed and kind is not ErrorKind.EXACT_DUPLICATE:
                continue
            says = f"differs in {', '.join(changed)}" if changed else "the same in all columns"
            error = InjectedError(
                row=_id(self._seed, row, "copy"),
                column=None,
                kind=kind,
                original=row,
                evidence=f"row {row}: {says}",
            )
            yield DuplicateRow(place, tuple(new.values()), error)

    def _respell(self, cells: dict[str, str], level: Difficulty, draws: Draws) -> None:
        """Changes 1 to 3 fields in spelling; a hard duplicate has another key as well."""
        fields = [name for name in cells if name not in self._schema.key and cells[name]]
        left = 1 + draws.below(3)
        for at in draws.order(range(len(fields))):
            column = self._columns[fields[at]]
            old = cells[column.name]
            put = mistype(old, draws, 1) if column.kind in _WORDS else old
            if put == old:
                put = next(spellings(old, column.kind, level), old)
            if not same_cell(old, put, column.kind):
                cells[column.name] = put
                left -= 1
            if not left:
                break
        if level is Difficulty.HARD and left < 3:
            for name in self._schema.key:
                put = other_digits(cells[name], draws)
                cells[name] = cells[name] if put in self._columns[name].counts else put

    def _contradict(self, cells: dict[str, str], draws: Draws) -> None:
        """Puts another value of the domain into one field."""
        columns = [
            self._columns[name]
            for name in cells
            if name not in self._schema.key
            and self._columns[name].kind is not ValueKind.IDENTIFIER
            and len(self._columns[name].domain) > 1
        ]
        if columns:
            column = draws.pick(columns)
            at = draws.below(len(column.domain) - 1)
            beside = column.domain[at] == cells[column.name]
            cells[column.name] = column.domain[at + beside]


def _id(seed: int, row: str, what: str) -> str:
    written = f"{seed}\x1f{row}\x1f{what}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(written).hexdigest()[:12]
