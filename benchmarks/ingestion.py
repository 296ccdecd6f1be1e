"""How fast documents are ingested, how much of that is not the embedding model, and how much memory it takes.

    python -m benchmarks.ingestion FOLDER [--sizes N...] [--with-model N...] [--work DIR]

Speed: FOLDER is ingested end to end with the local embedder into a new database, and once more
unchanged. Beside it stand the same texts in the same calls given to the embedder alone, before
and after, because other work on the machine changes all times. "Outside" is what the ingestion
takes more than that, as a share: of the wall clock (what a person waits), and of the processor
time (which other work disturbs less). "Idle" is the wall time in which no call of the model ran.

Memory: written documents of about ten passages, for each of `--sizes` passages (1000, 10000 and
100000 unless given) with a cheap embedder of 384 dimensions, and for `--with-model` (1000) with
the local one; each in a process of its own. Peak RSS is the kernel's (`VmHWM`); it counts the pages
of the database file that are mapped, which the kernel takes back when it needs them. "Own" is the
peak of the memory that is not a file's (`RssAnon`, sampled every 20 ms).
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from loguru import logger

from backend.settings.settings import load_settings
from benchmarks.machine import machine
from benchmarks.synthetic import CheapEmbedder, write_documents
from services.documents.folder_sources import FolderSources
from services.documents.reader import DocumentReader
from services.embeddings.local import LocalEmbedder
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_library import SqliteLibrary
from services.system import SystemClock
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.chunking import cut
from use_cases.knowledge.ingest_documents import IngestDocuments
from use_cases.knowledge.model import Change, ChunkPolicy, IngestReport

_MAX_FILE_BYTES = 50_000_000
_WARM_UP = ["The pump is serviced every winter."]


class Watched:
    """Port `Embedder` around another: which texts it was given, and how long calls ran."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.id = inner.id
        self.dimensions = inner.dimensions
        self.calls: list[Sequence[str]] = []
        self.seconds = 0.0

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """What the inner one gives."""
        return await self._inner.embed_documents(texts)

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """What the inner one gives."""
        self.calls.append(texts)
        started = time.perf_counter()
        try:
            return await self._inner.embed_passages(texts)
        finally:
            self.seconds += time.perf_counter() - started

    async def embed_query(self, text: str) -> Vector:
        """What the inner one gives."""
        return await self._inner.embed_query(text)


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall clock and processor seconds (this process, all threads)."""

    wall: float
    processor: float


class Stopwatch:
    """Starts when it is made."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        """Since the start."""
        return Spent(time.perf_counter() - self._wall, time.process_time() - self._processor)


@dataclass(frozen=True, slots=True)
class Footprint:
    """One ingestion in a process of its own; memory in MB, `before` at its start.

    `processor` is in seconds; with the cheap embedder it is nearly all that is not the model's.
    """

    passages: int
    seconds: float
    processor: float
    before: float
    peak: float
    own: float
    file: float


async def ingest(embedder: Embedder, root: Path, database: Path) -> IngestReport:
    """One ingestion from start to end."""
    opened = KnowledgeDatabase(database)
    reader = DocumentReader(cut=cut)
    reader.warm()
    use_case = IngestDocuments(
        sources=FolderSources(_MAX_FILE_BYTES),
        reader=reader,
        library=SqliteLibrary(opened),
        embedder=embedder,
        clock=SystemClock(),
        chunks=ChunkPolicy(),
    )
    try:
        async for item in use_case.stream(str(root)):
            if isinstance(item, IngestReport):
                return item
    finally:
        await reader.close()
        await opened.close()
    raise AssertionError("an ingestion ends with its report")


async def show_speed(root: Path, work: Path) -> None:
    """The first table."""
    model = LocalEmbedder(load_settings().models_path)
    await model.embed_documents(_WARM_UP)
    watched = Watched(model)
    clock = Stopwatch()
    report = await ingest(watched, root, work / "speed.sqlite")
    whole = clock.spent()
    before = await _alone(model, watched.calls)
    again = await ingest(watched, root, work / "speed.sqlite")
    second, idle = work / "second.sqlite", 1 - watched.seconds / whole.wall
    clock = Stopwatch()
    await ingest(model, root, second)
    repeated = clock.spent()
    after = await _alone(model, watched.calls)
    files = sum(report.counts.values())
    print(f"{files} files, {report.counts[Change.FAILED]} failed, {report.passages} passages")
    print(f"{'':<24}{'wall s':>9}{'passages/s':>12}{'processor s':>13}")
    for name, spent in (
        ("ingestion, first", whole),
        ("ingestion, second", repeated),
        ("model alone, first", before),
        ("model alone, second", after),
    ):
        rate = report.passages / spent.wall
        print(f"{name:<24}{spent.wall:>9.1f}{rate:>12.1f}{spent.processor:>13.1f}")
    for name, part in (
        ("outside, of the wall clock", _more(whole, repeated, before, after, "wall")),
        ("outside, of processor time", _more(whole, repeated, before, after, "processor")),
        ("idle, of the wall clock", idle),
    ):
        print(f"{name:<27}{part:>7.1%}")
    print(f"unchanged, again: {files / again.seconds:.0f} files/s ({again.seconds:.2f} s)")


async def _alone(model: Embedder, calls: Sequence[Sequence[str]]) -> Spent:
    clock = Stopwatch()
    for texts in calls:
        await model.embed_documents(texts)
    return clock.spent()


def _more(first: Spent, second: Spent, before: Spent, after: Spent, kind: str) -> float:
    def seconds(spent: Spent) -> float:
        return spent.wall if kind == "wall" else spent.processor

    whole = seconds(first) + seconds(second)
    return (whole - seconds(before) - seconds(after)) / whole


def show_memory(sizes: Sequence[int], with_model: Sequence[int], work: Path) -> None:
    """The second table."""
    head = ("passages", "wall s", "processor s", "ms each", "before", "peak", "own", "database")
    print(f"\n{'embedder':<10}" + "".join(f"{name:>12}" for name in head) + "   (MB)")
    for name, amounts in (("local", with_model), ("cheap", sizes)):
        for amount in amounts:
            found = _in_a_process(name, amount, work)
            numbers = (found.before, found.peak, found.own, found.file)
            print(
                f"{name:<10}{found.passages:>12}{found.seconds:>12.1f}{found.processor:>12.1f}"
                f"{1000 * found.processor / found.passages:>12.2f}"
                + "".join(f"{number:>12.0f}" for number in numbers)
            )


def _in_a_process(embedder: str, passages: int, work: Path) -> Footprint:
    root = work / f"documents-{passages}"
    if not root.exists():
        write_documents(root, passages)
    command = [sys.executable, "-m", "benchmarks.ingestion", str(root), "--child", embedder]
    done = subprocess.run([*command, "--work", str(work)], check=True, capture_output=True)
    return Footprint(**cast("dict[str, float]", json.loads(done.stdout)))  # pyright: ignore[reportArgumentType]


def measure_memory(embedder: str, root: Path, work: Path) -> Footprint:
    """What `show_memory` runs in a process of its own."""
    model = LocalEmbedder(load_settings().models_path) if embedder == "local" else CheapEmbedder()
    asyncio.run(model.embed_documents(_WARM_UP))
    before = _memory("VmRSS")
    database = work / f"{root.name}-{embedder}.sqlite"
    with Sampling() as sampling:
        clock = Stopwatch()
        report = asyncio.run(ingest(model, root, database))
        spent = clock.spent()
    return Footprint(
        report.passages,
        spent.wall,
        spent.processor,
        before,
        _memory("VmHWM"),
        sampling.peak,
        database.stat().st_size / 1e6,
    )


class Sampling:
    """The peak of this process's memory that is no file's, in MB, while it is entered."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Sampling":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            self.peak = max(self.peak, _memory("RssAnon"))


def _memory(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description="How fast, and in how much memory, documents are ingested."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--with-model", type=int, nargs="*", default=[1_000])
    parser.add_argument(
        "--work", type=Path, help="where to write (a temporary folder unless given)"
    )
    parser.add_argument("--child", choices=["local", "cheap"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    logger.remove()
    if given.child:
        print(json.dumps(asdict(measure_memory(given.child, given.folder, given.work))))
        return
    print(machine())
    with tempfile.TemporaryDirectory(dir=given.work) as name:
        asyncio.run(show_speed(given.folder, Path(name)))
        show_memory(given.sizes, given.with_model, Path(name))
    print(machine())


if __name__ == "__main__":
    main()
