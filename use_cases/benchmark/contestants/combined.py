"""The best that evidence in the table allows: several kinds of evidence, each with guards.

Promises: an edit is made only where the table itself says what is right; where nothing can be known,
nothing is changed. Its own kinds of evidence, beside the dependencies' vote (`guarded_vote.py`) and misspellings
(`guarded_spelling.py`):

- two fields of a row changed places where each is strange in its own column and usual in the other's;
- the values of a column have one form, where one clearly dominates: case and punctuation of words, dates, and
  numbers with separators or units. A value that can be read in two ways stays as it is;
- rows repeat another row. With a declared key, rows of one key that agree in most other cells are one entity.
  Without one, only equal rows are, which share at least two values that no other row has: two equal rows of few
  common values may be two people.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import takewhile
from statistics import quantiles

from use_cases.benchmark.contestants.functional_dependencies import (
    LEAST_STRENGTH,
    FoundDependency,
    applicable,
    measure_dependencies,
)
from use_cases.benchmark.contestants.guarded_spelling import correct_misspellings
from use_cases.benchmark.contestants.guarded_vote import (
    DraftTable,
    Rule,
    looks_misspelt,
    vote_with_guards,
)
from use_cases.benchmark.model import Edit, EditKind, ErrorKind, TableSchema, TextTable
from use_cases.benchmark.scoring.cell_equality import is_missing

_TIMES_AS_USUAL = 20


def put_fields_back(draft: DraftTable) -> None:
    """Swaps such fields; two numbers never, because a number is strange nowhere."""
    table = draft.table
    for place, one, other in _swapped(table):
        here, there = table.by_name[one][place], table.by_name[other][place]
        reason = f"{here!r} is usual in {other} and {there!r} in {one}, and neither is in its own column."
        draft.change(place, one, there, ErrorKind.SWAPPED_FIELDS, reason)
        draft.change(place, other, here, ErrorKind.SWAPPED_FIELDS, reason)
    draft.commit()


def _swapped(table: TextTable) -> Iterator[tuple[int, str, str]]:
    """Places and both columns of each pair of fields."""
    homes = _homes(table)
    strange = defaultdict[int, list[str]](list)
    for name, cells in table.by_name.items():
        for place, value in enumerate(cells):
            if value in homes[name]:
                strange[place].append(name)
    for place, names in sorted(strange.items()):
        if len(names) == 2:
            one, other = names
            here, there = table.by_name[one][place], table.by_name[other][place]
            words = any(map(str.isalpha, here + there))
            if words and other in homes[one][here] and one in homes[other][there]:
                yield place, one, other


def _homes(table: TextTable) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Returns the strange values of each column, each with the columns where it is usual."""
    holders = defaultdict[str, list[tuple[int, str]]](list)
    for name, cells in table.by_name.items():
        for value, count in Counter(cells).items():
            holders[value].append((count, name))
    found: dict[str, dict[str, frozenset[str]]] = {name: {} for name in table.columns}
    for value, counts in holders.items():
        if is_missing(value):
            continue
        counts.sort(reverse=True)
        most = counts[0][0]
        for count, column in counts:
            if most >= _TIMES_AS_USUAL * count:
                usual = takewhile(lambda each, n=count: each[0] >= _TIMES_AS_USUAL * n, counts)
                found[column][value] = frozenset(name for _, name in usual)
    return found


_FORMS = (
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%Y", "%m-%d-%Y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d %b %y", "%d-%b-%y",
)  # fmt: skip
_SAMPLE = 200
_DOMINANT = 0.75
_TIMES_AS_OFTEN = 10
_LEAST_COUNT = 5
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_DECORATED = re.compile(
    r"(?P<sign>-?)[$€£¥]? ?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?"
    r"(?: ?(?:[%$€£¥]|(?:usd|eur|gbp|chf|kg|lbs?|oz|ounces?|[ckm]m|min|hours?|years?)\.?))?",
    re.IGNORECASE,
)  # other words after a number may be a part of it: `12 Suppl`, `3rd`, `7 bis`


def unify_formats(draft: DraftTable) -> None:
    """Writes the odd values of each column in the column's usual form."""
    for name in draft.table.columns:
        cells = draft.table.by_name[name]
        counts = {value: n for value, n in Counter(cells).items() if not is_missing(value)}
        forms = dict(_unified(counts))
        for place, value in enumerate(cells) if forms else ():
            if value in forms:
                reason = f"The other values of {name} are written like {forms[value]!r}."
                draft.change(place, name, forms[value], ErrorKind.FORMAT_VARIANT, reason)
    draft.commit()


