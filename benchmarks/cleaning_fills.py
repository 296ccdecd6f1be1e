"""How often a missing cell is filled rightly, on complete tables that lose one cell of 25.

    python -m benchmarks.cleaning_fills FOLDER

FOLDER has CSV files, at any depth. Those of 60 rows and more and of at most 25 columns are read, 2,000 rows of each.
All cells of 20 rows are labelled, the lost ones corrected; what that teaches is compared with what was lost. A fill
counts in the cells that were lost here alone: of those that were empty before nobody knows the value.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import machine
from services.documents.string_tables import parse_table
from use_cases.benchmark.contestants.teaching import CellLabel, taught
from use_cases.benchmark.model import TextTable
from use_cases.benchmark.scoring.cell_equality import is_missing
from use_cases.kernel.errors import CandorError

_ROWS, _LEAST_ROWS, _MOST_COLUMNS = 2_000, 60, 25
_LOST = 0.04
_LABELLED = 20


def complete_tables(folder: Path) -> Iterator[TextTable]:
    """The tables of a folder that can be read and have a fitting size."""
    for path in sorted(folder.rglob("*.csv")):
        try:
            whole = parse_table(path.read_bytes(), path.name)
        except CandorError:
            continue
        cells = tuple(column[:_ROWS] for column in whole.by_name.values())
        table = TextTable(whole.columns, tuple(whole.ids)[:_ROWS], cells)
        if len(table.ids) >= _LEAST_ROWS and len(table.columns) <= _MOST_COLUMNS:
            yield table


def fill(table: TextTable, chance: random.Random) -> tuple[int, int, int]:
    """Loses cells, teaches, and fills: how many were lost, filled, and filled rightly."""
    lost = {
        (row, name): ""
        for row in table.ids
        for name in table.columns
        if not is_missing(table.cell(row, name)) and chance.random() < _LOST
    }
    dirty, rows = table.with_cells(lost), chance.sample(table.ids, _LABELLED)
    labels = [
        CellLabel(row, name, "corrected" if (row, name) in lost else "right", table.cell(row, name))
        for row in rows
        for name in table.columns
    ]
    unseen = lost.keys() - {(row, name) for row in rows for name in table.columns}
    found = [each for each in taught(dirty, (), labels) if (each.row, each.column) in unseen]
    filled = [each for each in found if each.repair is not None and each.column is not None]
    right = sum(table.cell(each.row, each.column or "") == each.repair for each in filled)
    return len(unseen), len(filled), right


def main() -> None:
    """Print how many of the lost cells are filled, and how many of those rightly."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    chance = random.Random(11)
    print(machine())
    counts = [fill(table, chance) for table in complete_tables(parser.parse_args().folder)]
    lost, filled, right = (sum(each) for each in zip(*counts, strict=True))
    print(f"{len(counts)} tables, {lost:,} lost cells; filled {filled:,}, rightly {right:,}:")
    print(f"{right / filled:.3f} of the filled ones, {right / lost:.3f} of the lost ones")


if __name__ == "__main__":
    main()
