"""What looks wrong beside the other cells of its row, or beside other rows.

Promises: as of the detectors of columns: a rule must hold in nearly all rows before its exceptions are
found; where two cells of a row contradict each other, the one is named that the rule is about.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import combinations, islice, pairwise, permutations
from math import log
from random import Random
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from use_cases.benchmark.contestants.draft_table import LEAST_CELLS, Column, DraftTable
from use_cases.benchmark.contestants.spelling import looks_misspelt
from use_cases.benchmark.contestants.value_forms import Numbers, outline, read_numbers, shape
from use_cases.benchmark.model import Dependency, ErrorKind, TableSchema
from use_cases.benchmark.scoring.cell_equality import is_missing

Hashes: TypeAlias = npt.NDArray[np.uint64]

_TIMES_AS_USUAL = 20
_USUAL_CELLS = 3
_USUAL_SHAPE = 0.05
_RARE_SHAPE = 0.02
_NEAR = 3


class _Homes:
    """Where a value is at home: as one of a column's usual values, or in its usual shape."""

    def __init__(self, draft: DraftTable) -> None:
        self._usual = {each.name: each.frequent(_USUAL_CELLS) for each in draft.columns()}

        self._shapes = cache(partial(_shapes, draft))

    def fits(self, value: str, name: str, beside: int = 0) -> bool:
        """Returns whether a value is usual in a column, and more so than `beside` times."""
        if self._usual[name].get(value, 0) >= max(_USUAL_CELLS, _TIMES_AS_USUAL * beside):
            return True
        return self._shapes(name).get(outline(shape(value)), 0.0) >= _USUAL_SHAPE and not beside

    def is_strange(self, value: str, name: str) -> bool:
        """Returns whether a value is rare in a column, in itself and in its shape."""
        rare = value not in self._usual[name]
        return rare and self._shapes(name).get(outline(shape(value)), 0.0) <= _RARE_SHAPE


