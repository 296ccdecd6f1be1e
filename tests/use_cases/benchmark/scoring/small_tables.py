"""Small tables for the tests of scoring: one text for each row, its cells apart by spaces."""

from use_cases.benchmark.model import TextTable


def table(columns: str, *rows: str, ids: str = "") -> TextTable:
    """Rows such as `a 1 _`, where `_` is an empty cell; ids are `1`, `2`, ... unless given."""
    cells = [["" if cell == "_" else cell for cell in row.split()] for row in rows]
    names = tuple(columns.split())
    return TextTable(
        names,
        tuple(ids.split()) if ids else tuple(str(n) for n in range(1, len(rows) + 1)),
        tuple(tuple(row[place] for row in cells) for place in range(len(names))),
    )
