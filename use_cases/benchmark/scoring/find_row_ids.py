"""Finds the rows of an output that came without ids.

Promises: rows are found by the declared key where it has the same values in both tables, else by what they hold,
and the caller learns which; positions decide among rows that fit equally well, and where nothing fits.

The best assignment of all rows to all rows takes time with the cube of their number. Here rows that are
equal are paired first; then each row gets as candidates the rows that share its rarest values, and the
pairs that agree in most cells are taken first. `benchmarks.cleaning_scores` measures how often that is
the right row.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from use_cases.benchmark.model import TextTable
from use_cases.benchmark.scoring.cell_equality import CellForm, EqualityRule, cell_forms
from use_cases.benchmark.scoring.cell_outcomes import REPEATED, RowsMatchedBy

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


def unique_ids(ids: Iterable[str]) -> tuple[str, ...]:
    """Returns the ids of an output's rows, each once: all but the first of one id get a new one each.

    No other table has the new ids, so those rows are invented ones.
    """
    seen: dict[str, int] = {}
    found: list[str] = []
    for row in ids:
        seen[row] = seen.get(row, 0) + 1
        found.append(row if seen[row] == 1 else f"{row}{REPEATED}{seen[row]}")
    return tuple(found)


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
