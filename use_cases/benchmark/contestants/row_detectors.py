"""What looks wrong beside the other cells of its row, or beside other rows.

Promises: as of the detectors of columns: a rule must hold in nearly all rows before its exceptions are
found; where two cells of a row contradict each other, the one is named that the rule is about.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from math import isclose, log
from operator import add, mul

from use_cases.benchmark.contestants.detectors import date_form, number_habit
from use_cases.benchmark.contestants.draft_table import Column, DraftTable
from use_cases.benchmark.contestants.guarded_vote import looks_misspelt
from use_cases.benchmark.contestants.value_forms import date_readings, outline, read_number, shape
from use_cases.benchmark.model import ErrorKind, TableSchema
from use_cases.benchmark.scoring.cell_equality import is_missing

_TIMES_AS_USUAL = 20
_USUAL_SHAPE = 0.05
_RARE_SHAPE = 0.02


class _Homes:
    """Where a value is at home: as one of a column's usual values, or in its usual shape."""

    def __init__(self, draft: DraftTable) -> None:
        self._columns = {column.name: column for column in draft.columns()}
        self._shapes = {name: _shapes(column) for name, column in self._columns.items()}

    def fits(self, value: str, name: str, beside: int = 0) -> bool:
        """Returns whether a value is usual in a column, and more so than `beside` times."""
        column = self._columns[name]
        count = column.known.get(value, 0)
        if count >= max(3, _TIMES_AS_USUAL * beside):
            return True
        return self._shapes[name].get(outline(shape(value)), 0.0) >= _USUAL_SHAPE and not beside

    def is_strange(self, value: str, name: str) -> bool:
        """Returns whether a value is rare in a column, in itself and in its shape."""
        rare = self._columns[name].known.get(value, 0) <= 2
        return rare and self._shapes[name].get(outline(shape(value)), 0.0) <= _RARE_SHAPE


