"""Parts of a table that a model reads: the profile of its columns, and for one call each pages of
distinct values and chunks of rows.

Promises: the profile is as long for a million rows as for a hundred; every text of the table is JSON, so that
edge blanks and line breaks are seen; a long cell is cut, and says how long it is; a column whose values repeat is
shown whole, any other by its rarest shapes; rows that should agree (by a dependency, or because they look alike)
stand in one chunk, unless there are more of them than a chunk holds; no part is longer than a model reads with
care, whatever the cells hold.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal

from use_cases.benchmark.contestants.functional_dependencies import (
    applicable,
    discover_dependencies,
)
from use_cases.benchmark.model import Dependency, TableColumn, TableSchema, TextTable
from use_cases.benchmark.scoring.cell_equality import is_missing

_TOP = 8
_PATTERNS = 6
_MOST_COLUMNS = 60
_MOST_DEPENDENCIES = 40
_LONGEST_PATTERN = 40
_LONGEST_SHOWN = 300


_encode = json.JSONEncoder(ensure_ascii=False).encode


def shown(cell: str) -> str:
    """Returns a cell as JSON, which is one line; a long one is cut, and no edit can name it."""
    return _encode(cut(cell))


def row_line(cells: Iterable[str]) -> str:
    """Returns cells as a JSON array, each as `shown` has it."""
    return _encode([cut(cell) for cell in cells])


def cut(cell: str) -> str:
    """Returns the text of a cell as it is shown: a long one is cut, and says how long it is."""
    if len(cell) <= _LONGEST_SHOWN:
        return cell
    return f"{cell[:_LONGEST_SHOWN]}… ({len(cell):,} characters)"


class _Signs(dict[int, str]):
    """The sign of each character; those that were asked for are kept."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        sign = (
            "9" if char.isdecimal() else "A" if char.isupper() else "a" if char.isalpha() else char
        )
        self[code] = sign
        return sign


_SIGNS = _Signs()


def pattern(cell: str) -> str:
    """Returns the shape of a text: `Main St 12` is `Aa Aa 9`; runs of one class are one sign."""
    return _without_runs(cell[:_LONGEST_SHOWN].translate(_SIGNS))


@lru_cache(4096)
def _without_runs(signs: str) -> str:
    return "".join(sign for sign, _ in groupby(signs))[:_LONGEST_PATTERN]


def known_dependencies(table: TextTable, schema: TableSchema) -> Sequence[Dependency]:
    """Returns the dependencies that the schema states, else those that the table mostly keeps."""
    return applicable(schema.dependencies, table) or discover_dependencies(table)


def describe_columns(
    table: TextTable, schema: TableSchema, dependencies: Iterable[Dependency] = ()
) -> str:
    """Returns a paragraph for each column, and the dependencies between them."""
    parts = [f"{len(table.ids):,} rows, {len(table.columns)} columns."]
    parts += [
        _described(name, table.by_name[name], schema) for name in table.columns[:_MOST_COLUMNS]
    ]
    if schema.key:
        parts.append(f"An entity is identified by: {_names(schema.key)}.")
    parts += [
        f"Rows that agree in {_names(each.determinants)} should agree in {_names([each.dependent])}."
        for each in list(dependencies)[:_MOST_DEPENDENCIES]
    ]
    parts += [
        f"Every value of {_names([one])} should occur in {_names([other])}."
        for one, other in schema.references
    ]
    return "\n".join(parts)


def _described(name: str, cells: TableColumn, schema: TableSchema) -> str:
    counts = Counter(cells)
    missing = {value: count for value, count in counts.items() if is_missing(value)}
    kind = f", {schema.kinds[name].value}" if name in schema.kinds else ""
    patterns = Counter[str]()
    for value, count in counts.items():
        patterns[pattern(value)] += count
    lines = [
        f"Column {shown(name)}{kind}: {len(counts):,} different values.",
        f"  frequent: {_counted(counts.most_common(_TOP))}",
        f"  shapes: {_counted(patterns.most_common(_PATTERNS))}",
    ]
    if missing:
        lines.append(f"  missing: {_counted(list(missing.items())[:_TOP])}")
    return "\n".join(lines)