def _shapes(draft: DraftTable, name: str) -> Mapping[str, float]:
    """Returns the share of each outline among the other cells of a column, by a sample of them."""
    cells = draft.table.by_name[name]
    sample = cells[:: len(cells) // 2_000 or 1]
    counts = Counter(outline(shape(value)) for value in sample)
    return {form: (count - 1) / len(sample) for form, count in counts.items()}


def find_misplaced(draft: DraftTable) -> None:
    """Finds fields of a row that changed places, and runs of cells that moved by one column.

    Two fields are put back where one is usual in the other's column and neither in its own; two numbers
    never, because a number is strange nowhere.
    """
    homes, names = _Homes(draft), draft.table.columns
    cells = draft.table.values
    for place, strange in sorted(_strange_cells(draft).items()):
        row = [column[place] for column in cells]
        near = any(after - at <= _NEAR for at, after in pairwise(strange))
        moved = _moved(row, names, homes, draft, place) if near else dict[int, int]()
        for at, step in moved.items():
            said = (
                "It is empty"
                if is_missing(row[at])
                else f"{row[at]!r} looks like a value of {names[at - step]}"
            )
            said += ": cells of the row moved by one column."
            draft.find(place, names[at], ErrorKind.SHIFTED_CELLS, said)
        pair = [at for at in strange if at not in moved]
        if len(pair) == 2 and not moved:
            _put_back(draft, place, pair, row, homes)
    draft.commit()


def _strange_cells(draft: DraftTable) -> Mapping[int, Sequence[int]]:
    """Returns the places of rows with at least two strange cells: found ones, or usual elsewhere."""
    usual = defaultdict[str, int](int)
    for column in draft.columns():
        for value, count in column.frequent(_TIMES_AS_USUAL).items():
            usual[value] = max(usual[value], count)
    strange = defaultdict[int, list[int]](list)
    for at, column in enumerate(draft.columns()):
        some = column.known_among(column.cells.codes_of(usual))
        odd = {value for value, n in some.items() if _TIMES_AS_USUAL * n <= usual[value]}
        found = draft.places_of(column.name)
        for place in {*found, *column.cells.places_of(odd)}:
            strange[place].append(at)
    return {place: ats for place, ats in strange.items() if len(ats) > 1}


def _moved(
    row: Sequence[str], names: Sequence[str], homes: _Homes, draft: DraftTable, place: int
) -> Mapping[int, int]:
    """Returns the cells of a row that moved, with the step by which they did."""
    for step in (1, -1):
        signs = ""  # s: surely of the column beside it, m: it may be, or is missing
        for at, value in enumerate(row):
            inside = 0 <= at - step < len(row) and not is_missing(value)
            moved = inside and homes.fits(value, names[at - step])
            found = place in draft.places_of(names[at])
            sure = moved and (found or homes.is_strange(value, names[at]))
            signs += "s" if sure else "m" if moved or is_missing(value) else " "
        if run := re.search("s[sm]*s", signs):
            ats = range(*run.span())
            first = ats[0] - 1 if step > 0 else ats[-1] + 1
            return dict.fromkeys((*ats, first) if is_missing(row[first]) else ats, step)
    return {}


def _put_back(
    draft: DraftTable, place: int, pair: Sequence[int], row: Sequence[str], homes: _Homes
) -> None:
    one, other = (draft.table.columns[at] for at in pair)
    here, there = (row[at] for at in pair)
    fit = homes.fits(here, other, draft.column(one).count_at(place)) and homes.fits(
        there, one, draft.column(other).count_at(place)
    )
    if fit and any(map(str.isalpha, here + there)):
        said = f"{here!r} is usual in {other} and {there!r} in {one}, and neither is in its own column."
        draft.find(place, one, ErrorKind.SWAPPED_FIELDS, said, there)
        draft.find(place, other, ErrorKind.SWAPPED_FIELDS, said, here)


_MOST_NUMBERS = 12
_MOST_DAYS = 24
_TRIED_ROWS = 200
_KEPT = 0.95
_KEPT_BUT_ONE = 12


def find_broken_sums(draft: DraftTable) -> None:
    """Finds the exceptions of a column that is the sum or the product of two others."""
    columns = [each for each in draft.columns() if each.different > 2 and each.number_ways]
    step = len(draft.dirty.ids) // _TRIED_ROWS or 1
    tried = {each.name: _numbers(each.cells[::step]) for each in columns[:_MOST_NUMBERS]}
    for a, b, c in permutations(tried, 3):
        for sign, work in (("+", np.add), ("x", np.multiply)) if a < b else ():
            known = ~np.isnan(tried[a] + tried[b] + tried[c])
            kept = known & _is_result(work(tried[a], tried[b]), tried[c])
            trivial = known & ((tried[c] == tried[a]) | (tried[c] == tried[b]))
            if kept.sum() < max(LEAST_CELLS, 0.9 * known.sum()) or trivial.sum() > known.sum() / 2:
                continue
            cells = (draft.column(each).cells for each in (a, b, c))
            one, other, stated = (_numbers(each.texts)[each.codes] for each in cells)
            result = work(one, other)
            known = ~np.isnan(result + stated)
            for place in np.flatnonzero(known & ~_is_result(result, stated)).tolist():
                said = f"{c} is {a} {sign} {b} in nearly all rows, and here it is not."
                draft.find(place, c, ErrorKind.BROKEN_DEPENDENCY, said)


def _is_result(result: Numbers, stated: Numbers) -> npt.NDArray[np.bool_]:
    return np.isclose(result, stated, rtol=0.002, atol=0.011)


def _numbers(values: Iterable[str]) -> Numbers:
    return read_numbers(values)[0]


def find_broken_order(draft: DraftTable) -> None:
    """Finds days before the days that they follow in nearly all rows."""
    columns = [each for each in draft.columns() if each.date_form][:_MOST_DAYS]
    days = {each.name: each.days[each.cells.codes] for each in columns if columns[1:]}
    for one, other in permutations(days, 2):
        kept = int((days[one] < days[other]).sum())
        broken = np.flatnonzero(days[one] > days[other]).tolist()
        few = len(broken) <= max(1, _RARE_SHAPE * len(draft.dirty.ids))
        but_one = len(broken) == 1 and kept >= _KEPT_BUT_ONE
        nearly = but_one or kept >= _KEPT * (kept + len(broken))
        for place in broken if few and nearly else ():
            said = f"{other} is not before {one} in nearly all rows, and here it is."
            draft.find(place, other, ErrorKind.BROKEN_DEPENDENCY, said)


_MOST_REPEATED = 0.05
_CODED = 0.9


def find_repeated_keys(draft: DraftTable) -> None:
    """Finds values that occur twice in a column of codes that are otherwise all different."""
    repeated = draft.places_of(None)
    for column in draft.columns():
        twice = column.total - column.different
        if twice > max(1, _MOST_REPEATED * column.total) or column.total < LEAST_CELLS:
            continue
        if not column.mostly(_is_code, _CODED) or column.date_form:
            continue
        gone = Counter(column.cells[place] for place in repeated)
        repeats = column.frequent(2)
        several = {value: n for value, n in repeats.items() if n - gone[value] > 1}
        if sum(several.values()) > max(2, _MOST_REPEATED * column.total):
            continue
        for place in column.cells.places_of(several):
            value = column.cells[place]
            if place not in repeated:
                said = f"{value!r} is in {several[value]} rows; nearly all others of {column.name} are in one."
                draft.find(place, column.name, ErrorKind.CONFLICTING_DUPLICATE, said)


def _is_code(value: str) -> bool:
    return "@" in value or (any(map(str.isdecimal, value)) and not re.search("[ ,.]", value))


_LEAST_ALIKE = 0.6
_LEAST_PRIVATE = 2
_MOST_REPEATS = 5
_USUAL = 10
_CHANCE = 5.0
_MOST_PAIRS = 20_000


def _row(columns: Sequence[Column], place: int) -> Sequence[str]:
    return [column.cells[place] for column in columns]


def _usualness(columns: Sequence[Column], place: int) -> tuple[int, int]:
    """Returns how many cells a row has, and how usual they are: a misspelling is less so."""
    counts = [column.count_at(place) for column in columns]
    missing = (each.absent[each.cells[place]] for each in columns if not each.count_at(place))
    return -counts.count(0), sum(min(count, _USUAL) for count in (*counts, *missing))


def find_repeated_rows(
    draft: DraftTable, schema: TableSchema, dependencies: Collection[Dependency] = ()
) -> None:
    """Finds rows that repeat another: under one declared key, whole, or under another key.

    A column that another determines says nothing more of two rows than that one does.

    Rows of one declared key that agree in most cells, and equal rows with two values that no other row
    has, are to be merged into the fullest and most usual one. Rows that are equal but for their key are found.
    """
    columns = list(draft.columns())
    by_key = bool(schema.key) and set(schema.key) <= draft.table.by_name.keys()
    merged = set[int]()
    for places in _by_key(draft, schema.key) if by_key else _equal(columns):
        first = max(places, key=lambda at: _usualness(columns, at))
        for place in places:
            free = place != first and not {place, first} & merged
            if free and (not by_key or _alike(_row(columns, first), _row(columns, place))):
                merged.add(place)
                _merge(draft, first, place, schema.key if by_key else ())
    if not by_key:
        for first, place, equal in _under_another_key(columns, dependencies):
            if place not in merged:
                said = f"Row {draft.dirty.ids[first]} has the same cells in {equal} of {len(columns)} columns."
                draft.find(place, None, ErrorKind.FUZZY_DUPLICATE, said)


def _merge(draft: DraftTable, first: int, place: int, key: Sequence[str]) -> None:
    """Notes the row that goes, with what its owner sees of both rows."""
    equal = sum(cells[first] == cells[place] for cells in draft.dirty.values)
    width = len(draft.dirty.columns)
    agree = f"{equal} of {width} cells are equal"
    if equal == width:
        said = "The rows are equal."
    elif key:
        said = f"The rows are one by the key {', '.join(key)}; {agree}."
    else:
        said = f"The rows are equal when their errors are corrected; {agree}."
    kind = ErrorKind.EXACT_DUPLICATE if equal == width else ErrorKind.FUZZY_DUPLICATE
    draft.find(place, None, kind, said, draft.dirty.ids[first])


def _by_key(draft: DraftTable, key: Sequence[str]) -> Iterator[Sequence[int]]:
    places = defaultdict[tuple[str, ...], list[int]](list)
    for place, values in enumerate(zip(*(draft.table.by_name[name] for name in key), strict=True)):
        if not any(map(is_missing, values)):
            places[values].append(place)
    return (each for each in places.values() if 1 < len(each) <= _MOST_REPEATS)


def _hashes(column: Column, at: int) -> Hashes:
    """Returns a number for each cell: that of its value, drawn once for each value and place of a column."""
    drawn = Random(at).randbytes(8 * len(column.values))  # noqa: S311  (no secret)
    return np.frombuffer(drawn, np.uint64)[column.cells.codes]


def _whole(columns: Sequence[Column]) -> Hashes:
    """Returns a number for each row; sums run over, which does no harm."""
    found = np.zeros(len(columns[0].cells), np.uint64)
    for at, column in enumerate(columns):
        found += _hashes(column, at)
    return found


def _alike_places(hashes: Hashes) -> Sequence[Sequence[int]]:
    """Returns the places of the rows that have one number, where they are few."""
    ordered = np.sort(hashes)
    places = np.flatnonzero(np.isin(hashes, ordered[1:][ordered[1:] == ordered[:-1]]))
    order = places[np.argsort(hashes[places], kind="stable")]
    bounds = np.flatnonzero(np.diff(hashes[order])) + 1
    starts, ends = np.append(0, bounds), np.append(bounds, len(order))
    few = (ends - starts > 1) & (ends - starts <= _MOST_REPEATS)
    pairs = zip(starts[few].tolist(), ends[few].tolist(), strict=True)
    return [order[start:end].tolist() for start, end in pairs]


def _equal(columns: Sequence[Column]) -> Iterator[Sequence[int]]:
    """Pairs of equal rows that alone have at least two values."""
    for pair in _alike_places(_whole(columns)) if columns else ():
        row = _row(columns, pair[0])
        private = sum(column.count_at(pair[0]) == 2 for column in columns)
        if len(pair) == 2 and private >= _LEAST_PRIVATE and row == _row(columns, pair[1]):
            yield pair


def _under_another_key(
    columns: Sequence[Column], dependencies: Collection[Dependency]
) -> Iterator[tuple[int, int, int]]:
    """Pairs of rows with too many equal cells for a chance, the later row second, and how many are equal.

    Keys, columns of codes of which every value occurs once, may differ, and one of the other columns.
    """
    others = [
        column
        for column in columns
        if column.different > 1
        and not (column.different > 0.95 * len(column.cells) and column.mostly(_is_code, _CODED))
    ]
    if len(others) < 2:
        return
    chance = 2 * log(len(others[0].cells)) + _CHANCE
    known = frozenset(dependencies)
    whole = _whole(others)
    near = (
        pair
        for at, column in enumerate(others)
        for places in _alike_places(whole - _hashes(column, at))
        for pair in combinations(places, 2)
    )
    for one, other in sorted(set(islice(near, _MOST_PAIRS))):
        equal = [column for column in others if column.cells[one] == column.cells[other]]
        said = 0.0
        counted = set[str]()
        for column in sorted(equal, key=lambda each: each.count_at(one)):
            count = column.count_at(one)
            if count and not any(Dependency((name,), column.name) in known for name in counted):
                counted.add(column.name)
                said += log(column.total / count)
        telling = (column for column in others if column.different > 0.5 * column.total)
        alike = all(_alike_texts(column.cells[one], column.cells[other]) for column in telling)
        if alike and said >= chance:
            yield one, other, len(equal)


def _alike_texts(one: str, other: str) -> bool:
    words, others = set(one.split()), set(other.split())
    shared = 2 * len(words & others) >= max(len(words), len(others))
    return (
        one == other or shared or is_missing(one) or is_missing(other) or looks_misspelt(one, other)
    )


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    same = sum(a == b or looks_misspelt(a, b) for a, b in zip(one, other, strict=True))
    return same >= _LEAST_ALIKE * len(one)
