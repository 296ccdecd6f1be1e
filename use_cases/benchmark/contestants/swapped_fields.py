"""Puts two fields of a row back that changed places, where each is strange in its own column and usual in
the other's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import takewhile

from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.model import ErrorKind, Table
from use_cases.benchmark.scoring.cell_equality import is_missing

_TIMES_AS_OFTEN = 20


def put_fields_back(draft: DraftTable) -> None:
    """Swap such fields; two numbers never, because a number is strange nowhere."""
    table = draft.table
    for place, one, other in _swapped(table):
        here, there = table.by_name[one][place], table.by_name[other][place]
        reason = f"{here!r} is usual in {other} and {there!r} in {one}, and neither is in its own column."
        draft.change(place, one, there, ErrorKind.SWAPPED_FIELDS, reason)
        draft.change(place, other, here, ErrorKind.SWAPPED_FIELDS, reason)
    draft.commit()


def _swapped(table: Table) -> Iterator[tuple[int, str, str]]:
    """Place and both columns of each pair of fields."""
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


def _homes(table: Table) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """For each column its strange values, each with the columns where it is usual."""
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
            if most >= _TIMES_AS_OFTEN * count:
                usual = takewhile(lambda each, n=count: each[0] >= _TIMES_AS_OFTEN * n, counts)
                found[column][value] = frozenset(name for _, name in usual)
    return found
