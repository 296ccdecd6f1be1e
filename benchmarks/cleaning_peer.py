"""Raha and Baran end to end on dirty tables with their truth, scored as the contestants are.

    python -m benchmarks.cleaning_peer --raha-python PYTHON --data DIR [--only TABLE ...] [--seed N]
        [--out DIR]

PYTHON is an interpreter with raha 1.26, in a virtual environment of its own:

    python3 -m venv /tmp/raha
    /tmp/raha/bin/pip install "raha==1.26" "pandas<3" "numpy==1.26.4" scikit-learn

Raha detects errors and Baran corrects them, both from the same 20 rows, which the truth labels: the
pipeline of their authors (github.com/BigDaMa/raha, "minimal and integrated"). The labelled errors count
as repaired, as in their papers. The processes that Raha starts are not seeded, so that figures vary from
run to run. `--out` keeps the corrected tables, for `candor benchmark score`. Status 1 if Raha failed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import anyio

from benchmarks.cleaning import head, row
from benchmarks.cleaning_data import tasks
from benchmarks.machine import machine
from services.documents.string_tables import StringTableFiles
from use_cases.benchmark.csv_form import csv_text
from use_cases.benchmark.model import Task, TextTable
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.task_score import score_cleaning

_RAHA = """
import pickle, random, sys
from pathlib import Path
import numpy
from raha import Correction, Detection
folder, seed = Path(sys.argv[1]), int(sys.argv[2])
random.seed(seed)
numpy.random.seed(seed)
Detection().run({"name": "table", "path": f"{folder}/dirty.csv", "clean_path": f"{folder}/clean.csv"})
found = folder / "raha-baran-results-table/error-detection/detection.dataset"
data = pickle.loads(found.read_bytes())
baran = Correction()
baran.initialize_dataset(data)
baran.initialize_models(data)
for row in data.labeled_tuples:
    data.sampled_tuple = row
    baran.update_models(data)
    baran.predict_corrections(data)
data.create_repaired_dataset(data.corrected_cells)
data.write_csv_dataset(folder / "output.csv", data.repaired_dataframe)
wrong = sum(label for label, _ in data.labeled_cells.values())
print(f"{len(data.labeled_tuples)} rows were labelled; {wrong} of their cells are wrong.")
"""


def main() -> None:
    """Print a table for each task."""
    given = arguments()
    out, only = cast("Path | None", given.out), cast("list[str] | None", given.only)
    print(f"{machine()}; seed {given.seed}", flush=True)
    failed = False
    for task in tasks(str(given.data)):
        if only is not None and task.table not in only:
            continue
        print(head(task), flush=True)
        try:
            print(_measure(task, str(given.raha_python), cast("int", given.seed), out), flush=True)
        except subprocess.CalledProcessError as error:
            failed = True
            print(f"\nRaha failed: {(cast('str', error.stderr).splitlines() or ['?'])[-1]}")
    sys.exit(1 if failed else 0)


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments; those of the command line where none are given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--raha-python", required=True, type=_program, help="an interpreter with raha 1.26"
    )
    parser.add_argument("--data", required=True, help="folder with a folder for each table")
    parser.add_argument("--only", nargs="+", metavar="TABLE", help="these tables")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="folder for the corrected tables")
    return parser.parse_args(given)


def _program(text: str) -> str:
    if shutil.which(text) is None:
        raise argparse.ArgumentTypeError(f"{text} is no program")
    return text


def _measure(task: Task, python: str, seed: int, out: Path | None) -> str:
    clean = TextTable(
        task.dirty.columns,
        task.dirty.ids,
        tuple(
            tuple(task.clean.cell(each, name) for each in task.dirty.ids)
            for name in task.dirty.columns
        ),
    )  # Raha aligns by position
    with TemporaryDirectory() as place:
        folder = Path(place)
        for name, table in (("dirty", task.dirty), ("clean", clean)):
            (folder / f"{name}.csv").write_text(csv_text(table), encoding="utf-8", newline="")
        started = time.perf_counter()
        labels = subprocess.run(
            [python, "-c", _RAHA, place, str(seed)],
            env=os.environ | {"TMPDIR": place},  # two runs would share files of one name
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]
        seconds = time.perf_counter() - started
        made = folder / "output.csv"
        output = replace(anyio.run(StringTableFiles().read, str(made)), ids=task.dirty.ids)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            shutil.copy(made, out / f"{task.table}.csv")
    score = score_cleaning(task, Cleaning(output=output)).score
    edits = score.strict.repair.counts.edits
    return f"{row('Raha + Baran', edits, score, seconds)}\n\n{labels}"


if __name__ == "__main__":
    main()
