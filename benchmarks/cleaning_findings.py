"""What `candor clean` finds in tables with planted faults, and whom it accuses wrongly.

    python -m benchmarks.cleaning_findings [--seed N] [--only NAME] [--data DIR] [--missed]

A fault is found where a finding names one of its cells, or its row where the row itself is the fault. Accused are the
findings of cells that are right, as a share of all right cells. `subscribers` is what thresholds were chosen
on, `parts` is not. The `reports` are of many sources that contradict each other: there the repairs are measured, with
the dependencies stated and without. Thresholds were chosen on the seeds 1 to 4. With DIR (a folder for each table, with `clean.csv`) the clean tables are looked at too:
there every finding is an accusation.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import anyio

from benchmarks.machine import machine
from benchmarks.planted_faults import planted, reports
from services.documents.string_tables import StringTableFiles
from use_cases.benchmark.contestants.combined import combine_evidence
from use_cases.benchmark.contestants.rule_contestants import RULE_CONTESTANTS
from use_cases.benchmark.model import Dependency, Finding, TableSchema, Task, TextTable
from use_cases.benchmark.ports import CleaningRequest
from use_cases.benchmark.scoring.task_score import score_cleaning


def report(name: str, seed: int, *, missed: bool) -> None:
    """Print the faults found of each kind, and the share of the right cells that are accused."""
    made = planted(name, seed)
    findings = combine_evidence(made.dirty, TableSchema())
    named = {(each.row, each.column) for each in findings}
    faulty = {(fault.row, cell) for fault in made.faults for cell in fault.cells or (None,)}
    planned, found = Counter[str](), Counter[str]()
    for fault in made.faults:
        planned[fault.kind] += 1
        hit = any((fault.row, cell) in named for cell in fault.cells or (None,))
        found[fault.kind] += hit
        if missed and not hit:
            print("missed", fault, [made.dirty.cell(fault.row, cell) for cell in fault.cells])
    print(f"\n**{name}**, seed {seed}, {len(made.dirty.ids):,} x {len(made.dirty.columns)}\n")
    print("| kind | planted | found |\n|---|---:|---:|")
    for kind, count in planned.items():
        print(f"| {kind} | {count} | {found[kind]} |")
    print(f"| all | {planned.total()} | {found.total() / planned.total():.3f} |")
    wrong = [each for each in findings if (each.row, each.column) not in faulty]
    _accused(made.dirty, wrong, len(faulty))
    if missed:
        for each in wrong[:200]:
            print("accused", each)
    repaired = [each for each in findings if each.repair is not None and each.column is not None]
    right = sum(
        each.row in made.clean.place_of
        and each.repair == made.clean.cell(each.row, str(each.column))
        for each in repaired
    )
    print(f"Of {len(repaired)} repairs {right} are right.")


def report_sources(seeds: Sequence[int]) -> None:
    """Print how reports are repaired, by a plain vote and by all evidence, told or not."""
    print("\n| reports, seed | by | P | R | F1 | damage |\n|---|---|---:|---:|---:|---:|")
    for seed in seeds:
        made = reports(seed)
        times = made.clean.columns[2:]
        stated = TableSchema(dependencies=tuple(Dependency(("flight",), name) for name in times))
        for name, by, schema in (
            ("a plain vote, told", RULE_CONTESTANTS["dependencies"], stated),
            ("combined, told", RULE_CONTESTANTS["combined"], stated),
            ("combined, not told", RULE_CONTESTANTS["combined"], TableSchema()),
        ):
            task = Task(task_id="reports", table="reports", dirty=made.dirty, clean=made.clean)
            cleaning = anyio.run(by.clean, CleaningRequest(dirty=made.dirty, schema=schema))
            scores = score_cleaning(task, cleaning).score.strict.repair
            found = scores.repair
            shares = " | ".join(
                f"{each or 0:.3f}" for each in (found.precision, found.recall, found.f1)
            )
            print(f"| {seed} | {name} | {shares} | {scores.corruption_rate or 0:.3%} |")


def _accused(table: TextTable, wrong: list[Finding], faulty: int = 0) -> None:
    clean = len(table.ids) * len(table.columns) - faulty
    print(f"\nAccused: {len(wrong):,} of {clean:,} right cells, {len(wrong) / clean:.3%}.")


def report_clean(folder: Path, *, missed: bool) -> None:
    """Print the share of a clean table that is accused."""
    path = str(folder / "clean.csv")
    table, _ = anyio.run(StringTableFiles().read_loosely, path)
    findings = combine_evidence(table, TableSchema())
    print(f"\n**clean {folder.name}**, {len(table.ids):,} x {len(table.columns)}")
    _accused(table, list(findings))
    print(", ".join(f"{kind} {n}" for kind, n in Counter(each.kind for each in findings).items()))
    if missed:
        for each in findings[:: max(1, len(findings) // 40)]:
            print("accused", each)


def main() -> None:
    """Print a table for each planted table, and a line for each clean one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["subscribers", "parts"])
    parser.add_argument("--data", type=Path, help="folder with a folder for each table")
    parser.add_argument("--missed", action="store_true", help="name what is missed and accused")
    given = parser.parse_args()
    print(machine())
    for name in ("subscribers", "parts"):
        if given.only in (None, name):
            report(name, int(given.seed), missed=bool(given.missed))
    if given.only is None:
        report_sources(range(int(given.seed) + 10, int(given.seed) + 13))
    data = cast("Path | None", given.data)
    for clean in sorted(data.glob("*/clean.csv")) if data else ():
        report_clean(clean.parent, missed=bool(given.missed))


if __name__ == "__main__":
    main()
