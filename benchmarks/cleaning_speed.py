"""What cleaning a large table by rules takes: seconds and memory, beside a plain `read_csv` of pandas.

    python -m benchmarks.cleaning_speed [--pandas PYTHON] [--quick]

Three made tables: 300,000 rows of 15 columns, with 200 planted faults; as many of orders, in which hardly two ids, addresses
and times are alike; and 5,000 rows of 200 columns. Each is cleaned as
`candor clean FILE --out CLEANED` does, from the file to the text of the cleaned table, in a process of its own.
PYTHON is an interpreter that has pandas; its `read_csv` is measured as the best of three. Seconds are of the
processor. Memory is what the process takes at most above what it takes before it opens the file (Linux). The goals: 12
and 60 times `read_csv`, and 4 times the size of the file.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

from benchmarks.machine import machine
from benchmarks.planted_faults import planted
from use_cases.benchmark.csv_form import csv_text
from use_cases.benchmark.model import TextTable

_CLEAN = """
import re, sys, time
from pathlib import Path
import anyio
from services.documents.string_tables import StringTableFiles
from use_cases.benchmark.clean_table import CleanTable
from use_cases.benchmark.contestants.rule_contestants import RULE_CONTESTANTS
import numpy
clean = CleanTable(table_files=StringTableFiles(), model_contestants=None)
def memory(of):
    return int(re.search(of + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
before = memory("VmRSS")
async def run():
    opened = await clean.open(sys.argv[1])
    done = await clean.propose(opened)
    change = clean.change(opened, done.edits, done.findings)
    await clean.save(sys.argv[1] + ".cleaned.csv", change)
    return len(done.findings)
started = time.process_time()
found = anyio.run(run)
seconds = time.process_time() - started
print(seconds, memory("VmHWM") - before, found)
"""
_PANDAS = """
import sys, time
import pandas
times = []
for _ in range(3):
    started = time.process_time()
    pandas.read_csv(sys.argv[1])
    times.append(time.process_time() - started)
print(min(times))
"""


def wide(rows: int, columns: int) -> TextTable:
    """Makes a table of groups of ten columns: places with their regions, codes, numbers, days, flags."""
    draw = random.Random(5)
    values = dict[str, tuple[str, ...]]()
    for group in range(columns // 10):
        places = [draw.randrange(40 + group) for _ in range(rows)]
        made = {
            "place": [f"place {place}" for place in places],
            "region": [f"region {place % 7}" for place in places],
            "code": [f"K{draw.randrange(10_000, 99_999)}" for _ in places],
            "price": [f"{draw.lognormvariate(3, 1):.2f}" for _ in places],
            "pieces": [str(draw.randrange(60)) for _ in places],
            "weight": [f"{draw.gauss(50, 9):.3f}" for _ in places],
            "day": [f"2024-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}" for _ in places],
            "flag": [draw.choice("YN") for _ in places],
            "level": [draw.choice(["low", "middle", "high"]) for _ in places],
            "note": [draw.choice(["", "", "seen", "to be called"]) for _ in places],
        }
        values.update({f"{name} {group}": tuple(cells) for name, cells in made.items()})
    ids = tuple(str(number) for number in range(1, rows + 1))
    return TextTable(tuple(values), ids, tuple(values.values()))


def orders(rows: int) -> TextTable:
    """Makes a table of orders, which its detectors were not made with."""
    draw = random.Random(6)
    start = datetime(2023, 1, 1, tzinfo=UTC)
    items = [(f"P-{n:05}", f"item {n}", f"{draw.uniform(5, 400):.2f}") for n in range(3_000)]
    places = [(f"{10_000 + 37 * n}", f"Town {n}", f"County {n % 25}") for n in range(400)]
    lines = list[tuple[str, ...]]()
    for number in range(rows):
        name = f"{draw.choice('ABCDEFGHIJ')}na {draw.choice('KLMNOPQRST')}er{draw.randrange(40)}"
        at = start + timedelta(seconds=37 * number)
        who = (
            f"{UUID(int=draw.getrandbits(128))}",
            name,
            f"{name.replace(' ', '.')}{number}@mail.example",
        )
        item, several = draw.choice(items), draw.randrange(1, 9)
        sums = str(several), item[2], f"{several * float(item[2]):.2f}"
        paid = (
            f"{draw.expovariate(0.01):.2f}",
            draw.choice(["card", "cash", "invoice"]),
            at.isoformat(" ")[:19],
        )
        lines.append(
            (*who, *draw.choice(places), *item[:2], *sums, *paid, draw.choice(["", "gift"]))
        )
    names = [
        "order",
        "name",
        "email",
        "postcode",
        "town",
        "county",
        "item",
        "title",
        "pieces",
        "price",
        "total",
        "paid",
        "by",
        "at",
        "note",
    ]
    ids = tuple(str(number) for number in range(1, rows + 1))
    return TextTable(tuple(names), ids, tuple(zip(*lines, strict=True)))


def measure(table: TextTable, file: Path, pandas: str | None) -> str:
    """Returns the line of a table."""
    file.write_text(csv_text(table))
    size = file.stat().st_size
    seconds, memory, found = map(float, _run(sys.executable, _CLEAN, file))
    times = "-"
    if pandas:
        (plain,) = map(float, _run(pandas, _PANDAS, file))
        times = f"{plain:.2f} | {seconds / plain:.1f}"
    return (
        f"| {len(table.ids):,} x {len(table.columns)} | {size / 2**20:.1f} | {seconds:.2f} | {times} "
        f"| {memory / 2**20:.0f} | {memory / size:.1f} | {found:.0f} |"
    )


def _run(python: str, program: str, file: Path) -> list[str]:
    done = subprocess.run(
        [python, "-c", program, str(file)], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


def main() -> None:
    """Print a line for each table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pandas", metavar="PYTHON", help="an interpreter that has pandas")
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    given = parser.parse_args()
    small = bool(given.quick)
    print(machine())
    print(
        "\n| table | file, MB | s | read_csv, s | times | memory, MB | times the file | findings |"
        f"\n|---|{'---:|' * 7}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for table in (
            planted("subscribers", 1, 2_000 if small else 300_000).dirty,
            orders(2_000 if small else 300_000),
            wide(200 if small else 5_000, 40 if small else 200),
        ):
            file = Path(folder, "table.csv")
            print(measure(table, file, cast("str | None", given.pandas)), flush=True)


if __name__ == "__main__":
    main()
