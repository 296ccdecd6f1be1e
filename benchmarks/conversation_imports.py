"""Time and memory of importing a large export, and of importing it again.

    python -m benchmarks.conversation_imports [--megabytes 100] [--quick]

Writes an export in the form of ChatGPT's, with branches, reasoning and tools, and imports it into a new
database, each time in a process of its own. Extra memory is the peak above that of an import of one
conversation, which loads the same program. The peer is `json.load` of the same file, which stores
nothing.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import machine

IMPORT = """
import asyncio, resource, sys, time
from pathlib import Path
from services.conversation_files.exported_files import LocalConversationFiles
from services.store.imports import SqlImports
from services.store.store import Store
from services.system import SystemClock
from services.system import TimeSortedIds
from services.web.guarded import GuardedRequests
from use_cases.conversations.import_conversations import ImportConversations
from use_cases.conversations.importers.share_pages import SharedPages
from use_cases.kernel.model import LOCAL

async def run():
    store, clock = Store(Path(sys.argv[2])), SystemClock()
    await store.open()
    importing = ImportConversations(
        conversation_files=LocalConversationFiles(),
        shared_pages=SharedPages(share_web=GuardedRequests()),
        imports=SqlImports(store, ids=TimeSortedIds(clock=clock)),
        clock=clock,
    )
    before, cpu = time.perf_counter(), time.process_time()
    async for last in importing.stream(LOCAL, sys.argv[1]):
        pass
    spent, used = time.perf_counter() - before, time.process_time() - cpu
    await store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in last.outcomes.items())
    print(spent, used, peak, f"{outcomes}; {last.report.messages:,} messages", sep="|")

asyncio.run(run())
"""
PEER = """
import json, resource, sys, time
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, cpu = time.perf_counter(), time.process_time()
with open(sys.argv[1], encoding="utf-8") as file:
    loaded = json.load(file)
spent, used = time.perf_counter() - before, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - base
print(spent, used, peak, f"{len(loaded):,} loaded", sep="|")
"""
TEXT = "The tank has lost its refrigerant, and the form must be sent within two days. " * 40


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--quick", action="store_true", help="1 MB, to see that it runs")
    given = parser.parse_args()
    size = 1 if given.quick else int(given.megabytes)
    print(machine())
    print(f"{'':14} {'seconds':>8} {'CPU':>8} {'extra MB':>9}")
    with TemporaryDirectory() as folder:
        file, one = Path(folder, "export.json"), Path(folder, "one.json")
        one.write_text(json.dumps([chat(0)]))
        with file.open("w") as out:
            for piece in pieces(size * 2**20):
                out.write(piece)
        _, _, program, _ = run(IMPORT, one, Path(folder, "one.sqlite"))
        database = Path(folder, "candor.sqlite")
        first = run(IMPORT, file, database)
        show("first import", first, program)
        second = run(IMPORT, file, database)
        show("second import", second, program)
        show("json.load", run(PEER, file), 0.0)
        share = second[0] / first[0], second[1] / first[1]
        print(f"the second takes {share[0]:.0%} of the first's time, {share[1]:.0%} of its CPU")
        print(
            f"{file.stat().st_size / 2**20:.0f} MB became {database.stat().st_size / 2**20:.0f} MB"
        )


def run(program: str, *paths: Path) -> tuple[float, float, float, str]:
    """Run a program; return seconds, seconds of CPU, MB at the peak, and what came of it."""
    command = [sys.executable, "-c", program, *map(str, paths)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, cpu, peak, outcome = found.strip().split("|")
    return float(seconds), float(cpu), float(peak), outcome


def show(name: str, found: tuple[float, float, float, str], program: float) -> None:
    """Print a line; `program` is the memory that the program needs for itself."""
    seconds, cpu, peak, outcome = found
    print(f"{name:14} {seconds:8.1f} {cpu:8.1f} {peak - program:9.0f}  {outcome}")


def pieces(most: int) -> Iterator[str]:
    """An export of this many characters, a conversation at a time."""
    written, number, before = 0, 0, "["
    while written < most:
        piece = before + json.dumps(chat(number))
        written, number, before = written + len(piece), number + 1, ",\n"
        yield piece
    yield "]\n"


def chat(number: int) -> dict[str, object]:
    """A conversation of twelve turns; the last question has two answers."""
    nodes: dict[str, object] = {}
    parent: str | None = None
    for turn in range(12):
        for kind in ("user", "assistant"):
            key = f"{number}-{turn}-{kind}"
            nodes[key] = node(key, parent, kind, f"{TEXT}{number} {turn}")
            parent = key
    nodes[f"{number}-other"] = node(f"{number}-other", f"{number}-11-user", "assistant", TEXT)
    return {
        "conversation_id": f"conversation-{number}",
        "title": f"Conversation {number}",
        "create_time": 1_700_000_000 + number,
        "update_time": 1_700_000_900 + number,
        "mapping": nodes,
        "current_node": parent,
    }


def node(key: str, parent: str | None, role: str, text: str) -> dict[str, object]:
    """A message in the tree."""
    message = {
        "id": key,
        "author": {"role": role},
        "create_time": 1_700_000_000.5,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
    }
    return {"id": key, "message": message, "parent": parent, "children": []}


if __name__ == "__main__":
    main()
