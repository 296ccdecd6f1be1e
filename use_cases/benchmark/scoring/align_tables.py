"""Lays the dirty table, the truth and an output side by side, cell by cell; finds rows that came without ids.

Promises: rows meet by id and columns by name, never by position; a row or a column that one of the three
lacks has `MISSING` in its cells, so that a dropped row, an invented one and a removed duplicate are
scored as all other cells are; what was dropped, invented or added is counted. Rows without ids are
found by the declared key where it has the same values in both tables, else by what they hold, and the caller
learns which; positions decide among rows that fit equally well, and where nothing fits. Leaves to others: the
comparison of cells (`cell_outcomes.py`).

The best assignment of all rows to all rows takes time with the cube of their number. Here rows that are
equal are paired first; then each row gets as candidates the rows that share its rarest values, and the
pairs that agree in most cells are taken first. `benchmarks.cleaning_scores` measures how often that is
the right row.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from use_cases.benchmark.model import MISSING, TextTable
from use_cases.benchmark.scoring.cell_equality import CellForm, EqualityRule, cell_forms

_REPEATED = "\x00repeated"

RowsMatchedBy: TypeAlias = Literal["id", "key", "similarity"]
Columns: TypeAlias = tuple[Sequence[str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """Changes of an output to rows and columns.

    `rows_matched_by` says how its rows were found: `similarity` is by what they hold. `dropped_rows`
    are rows of the truth that it lacks, `removed_duplicates` added rows of the dirty table that it
    lacks, `invented_rows` rows that no other table has, among them `repeated_ids`, all but the first of
    rows with one id. `stand_ins` are duplicates that were kept in place of their
    original. An added column is scored nowhere, a missing one is an edit of all its cells.
    """

    rows_matched_by: RowsMatchedBy = "id"
    dropped_rows: int = 0
    removed_duplicates: int = 0
    invented_rows: int = 0
    repeated_ids: int = 0
    stand_ins: int = 0
    added_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class AlignedTables:
    """Three tables with the same `rows` and `columns`; cells that a table lacks are `MISSING`.

    The rows are those of the dirty table, then those of the truth alone, then invented ones. The columns
    are those that both the dirty table and the truth have.
    """

    columns: tuple[str, ...]
    rows: Sequence[str]
    dirty: Columns
    clean: Columns
    output: Columns
    changes: TableChanges


def align_tables(
    dirty: TextTable,
    clean: TextTable,
    output: TextTable,
    *,
    duplicates: Mapping[str, str] | None = None,
    rows_matched_by: RowsMatchedBy = "id",
) -> AlignedTables:
    """Aligns three tables by the ids of their rows and the names of their columns.

    `duplicates` maps an added row of the dirty table to its original: where the output kept the
    duplicate alone, it stands in for the original. A renamed column is a missing one and an added one.
    Raises `ValueError` where the dirty table and the truth have no column in common.
    """
    columns = tuple(name for name in clean.columns if name in dirty.by_name)
    if not columns:
        raise ValueError("The dirty table and the truth have no column in common.")
    stands_for = _stand_ins(output, duplicates or {})
    if stands_for:
        output = replace(output, ids=tuple(stands_for.get(row, row) for row in output.ids))
    rows = _all_rows(dirty, clean, output)
    known = dirty.place_of.keys() | clean.place_of.keys()
    return AlignedTables(
        columns=columns,
        rows=rows,
        dirty=_cells(dirty, columns, rows),
        clean=_cells(clean, columns, rows),
        output=_cells(output, columns, rows),
        changes=TableChanges(
            rows_matched_by=rows_matched_by,
            dropped_rows=len(clean.place_of.keys() - output.place_of.keys()),
            removed_duplicates=len(
                dirty.place_of.keys() - clean.place_of.keys() - output.place_of.keys()
            ),
            invented_rows=len(output.place_of.keys() - known),
            repeated_ids=sum(_REPEATED in row for row in output.ids),
            stand_ins=len(stands_for),
            added_columns=tuple(
                name for name in output.columns if name not in {*columns, *dirty.columns}
            ),
            missing_columns=tuple(name for name in columns if name not in output.by_name),
        ),
    )


def unique_ids(ids: Iterable[str]) -> tuple[str, ...]:
    """Returns the ids of an output's rows, each once: all but the first of one id get a new one each.

    No other table has the new ids, so those rows are invented ones.
    """
    seen: dict[str, int] = {}
    found: list[str] = []
    for row in ids:
        seen[row] = seen.get(row, 0) + 1
        found.append(row if seen[row] == 1 else f"{row}{_REPEATED}{seen[row]}")
    return tuple(found)


def _stand_ins(output: TextTable, duplicates: Mapping[str, str]) -> Mapping[str, str]:
    """Duplicates that the output kept while it dropped their original: the first of each."""
    found: dict[str, str] = {}
    for duplicate, original in duplicates.items():
        if original not in output.place_of and duplicate in output.place_of:
            found.setdefault(original, duplicate)
    return {duplicate: original for original, duplicate in found.items()}


def _all_rows(dirty: TextTable, clean: TextTable, output: TextTable) -> Sequence[str]:
    if clean.ids == dirty.ids == output.ids:
        return dirty.ids
    return tuple(dict.fromkeys((*dirty.ids, *clean.ids, *output.ids)))


def _cells(table: TextTable, columns: Sequence[str], rows: Sequence[str]) -> Columns:
    if table.ids == rows:
        absent = (MISSING,) * len(rows)
        return tuple(table.by_name.get(name, absent) for name in columns)
    places = [table.place_of.get(row, -1) for row in rows]
    absent = (MISSING,) * len(table.ids)
    return tuple(
        # The place -1 is that of the last cell, which is the missing one.
        tuple(map((*table.by_name.get(name, absent), MISSING).__getitem__, places))
        for name in columns
    )


_CANDIDATES = 40
"""The rows that a row is compared with, in each round."""

_NEAR = 5 * _CANDIDATES
"""The rows with a common value, to each side, that may become candidates."""

_LEAST_AGREEMENT = 1 / 3
"""The share of cells in which two rows must agree to be paired by what they hold."""

Form: TypeAlias = tuple[CellForm, ...]


def find_row_ids(
    dirty: TextTable, clean: TextTable, output: TextTable, key: Sequence[str] = ()
) -> tuple[TextTable, RowsMatchedBy]:
    """Returns the output with the ids of the dirty table's rows, and how they were found.

    Rows that are no row of the dirty table get ids of their own.
    """
    by_key = _by_key(dirty, output, key)
    if by_key is not None:
        return replace(output, ids=by_key), "key"
    return replace(output, ids=_by_similarity(dirty, clean, output)), "similarity"


def _by_key(dirty: TextTable, output: TextTable, key: Sequence[str]) -> tuple[str, ...] | None:
    """Returns the ids, where both tables have the same keys, each once."""
    if not key or not set(key) <= dirty.by_name.keys() & output.by_name.keys():
        return None
    known = dict(zip(_forms(dirty, key), dirty.ids, strict=True))
    wanted = _forms(output, key)
    if len(known) != len(dirty.ids) or len(wanted) != len(known) or set(wanted) != known.keys():
        return None
    return tuple(known[form] for form in wanted)


def _by_similarity(dirty: TextTable, clean: TextTable, output: TextTable) -> tuple[str, ...]:
    columns = [name for name in output.columns if name in dirty.by_name and name in clean.by_name]
    right = dict(zip(clean.ids, _forms(clean, columns), strict=True))
    # A row of an output is near the dirty row or the true one, cell by cell.
    known = [
        (form, right.get(row, form))
        for row, form in zip(dirty.ids, _forms(dirty, columns), strict=True)
    ]
    matching = _Matching(_forms(output, columns), known)
    matching.pair_equal_rows()
    matching.pair_similar_rows()
    if len(output.ids) == len(dirty.ids):
        matching.pair_in_order()
    return unique_ids(
        dirty.ids[matching.place_for[place]] if place in matching.place_for else f"\x00new{place}"
        for place in range(len(output.ids))
    )


def _forms(table: TextTable, columns: Iterable[str]) -> list[Form]:
    """Returns the strict texts of each row."""
    forms = [cell_forms(table.by_name[name], None, EqualityRule.STRICT) for name in columns]
    return list(zip(*forms, strict=True)) if forms else [()] * len(table.ids)


class _Matching:
    """Pairs places of the output with places of the dirty table, each at most once."""

    def __init__(self, output: Sequence[Form], known: Sequence[tuple[Form, Form]]) -> None:
        self._output, self._known = output, known
        self.place_for: dict[int, int] = {}
        self._free = dict.fromkeys(range(len(known)))

    def pair_equal_rows(self) -> None:
        """Pairs rows that equal the dirty row or the true one: in the same place first."""
        for place, form in enumerate(self._output[: len(self._known)]):
            if form in self._known[place]:
                self._pair(place, place)
        for version in (0, 1):
            places = defaultdict[Form, list[int]](list)
            for known in reversed(self._free):
                places[self._known[known][version]].append(known)
            for place in self._left():
                if places[self._output[place]]:
                    self._pair(place, places[self._output[place]].pop())

    def pair_similar_rows(self) -> None:
        """Pairs the rows that agree in most cells, until no two left agree in enough."""
        while True:
            pairs = sorted(self._similar_pairs())
            for _, _, place, known in pairs:
                if place not in self.place_for and known in self._free:
                    self._pair(place, known)
            if not pairs:
                return

    def pair_in_order(self) -> None:
        """Pairs what is left in the order of both tables."""
        for place, known in zip(self._left(), list(self._free), strict=True):
            self._pair(place, known)

    def _similar_pairs(self) -> Iterable[tuple[int, int, int, int]]:
        """Pairs as (cells that differ, distance, place, known place): the best are the least."""
        holders = defaultdict[tuple[int, CellForm], list[int]](list)
        for known in self._free:
            for column, texts in enumerate(zip(*self._known[known], strict=True)):
                for text in set(texts) - {""}:
                    holders[column, text].append(known)
        for place in self._left():
            form = self._output[place]
            for known in self._candidates(place, holders):
                either = zip(form, *self._known[known], strict=True)
                agreed = sum(cell in (dirty, clean) for cell, dirty, clean in either)
                if agreed >= max(1.0, _LEAST_AGREEMENT * len(form)):
                    yield len(form) - agreed, abs(place - known), place, known

    def _candidates(
        self, place: int, holders: Mapping[tuple[int, CellForm], Sequence[int]]
    ) -> Iterable[int]:
        """Returns the free rows that share most of the row's rarest values, of a common value the
        nearest.
        """
        cells = enumerate(self._output[place])
        votes = Counter[int]()
        for found in sorted(filter(None, map(holders.get, cells)), key=len):
            middle = bisect_left(found, place)
            near = found[max(0, middle - _NEAR) : middle + _NEAR]
            votes.update(near if len(votes) < _CANDIDATES else votes.keys() & set(near))
        return [known for known, _ in votes.most_common(_CANDIDATES)]

    def _left(self) -> list[int]:
        return [place for place in range(len(self._output)) if place not in self.place_for]

    def _pair(self, place: int, known: int) -> None:
        self.place_for[place] = known
        del self._free[known]
