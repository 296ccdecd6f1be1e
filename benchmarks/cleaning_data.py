"""The public dirty tables: how many rows, columns and wrong cells they have, against published counts.

    python -m benchmarks.cleaning_data --data DIR

DIR has a folder for each table, with `dirty.csv` and `clean.csv`. Cells are compared as Raha does.
Status 1 if a count differs from the published one.
"""

import argparse
from collections.abc import Sequence

import anyio

from services.documents.string_tables import StringTableFiles
from use_cases.benchmark.model import Task
from use_cases.benchmark.scoring.cell_equality import EqualityRule, same_cell
from use_cases.benchmark.tasks import LoadTasks

PUBLISHED = {
    "hospital": 509,
    "hospital_holoclean": 509,
    "flights": 4_920,
    "beers": 4_362,
    "rayyan": 948,
    "tax_10k": 6_218,
    "renuver_restaurant": 259,
    "rein_smartfactory": 7_093,
}
"""Wrong cells: of the papers on Raha and HoloClean where they give them, else an independent count."""


def tasks(folder: str) -> Sequence[Task]:
    """Every task of a folder."""
    return anyio.run(LoadTasks(table_files=StringTableFiles(), sample_tables="").folder, folder)


def show_counts(found: Sequence[Task]) -> bool:
    """Print a line for each task; whether all counts are the published ones."""
    print(f"{'task':24}{'rows':>8}{'columns':>9}{'wrong':>8}{'rate':>8}  {'published':>9}  rules")
    right = True
    for task in found:
        wrong = _wrong_cells(task)
        rows, columns = len(task.clean.ids), len(task.clean.columns)
        published = PUBLISHED.get(task.table)
        right &= published in (None, wrong)
        print(
            f"{task.table:24}{rows:8,}{columns:9}{wrong:8,}{wrong / rows / columns:8.2%}"
            f"  {'-' if published is None else f'{published:,}':>9}  {len(task.schema.dependencies)}"
        )
    return right


def _wrong_cells(task: Task) -> int:
    """Counts the cells that differ from the truth after the normalisation of Raha."""
    places = [task.dirty.place_of[row] for row in task.clean.ids]
    return sum(
        not same_cell(task.dirty.by_name[name][place], right, rule=EqualityRule.STRICT)
        for name in task.clean.columns
        for place, right in zip(places, task.clean.by_name[name], strict=True)
    )


def main() -> None:
    """Print the table; exit with status 1 if a count differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder with a folder for each table")
    raise SystemExit(0 if show_counts(tasks(str(parser.parse_args().data))) else 1)


if __name__ == "__main__":
    main()
