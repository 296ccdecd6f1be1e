"""Finds rows that repeat another row, only where that is sure.

With a declared key, rows of one key that agree in most other cells are one entity. Without one, only
equal rows are, which share at least two values that no other row has: two equal rows of few common values
may be two people.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from use_cases.benchmark.contestants.guarded_vote import looks_misspelt
from use_cases.benchmark.model import Edit, EditKind, ErrorKind, Table, TableSchema
from use_cases.benchmark.scoring.cell_equality import is_missing

_LEAST_ALIKE = 0.6
_LEAST_PRIVATE = 2
_MOST_REPEATS = 5
_USUAL = 10


def find_repeated_rows(
    table: Table, schema: TableSchema, dirty: Table | None = None
) -> Sequence[Edit]:
    """A merge for each set of rows that are one entity; the fullest and most usual row stays.

    `dirty` is the table as its owner has it, where this one was corrected: the reasons are about that.
    """
    rows = list(zip(*table.values, strict=True))
    if not rows:
        return []
    counts = list(map(Counter[str], table.values))
    by_key = bool(schema.key) and set(schema.key) <= table.by_name.keys()
    groups = _by_key(table, schema.key) if by_key else _equal_pairs(rows, counts)
    merges = list[Edit]()
    merged = set[int]()
    for places in groups:
        first = max(places, key=lambda place: _usualness(rows[place], counts))
        same = [
            place
            for place in places
            if place != first
            and place not in merged
            and first not in merged
            and (not by_key or _alike(rows[first], rows[place]))
        ]
        if same:
            merged.update(same)
            merges += _merges(dirty or table, first, same, schema.key if by_key else ())
    return merges


def _usualness(row: Sequence[str], counts: Sequence[Mapping[str, int]]) -> tuple[int, int]:
    """How many cells a row has, and how usual they are: a misspelling is less so."""
    usual = sum(min(count[value], _USUAL) for count, value in zip(counts, row, strict=True))
    return -sum(map(is_missing, row)), usual


def _merges(dirty: Table, first: int, same: Sequence[int], key: Sequence[str]) -> Iterator[Edit]:
    """A merge for each row that goes, with what its owner sees of both rows as the reason."""
    for place in same:
        equal = sum(cells[first] == cells[place] for cells in dirty.values)
        exact = equal == len(dirty.columns)
        agree = f"{equal} of {len(dirty.columns)} cells are equal"
        if exact:
            reason = "The rows are equal."
        elif key:
            reason = f"The rows are one by the key {', '.join(key)}; {agree}."
        else:
            reason = f"The rows are equal when their errors are corrected; {agree}."
        yield Edit(
            kind=EditKind.MERGE,
            rows=(dirty.ids[first], dirty.ids[place]),
            error=ErrorKind.EXACT_DUPLICATE if exact else ErrorKind.FUZZY_DUPLICATE,
            reason=reason,
        )


def _by_key(table: Table, key: Sequence[str]) -> Iterator[Sequence[int]]:
    places = defaultdict[tuple[str, ...], list[int]](list)
    for place, values in enumerate(zip(*(table.by_name[name] for name in key), strict=True)):
        if not any(map(is_missing, values)):
            places[values].append(place)
    return (each for each in places.values() if 1 < len(each) <= _MOST_REPEATS)


def _equal_pairs(
    rows: Sequence[tuple[str, ...]], counts: Sequence[Mapping[str, int]]
) -> Iterator[Sequence[int]]:
    """Pairs of equal rows that alone have at least two values."""
    places = defaultdict[tuple[str, ...], list[int]](list)
    for place, row in enumerate(rows):
        places[row].append(place)
    for row, pair in places.items():
        if len(pair) == 2:
            private = (
                count[value] == 2 and not is_missing(value)
                for count, value in zip(counts, row, strict=True)
            )
            if sum(private) >= _LEAST_PRIVATE:
                yield pair


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    same = sum(a == b or looks_misspelt(a, b) for a, b in zip(one, other, strict=True))
    return same >= _LEAST_ALIKE * len(one)