def _counted(found: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{shown(text)} {count:,}×" for text, count in found)


def _names(names: Iterable[str]) -> str:
    return " and ".join(shown(name) for name in names)


_PAGE_VALUES = 200
_PAGE_CHARACTERS = 8_000
_MOST_LISTED = 3_000
"""Distinct values of a column that are shown, at most."""
_REPEATING = 0.5
"""The share of distinct values up to which a column counts as one whose values repeat."""
_CHUNK_CHARACTERS = 12_000
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class TablePart:
    """A part of a table for one call: distinct `values` with their counts, or `rows`, of which it has the ids."""

    name: Literal["values", "rows"]
    text: str
    rows: tuple[str, ...] = ()


def value_pages(table: TextTable) -> Iterator[TablePart]:
    """Yields the distinct values of all columns; small columns share a page."""
    names, lines, size, count = list[str](), list[str](), 0, 0
    for name in table.columns:
        for line in _value_lines(table.by_name[name]):
            if count >= _PAGE_VALUES or size + len(line) > _PAGE_CHARACTERS:
                yield TablePart("values", "\n".join(lines))
                names, lines, size, count = [], [], 0, 0
            if name not in names:
                names.append(name)
                lines.append(f"Column {shown(name)}:")
            lines.append(line)
            size += len(line)
            count += 1
    if count:
        yield TablePart("values", "\n".join(lines))


def _value_lines(cells: TableColumn) -> Iterator[str]:
    counts = Counter(cells)
    chosen = sorted(counts, key=lambda value: (value.strip().casefold(), value))
    if len(counts) > min(_MOST_LISTED, max(_PAGE_VALUES, len(cells) * _REPEATING)):
        chosen = _rarest_shapes(counts)
    for value in chosen:
        yield f"{shown(value)} {counts[value]}×"


def _rarest_shapes(counts: Counter[str]) -> Sequence[str]:
    """Returns a page of values: missing markers first, then those whose shape is rarest."""
    shapes = {value: pattern(value) for value in counts}
    frequency = Counter(shapes.values())
    found = sorted(
        counts, key=lambda value: (not is_missing(value), frequency[shapes[value]], value)
    )
    return found[:_PAGE_VALUES]


def row_chunks(
    table: TextTable, schema: TableSchema, dependencies: Sequence[Dependency], size: int
) -> Iterator[TablePart]:
    """Yields all rows in chunks of at most `size` rows, as lines of JSON arrays: the row's id, then its
    cells.

    Those that should agree stand beside each other.
    """
    chunk, length = dict[str, str](), 0
    for group in _groups(table, schema, dependencies):
        lines = {table.ids[place]: row_line(_entries(table, place)) for place in group}
        if chunk and len(chunk) + len(lines) > size:
            yield _chunk(chunk)
            chunk, length = {}, 0
        for row, line in lines.items():
            if chunk and (len(chunk) >= size or length + len(line) > _CHUNK_CHARACTERS):
                yield _chunk(chunk)
                chunk, length = {}, 0
            chunk[row] = line
            length += len(line)
    if chunk:
        yield _chunk(chunk)


def _chunk(lines: Mapping[str, str]) -> TablePart:
    return TablePart("rows", "\n".join(lines.values()), tuple(lines))


def _entries(table: TextTable, place: int) -> Sequence[str]:
    return [table.ids[place], *(column[place] for column in table.values)]


def _groups(
    table: TextTable, schema: TableSchema, dependencies: Sequence[Dependency]
) -> Iterator[Sequence[int]]:
    """Yields the places of rows that should agree: those of one key where keys repeat, else those of
    one determinant of most dependencies; without either single rows, sorted by their words.
    """
    names = _grouping(table, schema, dependencies)
    columns = [table.by_name[name] for name in names or _telling(table)]
    keys = [
        tuple(" ".join(sorted(_WORD.findall(column[place].casefold()))) for column in columns)
        for place in range(len(table.ids))
    ]
    places = sorted(range(len(keys)), key=keys.__getitem__)
    for _, group in groupby(places, key=keys.__getitem__ if names else None):
        yield list(group)


def _grouping(
    table: TextTable, schema: TableSchema, dependencies: Sequence[Dependency]
) -> Sequence[str]:
    keyed = [table.by_name[name] for name in schema.key if name in table.by_name]
    if keyed and len(set(zip(*keyed, strict=True))) < len(table.ids):
        return [name for name in schema.key if name in table.by_name]
    determined = defaultdict[tuple[str, ...], set[str]](set)
    for each in dependencies:
        determined[each.determinants].add(each.dependent)
    return max(determined, key=lambda names: (len(determined[names]), names), default=())


def _telling(table: TextTable) -> Sequence[str]:
    """Returns the two columns of words with the most different values: rows that are alike agree in
    them.
    """
    worded = {
        name: len(set(cells))
        for name, cells in table.by_name.items()
        if sum(any(map(str.isalpha, cell)) for cell in cells) * 2 > len(cells)
    }
    return sorted(worded, key=lambda name: -worded[name])[:2] or table.columns[:1]
