"""How fast cleanings are scored, how well rows without ids are found, and whether Raha agrees.

    python -m benchmarks.cleaning_scores [--rows N] [--data DIR] [--raha PYTHON] [--quick]

The table has 15 columns of every kind, of which six hardly repeat; five in a hundred cells are wrong, and
the output has repaired four of five. Time is processor time of one process, memory its peak.

PYTHON is an interpreter with raha 1.26, in a virtual environment of its own:

    python3 -m venv /tmp/raha && /tmp/raha/bin/pip install "raha==1.26" "pandas<3"

Raha then evaluates the same files, random tables and those below DIR (folders with `dirty.csv` and
`clean.csv`), and must name the same errors, the same edits and the same six figures. Raha aligns rows by
position, so its outputs keep their order. DIR is never copied.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import anyio

from benchmarks.machine import machine
from services.documents.string_tables import StringTableFiles
from use_cases.benchmark.csv_form import csv_text
from use_cases.benchmark.model import (
    TableSchema,
    Task,
    TextTable,
    ValueKind,
)
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.cell_outcomes import EDITED, WAS_WRONG
from use_cases.benchmark.scoring.find_row_ids import find_row_ids
from use_cases.benchmark.scoring.task_score import Retrieval, score_cleaning

_RAHA = """
import json, sys
from raha.dataset import Dataset
for folder in map(str.strip, sys.stdin):
    data = Dataset({"name": "x", "path": f"{folder}/dirty.csv", "clean_path": f"{folder}/clean.csv",
                    "repaired_path": f"{folder}/output.csv"})
    edits = data.get_correction_dictionary()
    print(json.dumps({"figures": data.get_data_cleaning_evaluation(edits), "edits": sorted(edits),
                      "errors": sorted(data.get_actual_errors_dictionary())}, default=int))
