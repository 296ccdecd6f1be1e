"""Finds the rows of an output that came without ids.

Promises: rows are found by the declared key where it has the same values in both tables, else by what
they hold, and the caller learns which; positions decide among rows that fit equally well, and where
nothing fits. Leaves to others: outputs with ids, which need none of this.

The best assignment of all rows to all rows takes time with the cube of their number. Here rows that are
equal are paired first; then each row gets as candidates the rows that share its rarest values, and the
pairs that agree in most cells are taken first. `benchmarks.cleaning_scores` measures how often that is
the right row.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from use_cases.benchmark.model import Table
from use_cases.benchmark.scoring.align_tables import RowsMatchedBy, unique_ids
from use_cases.benchmark.scoring.cell_equality import strict

_CANDIDATES = 40
"""The rows that a row is compared with, in each round."""

_NEAR = 5 * _CANDIDATES
"""The rows with a common value, to each side, that may become candidates."""

_LEAST_AGREEMENT = 1 / 3
"""The share of cells in which two rows must agree to be paired by what they hold."""

Form = tuple[str, ...]


def find_row_ids(
    dirty: Table, clean: Table, output: Table, key: Sequence[str] = ()
) -> tuple[Table, RowsMatchedBy]:
    """The output with the ids of the dirty table's rows, and how they were found.

    Rows that are no row of the dirty table get ids of their own.
    """
    by_key = _by_key(dirty, output, key)
    if by_key is not None:
        return replace(output, ids=by_key), "key"
    return replace(output, ids=_by_similarity(dirty, clean, output)), "similarity"


def _by_key(dirty: Table, output: Table, key: Sequence[str]) -> tuple[str, ...] | None:
    """The ids, where both tables have the same keys, each once."""
    if not key or not set(key) <= dirty.by_name.keys() & output.by_name.keys():
        return None
    known = dict(zip(_forms(dirty, key), dirty.ids, strict=True))
    wanted = _forms(output, key)
    if len(known) != len(dirty.ids) or len(wanted) != len(known) or set(wanted) != known.keys():
        return None
    return tuple(known[form] for form in wanted)


def _by_similarity(dirty: Table, clean: Table, output: Table) -> tuple[str, ...]:
    columns = [name for name in output.columns if name in dirty.by_name and name in clean.by_name]
    matching = _Matching(
        _forms(output, columns),
        _forms(dirty, columns),
        dict(zip(clean.ids, _forms(clean, columns), strict=True)),
        dirty.ids,
    )
    matching.pair_equal_rows()
    matching.pair_similar_rows()
    if len(output.ids) == len(dirty.ids):
        matching.pair_in_order()
    return unique_ids(
        dirty.ids[matching.place_for[place]] if place in matching.place_for else f"\x00new{place}"
        for place in range(len(output.ids))
    )


def _forms(table: Table, columns: Iterable[str]) -> list[Form]:
    """The strict texts of each row."""
    known: dict[str, str] = {}
    forms: list[list[str]] = []
    for name in columns:
        cells = table.by_name[name]
        known.update((text, strict(text)) for text in set(cells) - known.keys())
        forms.append([known[text] for text in cells])
    return list(zip(*forms, strict=True)) if forms else [()] * len(table.ids)


class _Matching:
    """Pairs places of the output with places of the dirty table, each at most once."""

    def __init__(
        self,
        output: Sequence[Form],
        dirty: Sequence[Form],
        clean: Mapping[str, Form],
        ids: Sequence[str],
    ) -> None:
        self._output = output
        # A row of an output is near the dirty row or the true one, cell by cell.
        self._known = [(form, clean.get(row, form)) for row, form in zip(ids, dirty, strict=True)]
        self.place_for: dict[int, int] = {}
        self._free = dict.fromkeys(range(len(dirty)))

    def pair_equal_rows(self) -> None:
        """Pair rows that equal the dirty row or the true one: in the same place first."""
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
        """Pair the rows that agree in most cells, until no two left agree in enough."""
        while True:
            pairs = sorted(self._similar_pairs())
            for _, _, place, known in pairs:
                if place not in self.place_for and known in self._free:
                    self._pair(place, known)
            if not pairs:
                return

    def pair_in_order(self) -> None:
        """Pair what is left in the order of both tables."""
        for place, known in zip(self._left(), list(self._free), strict=True):
            self._pair(place, known)

    def _similar_pairs(self) -> Iterable[tuple[int, int, int, int]]:
        """Pairs as (cells that differ, distance, place, known place): the best are the least."""
        holders = defaultdict[tuple[int, str], list[int]](list)
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
        self, place: int, holders: Mapping[tuple[int, str], Sequence[int]]
    ) -> Iterable[int]:
        """The free rows that share most of the row's rarest values, of a common value the nearest."""
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
