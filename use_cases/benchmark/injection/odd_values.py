"""Traps: odd values that are right. They are put into the truth as well, and must not be touched.

A number or a date far from all others, or a name in capitals; among duplicates, a namesake of another
row. The form is never that of the errors of the same task: no far numbers among outliers, and no
capitals among other formats.
"""

from collections.abc import Callable, Mapping
from itertools import zip_longest

from use_cases.benchmark.injection.column_site import CleanColumn
from use_cases.benchmark.injection.text_changes import Draws
from use_cases.benchmark.model import Dimension, TableSchema, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import parse_date, same_cell, strict

_SIGMAS = 5.0
_FAR = (ValueKind.NUMBER, ValueKind.DATE)
_CAPITALS = (ValueKind.TEXT,)
_KINDS = {
    Dimension.ACCURACY: (ValueKind.DATE, *_CAPITALS),
    Dimension.COMPLETENESS: (*_FAR, *_CAPITALS),
    Dimension.CONSISTENCY: _FAR,
    Dimension.UNIQUENESS: _CAPITALS,
}


def odd_values(
    table: TextTable,
    columns: Mapping[str, CleanColumn],
    schema: TableSchema,
    dimension: Dimension,
    wanted: int,
    seed: int,
    is_free: Callable[[int, str], bool],
) -> Mapping[tuple[int, str], str]:
    """Up to so many odd values, by place and column; none in keys, ids, dependencies and references."""
    bound = {*schema.key, *(name for pair in schema.references for name in pair)}
    for each in schema.dependencies:
        bound |= {*each.determinants, each.dependent}
    kinds = _KINDS[dimension]
    open_ = [
        columns[name] for name in table.columns if name not in bound and columns[name].kind in kinds
    ]
    orders = [Draws(seed, column.name, "trap").order(column.filled) for column in open_]
    found: dict[tuple[int, str], str] = {}
    for places in zip_longest(*orders):
        for column, place in zip(open_, places, strict=True):
            if len(found) == wanted:
                return found
            if place is None or not is_free(place, column.name):
                continue
            old = column.cells[place]
            put = _odd(old, column, dimension)
            if not same_cell(old, put, column.kind):
                found[place, column.name] = put
    return found


def _odd(text: str, column: CleanColumn, dimension: Dimension) -> str:
    if column.kind is ValueKind.NUMBER:
        form = column.number_forms[text]
        mean, deviation = column.spread
        return form.write(mean + _SIGMAS * deviation) if form else text
    if column.kind is ValueKind.DATE:
        year = (parse_date(strict(text)) or "")[:4]
        return text.replace(year, str(int(year) - 60)) if year and year in text else text
    if dimension is Dimension.UNIQUENESS:
        return column.likest[text] if len(column.domain) > 1 else text
    return text.upper()