def _shapes(column: Column) -> Mapping[str, float]:
    """Returns the share of each outline among the other cells of a column, by a sample of them."""
    counts = Counter[str]()
    sample = column.cells[:: len(column.cells) // 2_000 or 1]
    for value in sample:
        counts[outline(shape(value))] += 1
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
        moved = _moved(row, names, homes, draft, place)
        for at, step in moved.items():
            other = names[at - step]
            draft.find(
                place,
                names[at],
                ErrorKind.SHIFTED_CELLS,
                f"{row[at]!r} looks like a value of {other}: cells of the row moved by one column.",
            )
        pair = [at for at in strange if at not in moved]
        if len(pair) == 2 and not moved:
            _put_back(draft, place, pair, row, homes)
    draft.commit()


def _strange_cells(draft: DraftTable) -> Mapping[int, Sequence[int]]:
    """Returns the places of rows with at least two strange cells: found ones, or usual elsewhere."""
    usual = defaultdict[str, int](int)
    for column in draft.columns():
        for value, count in column.known.items():
            if count >= _TIMES_AS_USUAL:
                usual[value] = max(usual[value], count)
    strange = defaultdict[int, list[int]](list)
    for at, column in enumerate(draft.columns()):
        odd = {
            value
            for value in column.known.keys() & usual.keys()
            if usual[value] >= _TIMES_AS_USUAL * column.known[value]
        }
        found = draft.places_of(column.name)
        for place, value in enumerate(column.cells) if odd else ():
            if value in odd and place not in found:
                strange[place].append(at)
        for place in found:
            strange[place].append(at)
    return {place: ats for place, ats in strange.items() if len(ats) > 1}


def _moved(
    row: Sequence[str], names: Sequence[str], homes: _Homes, draft: DraftTable, place: int
) -> Mapping[int, int]:
    """Returns the cells of a row that moved, with the step by which they did."""
    for step in (1, -1):
        home = [
            0 <= at - step < len(row)
            and not is_missing(value)
            and homes.fits(value, names[at - step])
            for at, value in enumerate(row)
        ]
        strange = [
            not is_missing(value)
            and (homes.is_strange(value, names[at]) or draft.is_found(place, names[at]))
            for at, value in enumerate(row)
        ]
        run = list[int]()
        for at in range(len(row) + 1):
            if at < len(row) and (home[at] or is_missing(row[at])):
                run.append(at)
                continue
            while run and not (home[run[-1]] and strange[run[-1]]):
                run.pop()
            while run and not (home[run[0]] and strange[run[0]]):
                run.pop(0)
            if sum(home[each] and strange[each] for each in run) > 1:
                first = run[0] - step if step > 0 else run[-1] - step
                return dict.fromkeys((*run, first) if is_missing(row[first]) else run, step)
            run = []
    return {}


def _put_back(
    draft: DraftTable, place: int, pair: Sequence[int], row: Sequence[str], homes: _Homes
) -> None:
    one, other = (draft.table.columns[at] for at in pair)
    here, there = (row[at] for at in pair)
    known = draft.column(one).known, draft.column(other).known
    fit = homes.fits(here, other, known[0].get(here, 0)) and homes.fits(
        there, one, known[1].get(there, 0)
    )
    if fit and any(map(str.isalpha, here + there)):
        said = f"{here!r} is usual in {other} and {there!r} in {one}, and neither is in its own column."
        draft.find(place, one, ErrorKind.SWAPPED_FIELDS, said, there)
        draft.find(place, other, ErrorKind.SWAPPED_FIELDS, said, here)


_MOST_NUMBERS = 12
_TRIED_ROWS = 200
_KEPT = 0.95


def find_broken_sums(draft: DraftTable) -> None:
    """Finds the exceptions of a column that is the sum or the product of two others."""
    columns = [each for each in draft.columns() if number_habit(each)][:_MOST_NUMBERS]
    numbers = {each.name: _numbers(each) for each in columns if len(each.known) > 2}
    for (a, b), (sign, work) in (
        (pair, each) for pair in combinations(numbers, 2) for each in (("+", add), ("x", mul))
    ):
        for c in numbers:
            if c in (a, b):
                continue
            rows = [*zip(numbers[a], numbers[b], numbers[c], strict=True)]
            tried = [each for each in rows[:: len(rows) // _TRIED_ROWS or 1] if None not in each]
            right = sum(isclose(work(x, y), z, rel_tol=0.002, abs_tol=0.011) for x, y, z in tried)  # pyright: ignore
            trivial = sum(z in (x, y) for x, y, z in tried)
            if len(tried) < 20 or right < 0.9 * len(tried) or trivial > len(tried) / 2:
                continue
            for place, (x, y, z) in enumerate(rows):
                if x is None or y is None or z is None:
                    continue
                if not isclose(work(x, y), z, rel_tol=0.002, abs_tol=0.011):
                    said = f"{c} is {a} {sign} {b} in nearly all rows, and here it is not."
                    draft.find(place, c, ErrorKind.BROKEN_DEPENDENCY, said)


def _numbers(column: Column) -> Sequence[float | None]:
    read = {value: read_number(value) for value in column.known}
    numbers = {
        value: number.readings.get(number.mark, min(number.readings.values()))
        for value, number in read.items()
        if number
    }
    return [numbers.get(value) for value in column.cells]


def find_broken_order(draft: DraftTable) -> None:
    """Finds days before the days that they follow in nearly all rows."""
    forms = {each.name: form for each in draft.columns() if (form := date_form(each))}
    days = {
        name: {value: date_readings(value).get(form) for value in draft.column(name).known}
        for name, form in forms.items()
    }
    for one, other in permutations(forms, 2):
        pairs = [
            (days[one].get(a), days[other].get(b))
            for a, b in zip(draft.column(one).cells, draft.column(other).cells, strict=True)
        ]
        kept = sum(a is not None and b is not None and a < b for a, b in pairs)
        broken = [at for at, (a, b) in enumerate(pairs) if a and b and a > b]
        if (
            broken
            and kept >= _KEPT * (kept + len(broken))
            and len(broken) <= max(1, _RARE_SHAPE * len(pairs))
        ):
            for place in broken:
                said = f"{other} is not before {one} in nearly all rows, and here it is."
                draft.find(place, other, ErrorKind.BROKEN_DEPENDENCY, said)


_MOST_REPEATED = 0.05


def find_repeated_keys(draft: DraftTable) -> None:
    """Finds values that occur twice in a column of codes that are otherwise all different."""
    repeated = draft.places_of(None)
    for column in draft.columns():
        counts = Counter(value for at, value in enumerate(column.cells) if at not in repeated)
        several = {value for value in column.known if counts[value] > 1}
        if (
            not several
            or column.total < _TIMES_AS_USUAL
            or column.share(dict.fromkeys(several)) > _MOST_REPEATED
        ):
            continue
        if not _is_coded(column) or date_form(column):
            continue
        for place, value in enumerate(column.cells):
            if value in several and place not in repeated:
                said = f"{value!r} is in {column.known[value]} rows; nearly all others of {column.name} are in one."
                draft.find(place, column.name, ErrorKind.CONFLICTING_DUPLICATE, said)


def _is_coded(column: Column) -> bool:
    return sum(map(_is_code, column.sample)) >= 0.9 * len(column.sample)


def _is_code(value: str) -> bool:
    return (
        " " not in value
        and any(map(str.isdecimal, value))
        and "," not in value
        and "." not in value.partition("@")[0]
    ) or "@" in value


_LEAST_ALIKE = 0.6
_LEAST_PRIVATE = 2
_MOST_REPEATS = 5
_USUAL = 10
_CHANCE = 5.0
_MOST_PAIRS = 20_000


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a table, with the counts of their columns."""

    cells: Sequence[Sequence[str]]
    columns: Sequence[Column]

    def row(self, place: int) -> Sequence[str]:
        """Returns the cells of a row."""
        return [cells[place] for cells in self.cells]

    def usualness(self, place: int) -> tuple[int, int]:
        """Returns how many cells a row has, and how usual they are: a misspelling is less so."""
        row = self.row(place)
        counts = (column.every[value] for column, value in zip(self.columns, row, strict=True))
        return -sum(map(is_missing, row)), sum(min(count, _USUAL) for count in counts)


def find_repeated_rows(draft: DraftTable, schema: TableSchema) -> None:
    """Finds rows that repeat another: under one declared key, whole, or under another key.

    Rows of one declared key that agree in most cells, and equal rows with two values that no other row
    has, are to be merged into the fullest and most usual one. Rows that are equal but for their key are found.
    """
    columns = draft.columns()
    rows = _Rows([column.cells for column in columns], columns)
    by_key = bool(schema.key) and set(schema.key) <= draft.table.by_name.keys()
    merged = set[int]()
    for places in _by_key(draft, schema.key) if by_key else _equal(rows, columns):
        first = max(places, key=rows.usualness)
        for place in places:
            free = place != first and not {place, first} & merged
            if free and (not by_key or _alike(rows.row(first), rows.row(place))):
                merged.add(place)
                _merge(draft, first, place, schema.key if by_key else ())
    if not by_key:
        for first, place, equal in _under_another_key(rows, columns):
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


def _equal(rows: _Rows, columns: Sequence[Column]) -> Iterator[Sequence[int]]:
    """Pairs of equal rows that alone have at least two values."""
    places = defaultdict[int, list[int]](list)
    for place, row in enumerate(zip(*rows.cells, strict=True)):
        places[hash(row)].append(place)
    for pair in places.values():
        if len(pair) == 2 and rows.row(pair[0]) == rows.row(pair[1]):
            private = (
                column.known.get(value) == 2
                for column, value in zip(columns, rows.row(pair[0]), strict=True)
            )
            if sum(private) >= _LEAST_PRIVATE:
                yield pair


def _under_another_key(rows: _Rows, columns: Sequence[Column]) -> Iterator[tuple[int, int, int]]:
    """Pairs of rows with too many equal cells for a chance, the later row second, and how many are equal.

    Rows are compared that share two rare values; the key, of which every value occurs once, differs.
    """
    keys = {
        column.name
        for column in columns
        if len(column.known) > 0.95 * len(column.cells) and _is_coded(column)
    }
    others = [column for column in columns if column.name not in keys and len(column.known) > 1]
    shared = Counter[tuple[int, int]]()
    for column in others:
        rare = {value for value, count in column.known.items() if 1 < count <= _MOST_REPEATS}
        holders = defaultdict[str, list[int]](list)
        for place, value in enumerate(column.cells) if rare else ():
            if value in rare:
                holders[value].append(place)
        for places in holders.values():
            shared.update(combinations(places, 2))
    chance = 2 * log(len(columns[0].cells) or 1) + _CHANCE if columns else 0.0
    for (one, other), count in shared.most_common(_MOST_PAIRS):
        if count < min(2, len(others)):
            break
        equal = [column for column in others if column.cells[one] == column.cells[other]]
        said = sum(
            log(column.total / column.known[column.cells[one]])
            for column in equal
            if column.cells[one] in column.known
        )
        telling = (column for column in others if len(column.known) > 0.5 * column.total)
        alike = all(_alike_texts(column.cells[one], column.cells[other]) for column in telling)
        if alike and len(equal) >= 0.8 * len(others) and said >= chance:
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