"""
_MARKS = ["ann", "bob", "a &amp; b", "a & b", " bob", "b  c", "b\tc", "", "N/A", "5", "5.0", "é"]


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="folders with dirty.csv and clean.csv")
    parser.add_argument("--raha", help="an interpreter with raha 1.26")
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    given = parser.parse_args()
    quick = bool(given.quick)
    print(machine(), flush=True)
    report_speed(1_000 if quick else cast("int", given.rows))
    report_matching(300 if quick else 5_000)
    if given.raha:
        data = cast("Path | None", given.data)
        folders = sorted(each.parent for each in data.glob("*/dirty.csv")) if data else []
        if not agrees_with_raha(cast("str", given.raha), folders, 20 if quick else 200):
            sys.exit("Raha disagrees.")


def report_speed(rows: int) -> None:
    """The table of times: one output each that is typical, moved, shorter, blank, and right."""
    draw = random.Random(1)
    task, output = made_task(rows, draw)
    kept = frozenset(draw.sample(task.dirty.ids, rows // 10))
    outputs = {
        "four of five errors repaired": output,
        "the same, rows and columns reversed": _reversed(output),
        "the same, a tenth of the rows dropped": output.without_rows(kept),
        "every cell blank": replace(output, values=(("",) * rows,) * len(output.columns)),
        "the truth": task.clean,
        "nothing done": task.dirty,
    }
    print(f"\n{rows:,} rows x {len(output.columns)} columns; both rules, drift and claims\n")
    print("| output | s | peak MB | recall | corruption |\n|---|---|---|---|---|")
    for name, made in outputs.items():
        start = time.process_time()
        found = score_cleaning(task, Cleaning(output=made)).score.first.repair
        seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        recall, damage = found.repair.recall or 0.0, found.corruption_rate or 0.0
        print(f"| {name} | {seconds:.2f} | {peak:.0f} | {recall:.3f} | {damage:.4f} |", flush=True)


def report_matching(rows: int) -> None:
    """How many rows of a shuffled output without ids get the id they had."""
    print(f"\n{rows:,} shuffled rows without ids\n")
    print("| columns | s | right row |\n|---|---|---|")
    draw = random.Random(2)
    task, output = made_task(rows, draw)
    for name, columns in (
        ("all 15", output.columns),
        ("8, of which two hardly repeat", output.columns[4:12]),
    ):
        order = draw.sample(range(rows), rows)
        moved = TextTable(
            columns,
            tuple(f"x{place}" for place in range(rows)),
            tuple(tuple(output.by_name[each][place] for place in order) for each in columns),
        )
        start = time.process_time()
        found, _ = find_row_ids(task.dirty, task.clean, moved)
        seconds = time.process_time() - start
        right = sum(output.ids[place] == row for place, row in zip(order, found.ids, strict=True))
        print(f"| {name} | {seconds:.2f} | {right / rows:.2%} |", flush=True)


def agrees_with_raha(python: str, folders: Sequence[Path], count: int) -> bool:
    """Whether Raha names the same errors and edits, and computes the same figures."""
    with TemporaryDirectory() as place:
        cases = {
            **{f"random {n}": _random_case(n) for n in range(count)},
            **dict(_real_cases(folders)),
        }
        for number, (task, output) in enumerate(cases.values()):
            folder = Path(place, str(number))
            folder.mkdir()
            for name, made in (("dirty", task.dirty), ("clean", task.clean), ("output", output)):
                (folder / f"{name}.csv").write_text(csv_text(made), encoding="utf-8", newline="")
        lines = "".join(f"{Path(place, str(number))}\n" for number in range(len(cases)))
        answered = subprocess.run(
            [python, "-c", _RAHA], input=lines, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    same = 0
    print("\n| table | errors | Raha's figures | same |\n|---|---|---|---|")
    for (name, (task, output)), answer in zip(cases.items(), answered, strict=True):
        theirs = cast("Mapping[str, object]", json.loads(answer))
        ours = _as_raha(task, output)
        equal = ours == {**theirs, "figures": _rounded(cast("list[float]", theirs["figures"]))}
        same += equal
        if not (name.startswith("random") and equal):
            errors = len(cast("list[object]", theirs["errors"]))
            print(f"| {name} | {errors:,} | {ours['figures']} | {'yes' if equal else 'NO'} |")
    print(f"\nRaha agrees cell for cell on {same} of {len(cases)} tables, {count} of them random.")
    return same == len(cases)


def _as_raha(task: Task, output: TextTable) -> Mapping[str, object]:
    scored = score_cleaning(task, Cleaning(output=output))
    flags = list(scored.outcomes.flags[EqualityRule.STRICT].values())
    columns, rows = range(len(flags)), range(len(task.clean.ids))
    repair = scored.score.strict.repair
    edits = repair.counts.edits
    return {
        "figures": _rounded([*_figures(repair.detection, edits), *_figures(repair.repair, edits)]),
        **{
            name: [[row, col] for row in rows for col in columns if flags[col][row] & flag]
            for name, flag in (("edits", EDITED), ("errors", WAS_WRONG))
        },
    }


def _figures(found: Retrieval, edits: int) -> Sequence[float]:
    """Returns precision, recall and F1 as Raha computes them: 0 wherever a denominator is 0."""
    return (found.precision or 0.0, found.recall or 0.0, found.f1) if edits else (0.0,) * 3


def _rounded(figures: Sequence[float]) -> list[float]:
    return [round(figure, 12) for figure in figures]


def _random_case(seed: int) -> tuple[Task, TextTable]:
    draw = random.Random(seed)
    rows, columns = draw.randint(1, 30), draw.randint(2, 6)
    tables = [
        [[draw.choice(_MARKS) for _ in range(rows)] for _ in range(columns)] for _ in range(3)
    ]
    rates = draw.choice([(0.0, 0.0), (0.2, 0.2), (0.2, 0.0), (0.0, 0.2), (0.5, 0.9)])
    clean, dirty, output = tables
    for column in range(columns):
        for row in range(rows):
            if draw.random() >= rates[0]:
                dirty[column][row] = clean[column][row]
            if draw.random() >= rates[1]:
                output[column][row] = draw.choice((dirty, clean))[column][row]
    names, ids = tuple("abcdef"[:columns]), tuple(map(str, range(rows)))
    made = [TextTable(names, ids, tuple(map(tuple, each))) for each in (dirty, clean, output)]
    return _task(made[0], made[1], {}), made[2]


def _real_cases(folders: Sequence[Path]) -> Iterator[tuple[str, tuple[Task, TextTable]]]:
    for folder in folders:
        dirty, clean = (
            anyio.run(StringTableFiles().read, str(folder / f"{name}.csv"))
            for name in ("dirty", "clean")
        )
        if set(dirty.columns) != set(clean.columns) or dirty.ids != clean.ids:
            continue  # a truth in another form, which Raha does not read
        clean = replace(
            clean, columns=dirty.columns, values=tuple(clean.by_name[n] for n in dirty.columns)
        )
        yield folder.name, (_task(dirty, clean, {}), half_repaired(dirty, clean, random.Random(3)))


def half_repaired(dirty: TextTable, clean: TextTable, draw: random.Random) -> TextTable:
    """An output that repairs half of the errors, and empties one cell in a hundred."""
    return replace(
        dirty,
        values=tuple(
            tuple(
                "" if draw.random() < 0.01 else draw.choice(pair)
                for pair in zip(*both, strict=True)
            )
            for both in zip(dirty.values, clean.values, strict=True)
        ),
    )


def made_task(rows: int, draw: random.Random) -> tuple[Task, TextTable]:
    """A table of every kind of column, its dirty copy, and an output."""
    columns: dict[str, tuple[ValueKind, list[str]]] = {
        "code": (ValueKind.IDENTIFIER, [f"C{n:07}" for n in range(rows)]),
        "phone": (ValueKind.IDENTIFIER, [f"+49 {draw.randrange(10**9)}" for _ in range(rows)]),
        "street": (ValueKind.TEXT, [f"{draw.randrange(10**6)} High St" for _ in range(rows)]),
        "salary": (ValueKind.NUMBER, [f"{draw.random() * 1e5:.2f}" for _ in range(rows)]),
        "rate": (ValueKind.NUMBER, [f"{draw.random():.6f}" for _ in range(rows)]),
        "born": (ValueKind.DATE, [_day(draw) for _ in range(rows)]),
        "name": (ValueKind.TEXT, [f"ann{draw.randrange(2000)}" for _ in range(rows)]),
        "age": (ValueKind.NUMBER, [str(draw.randrange(100)) for _ in range(rows)]),
        "postcode": (ValueKind.CATEGORY, [f"{draw.randrange(5000):05}" for _ in range(rows)]),
        "member": (ValueKind.BOOLEAN, [draw.choice(["yes", "no"]) for _ in range(rows)]),
    }
    for place in range(5):
        kind = [draw.choice("abcdefghij") for _ in range(rows)]
        columns[f"kind{place}"] = (ValueKind.CATEGORY, kind)
    ids = tuple(map(str, range(rows)))
    clean = TextTable(tuple(columns), ids, tuple(tuple(values) for _, values in columns.values()))
    dirty = replace(
        clean,
        values=tuple(
            tuple(f"{cell}x" if draw.random() < 0.05 else cell for cell in column)
            for column in clean.values
        ),
    )
    output = replace(
        clean,
        values=tuple(
            tuple(
                right if draw.random() < 0.8 else "" if draw.random() < 0.01 else wrong
                for right, wrong in zip(*both, strict=True)
            )
            for both in zip(clean.values, dirty.values, strict=True)
        ),
    )
    return _task(dirty, clean, {name: kind for name, (kind, _) in columns.items()}), output


def _task(dirty: TextTable, clean: TextTable, kinds: Mapping[str, ValueKind]) -> Task:
    return Task(
        task_id="made",
        table="made",
        dirty=dirty,
        clean=clean,
        schema=TableSchema(kinds=kinds),
    )


def _reversed(table: TextTable) -> TextTable:
    values = tuple(column[::-1] for column in table.values[::-1])
    return TextTable(table.columns[::-1], table.ids[::-1], values)


def _day(draw: random.Random) -> str:
    return f"{draw.randrange(1940, 2010)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"


if __name__ == "__main__":
    main()
