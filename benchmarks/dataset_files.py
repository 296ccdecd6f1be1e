"""Time and memory of reading large files of cases.

    python -m benchmarks.dataset_files [--megabytes 100]

Writes a file of each format into a temporary folder, once of a tenth of the size and once of all of
it, reads its cases in a process of its own, and prints rows, seconds and the peak of memory. A stream
needs about the same for both; what grows is 8 bytes a case, and their set, by which a repeated id is
found. The peer is the standard library's `csv` or `json` with the whole file in memory.
"""

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from benchmarks.machine import machine

READ = """
import resource, sys, time
from services.datasets.eval_files import DatasetFiles
before = time.process_time()
with open(sys.argv[1], "rb") as file:
    rows = sum(1 for _ in DatasetFiles().cases(sys.argv[1], file))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{rows:>9,} rows {time.process_time() - before:7.2f} s CPU {peak:6,} MB", end="")
"""
PEER = """
import csv, json, resource, sys, time
before = time.process_time()
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    if sys.argv[1].endswith("csv"):
        rows = list(csv.DictReader(file))
    elif sys.argv[1].endswith("jsonl"):
        rows = [json.loads(line) for line in file]
    else:
        rows = json.load(file)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{time.process_time() - before:7.2f} s CPU {peak:6,} MB")
"""
TEXT = "Which form is needed when a tank loses refrigerant, and by when must it be sent? " * 5


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=100)
    size = int(parser.parse_args().megabytes)
    print(machine())
    with TemporaryDirectory() as folder:
        for suffix, write in (("csv", as_csv), ("jsonl", as_json_lines), ("json", as_json)):
            for megabytes in (max(size // 10, 1), size):
                path = Path(folder, f"cases.{suffix}")
                with path.open("w", encoding="utf-8", newline="") as file:
                    write(file, megabytes * 2**20)
                print(f"{suffix:5} {megabytes:4} MB: {run(READ, path)}; peer {run(PEER, path)}")


def run(program: str, path: Path) -> str:
    """Run a program on a file and return what it prints."""
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def rows(length: Callable[[], int], most: int) -> Iterator[tuple[int, str]]:
    """Numbered texts until a file has its size."""
    number = 0
    while length() < most:
        number += 1
        yield number, f"{TEXT}{number}"


def as_csv(file: TextIO, most: int) -> None:
    """Write `question,tags,__expected`."""
    writer = csv.writer(file)
    writer.writerow(["question", "tags", "__expected"])
    for number, text in rows(file.tell, most):
        writer.writerow([text, "a, b", f"contains:{number}"])


def as_json_lines(file: TextIO, most: int) -> None:
    """Write one object a line."""
    for number, text in rows(file.tell, most):
        file.write(json.dumps(record(number, text)) + "\n")


def as_json(file: TextIO, most: int) -> None:
    """Write one list of objects over several lines."""
    file.write("[")
    for number, text in rows(file.tell, most):
        file.write((",\n" if number > 1 else "\n") + json.dumps(record(number, text), indent=1))
    file.write("\n]\n")


def record(number: int, text: str) -> dict[str, object]:
    """An object with an expected answer."""
    return {"question": text, "tags": ["a", "b"], "expected": str(number)}


if __name__ == "__main__":
    main()