def _unified(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if not counts:
        return
    yield from _words(counts)
    yield from _dates(counts)
    yield from _numbers(counts)


def _words(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Values that differ from a much more frequent one in case, punctuation and white space alone."""
    alike = defaultdict[str, list[str]](list)
    for value in counts:
        plain = "".join(filter(str.isalnum, value)).casefold()
        if any(map(str.isalpha, plain)):
            alike[plain].append(value)
    for values in alike.values():
        usual = max(values, key=counts.__getitem__)
        for value in values:
            often = max(_LEAST_COUNT, _TIMES_AS_OFTEN * counts[value])
            same_digits = _digits(value) == _digits(usual)
            if value != usual and same_digits and counts[usual] >= often:
                yield value, usual


def _digits(value: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)*", value)


def _dates(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    sample = list(counts)[:: len(counts) // _SAMPLE or 1]
    form = max(_FORMS, key=lambda each: sum(_written(value, each) is not None for value in sample))
    if sum(_written(value, form) is not None for value in sample) < _DOMINANT * len(sample) / 2:
        return
    days = {value: day for value in counts if (day := _written(value, form))}
    if sum(counts[value] for value in days) < _DOMINANT * sum(counts.values()):
        return
    first, last = min(days.values()), max(days.values())
    for value in counts.keys() - days.keys():
        read = {day for each in _FORMS if (day := _read(value, each))}
        if len(read) == 1 and first <= (day := read.pop()) <= last:
            yield value, day.strftime(form)


def _written(value: str, form: str) -> date | None:
    """Returns the date, if it is written in exactly this form."""
    day = _read(value, form)
    return day if day and day.strftime(form) == value else None


def _read(value: str, form: str) -> date | None:
    if not 6 <= len(value) <= 20 or not any(map(str.isdecimal, value)):
        return None
    try:
        return datetime.strptime(value, form).date()  # noqa: DTZ007  (a date has no zone)
    except ValueError:
        return None


def _numbers(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    plain = {value: count for value, count in counts.items() if _PLAIN.fullmatch(value)}
    total = sum(counts.values())
    if len(plain) < 3 or sum(plain.values()) < _DOMINANT * total:
        return
    low, *_, high = quantiles(map(float, plain), n=50)
    for value in counts.keys() - plain.keys():
        found = _DECORATED.fullmatch(value)
        if found:
            number = f"{found['sign']}{found['whole'].replace(',', '')}{found['rest'] or ''}"
            others = (float(number) / 100, float(number) / 1000)
            if low <= float(number) <= high and not any(low <= each <= high for each in others):
                yield value, number


_LEAST_ALIKE = 0.6
_LEAST_PRIVATE = 2
_MOST_REPEATS = 5
_USUAL = 10


def find_repeated_rows(
    table: TextTable, schema: TableSchema, dirty: TextTable | None = None
) -> Sequence[Edit]:
    """Returns a merge for each set of rows that are one entity; the fullest and most usual row stays.

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
    """Returns how many cells a row has, and how usual they are: a misspelling is less so."""
    usual = sum(min(count[value], _USUAL) for count, value in zip(counts, row, strict=True))
    return -sum(map(is_missing, row)), usual


def _merges(
    dirty: TextTable, first: int, same: Sequence[int], key: Sequence[str]
) -> Iterator[Edit]:
    """Returns a merge for each row that goes, with what its owner sees of both rows as the reason."""
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


def _by_key(table: TextTable, key: Sequence[str]) -> Iterator[Sequence[int]]:
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


_LEAST_KEPT = 0.9
_LEAST_KEPT_WEAK = 0.95
_LEAST_SCATTERED = 0.5
_MOST_WEAK = 3


def combine_evidence(table: TextTable, schema: TableSchema) -> Sequence[Edit]:
    """Corrects what dependencies, spelling and formats show to be wrong, and merges repeated rows."""
    draft = DraftTable(table)
    put_fields_back(draft)
    unify_formats(draft)
    rules = _rules(draft.table, schema)
    vote_with_guards(draft, rules)
    correct_misspellings(draft, rules)
    return [*draft.edits(), *find_repeated_rows(draft.table, schema, table)]


def _rules(table: TextTable, schema: TableSchema) -> Sequence[Rule]:
    """Returns the stated dependencies and those found; of those that say little, the best for each
    column.
    """
    given = applicable(schema.dependencies, table)
    found, weak = list[Rule](), defaultdict[str, list[FoundDependency]](list)
    for one in measure_dependencies(table, _LEAST_KEPT):
        if one.dependency not in given:
            if one.strength >= LEAST_STRENGTH and one.scattered >= _LEAST_SCATTERED:
                found.append(Rule(one.dependency))
            elif one.kept >= _LEAST_KEPT_WEAK:
                weak[one.dependency.dependent].append(one)
    best = (
        one.dependency
        for ones in weak.values()
        for one in sorted(ones, key=lambda each: -each.kept)[:_MOST_WEAK]
    )
    return [
        *(Rule(one, given=True) for one in given),
        *found,
        *(Rule(one, weak=True) for one in best),
    ]
