"""Profiles of columns: what a model reads of a whole table before it sees any part of it.

Promises: as long for a million rows as for a hundred; every text of the table in it is JSON, so that
edge blanks and line breaks are seen; a long cell is cut, and says how long it is.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby

from use_cases.benchmark.contestants.functional_dependencies import (
    applicable,
    discover_dependencies,
)
from use_cases.benchmark.model import Dependency, Table, TableColumn, TableSchema
from use_cases.benchmark.scoring.cell_equality import is_missing

_TOP = 8
_PATTERNS = 6
_MOST_COLUMNS = 60
_MOST_DEPENDENCIES = 40
_LONGEST_PATTERN = 40
_LONGEST_SHOWN = 300


_encode = json.JSONEncoder(ensure_ascii=False).encode


def shown(cell: str) -> str:
    """Return a cell as JSON, which is one line; a long one is cut, and no edit can name it."""
    return _encode(cut(cell))


def row_line(cells: Iterable[str]) -> str:
    """Return cells as a JSON array, each as `shown` has it."""
    return _encode([cut(cell) for cell in cells])


def cut(cell: str) -> str:
    """Return the text of a cell as it is shown: a long one is cut, and says how long it is."""
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
    """Return the shape of a text: `Main St 12` is `Aa Aa 9`; runs of one class are one sign."""
    return _without_runs(cell[:_LONGEST_SHOWN].translate(_SIGNS))


@lru_cache(4096)
def _without_runs(signs: str) -> str:
    return "".join(sign for sign, _ in groupby(signs))[:_LONGEST_PATTERN]


def known_dependencies(table: Table, schema: TableSchema) -> Sequence[Dependency]:
    """Return the dependencies that the schema states, else those that the table mostly keeps."""
    return applicable(schema.dependencies, table) or discover_dependencies(table)


def describe_columns(
    table: Table, schema: TableSchema, dependencies: Iterable[Dependency] = ()
) -> str:
    """Return a paragraph for each column, and the dependencies between them."""
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
