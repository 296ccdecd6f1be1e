"""How fast hard errors are put into a table of every kind of column.

    python -m benchmarks.cleaning_injection [--rows N] [--quick]

The table is that of `cleaning_scores`, with dependencies and a reference between its columns. Time is
processor time of one process.
"""

import argparse
import random
import time
from dataclasses import replace
from typing import cast

from benchmarks.cleaning_scores import made_task
from benchmarks.machine import machine
from use_cases.benchmark.injection.inject_errors import INJECTED, inject_errors
from use_cases.benchmark.model import Dependency, Difficulty, TableSchema, TextTable, ValueKind


def main() -> None:
    """Read the arguments, inject each dimension, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    given = parser.parse_args()
    clean, schema = _table(1_000 if given.quick else cast("int", given.rows))
    print(machine(), flush=True)
    print(f"\n{len(clean.ids):,} rows x {len(clean.columns)} columns, hard errors\n")
    print("| dimension | s | errors |\n|---|---|---|")
    for dimension in INJECTED:
        start = time.process_time()
        made = inject_errors(clean, schema, dimension, Difficulty.HARD, 7)
        seconds = time.process_time() - start
        print(f"| {dimension} | {seconds:.2f} | {len(made.errors):,} |", flush=True)


def _table(rows: int) -> tuple[TextTable, TableSchema]:
    task, _ = made_task(rows, random.Random(1))
    city = tuple(f"City{int(code) % 900}" for code in task.clean.by_name["postcode"])
    new = {
        "kind2": city,
        "kind3": tuple(f"Land{int(name[4:]) % 30}" for name in city),
        "kind4": tuple(f"C{max(0, at - 3):07}" for at in range(rows)),
    }
    clean = replace(task.clean, values=tuple(({**task.clean.by_name, **new}).values()))
    return clean, replace(
        task.schema,
        kinds={**task.schema.kinds, "kind4": ValueKind.IDENTIFIER},
        key=("code",),
        dependencies=(Dependency(("postcode",), "kind2"), Dependency(("kind2",), "kind3")),
        references=(("kind4", "code"),),
    )


if __name__ == "__main__":
    main()
