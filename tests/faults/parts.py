"""The real parts of ingestion with a cheap embedder, and documents to feed them.

A run is a plain function of picklable values, so that it can be the whole of a process that is
killed, or of two that compete. The processes come from a fork server that has everything
imported: thirty of them cost little.
"""

import hashlib
import multiprocessing
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias, cast

import anyio

from services.documents.folder_sources import FolderSources
from services.documents.reading_worker import read_document
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from services.system import SystemClock
from tests.patience import PATIENCE
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.ingest_documents import IngestDocuments
from use_cases.knowledge.ingest_stages import Stage, StageReport
from use_cases.knowledge.model import (
    ChunkPolicy,
    FileOutcome,
    IngestProgress,
    IngestReport,
    ParsedDocument,
)
from use_cases.knowledge.reindex import ReindexKnowledge

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "tests.faults.parts",
        "tests.faults.tuning",
        "tests.faults.working_off",
        "tests.faults.importing",
        "tests.faults.indexing_conversations",
    ]
)

MAX_FILE_BYTES = 50_000_000
_NOBODY = 65_534
_BLOCK = 1 << 16
_WORDS = (
    *("pump", "valve", "filter", "winter", "invoice", "holiday", "engineer", "bearing", "seal"),
    *("pressure", "manual", "spare", "tank", "cooling", "sensor", "alarm", "warranty", "hose"),
    *("contract", "customer", "site", "visit", "report", "gauge", "motor", "fan", "gasket"),
)


class CheapEmbedder:
    """Port `Embedder`: unit vectors drawn from a text's hash, the same in every process.

    `given` is the length of its vectors where that differs from what it says.
    """

    def __init__(self, name: str = "cheap:1", dimensions: int = 16, given: int = 0) -> None:
        self.id = name
        self.dimensions = dimensions
        self._given = given or dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One vector per text."""
        return [self._vector(text) for text in texts]

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Vectors alone."""
        return [PassageVectors(self._vector(text)) for text in texts]

    async def embed_query(self, text: str) -> Vector:
        """The same as for a document."""
        return self._vector(text)

    def _vector(self, text: str) -> Vector:
        drawn = random.Random(hashlib.sha256(text.encode()).digest())
        numbers = [drawn.gauss(0, 1) for _ in range(self._given)]
        length = sum(number * number for number in numbers) ** 0.5
        return struct.pack(f"<{self._given}f", *(number / length for number in numbers))


class ReaderHere:
    """Port `Reader` in this process: what is killed here is the whole of it."""

    async def parse(
        self,
        name: str,
        content: bytes,
        description: bytes | None = None,
        *,
        chunks: ChunkPolicy | None = None,
    ) -> ParsedDocument:
        """What the real one's processes do."""
        return await anyio.to_thread.run_sync(read_document, name, content, description)


OTHER_EMBEDDER = CheapEmbedder("cheap:2", 24)


@dataclass(frozen=True, slots=True)
class Index:
    """A knowledge database with what writes and reads it."""

    database: KnowledgeDatabase
    library: SqliteLibrary
    lanes: SqliteLanes

    @classmethod
    def at(cls, path: Path) -> "Index":
        """Over the file `path`, which need not exist."""
        database = KnowledgeDatabase(path)
        return cls(database, SqliteLibrary(database), SqliteLanes(database, in_memory=False))

    def ingest(self, embedder: Embedder | None) -> IngestDocuments:
        """The use case over it."""
        return IngestDocuments(
            sources=FolderSources(MAX_FILE_BYTES),
            reader=ReaderHere(),
            library=self.library,
            embedder=embedder,
            clock=SystemClock(),
            chunks=ChunkPolicy(),
        )

    def reindex(self, embedder: Embedder | None) -> ReindexKnowledge:
        """The use case over it."""
        return ReindexKnowledge(
            sources=FolderSources(MAX_FILE_BYTES),
            reader=ReaderHere(),
            library=self.library,
            embedder=embedder,
            clock=SystemClock(),
            chunks=ChunkPolicy(),
        )


async def ingested(
    database: Path, root: Path, *, embedder: Embedder | None = None, prune: bool = False
) -> IngestReport:
    """One whole ingestion of `root` into the file `database`, by the cheap embedder if none is given."""
    index = Index.at(database)
    try:
        use_case = index.ingest(embedder or CheapEmbedder())
        return await _report(use_case.stream(str(root), prune=prune))
    finally:
        await index.database.close()


async def reindexed(database: Path, *, embedder: Embedder) -> IngestReport:
    """One whole rebuild of the file `database`."""
    index = Index.at(database)
    try:
        return await _report(index.reindex(embedder).stream())
    finally:
        await index.database.close()


async def _report(stream: AsyncIterator[IngestProgress | IngestReport]) -> IngestReport:
    *_, report = [item async for item in stream]
    assert isinstance(report, IngestReport)
    return report


Moment: TypeAlias = tuple[int, float]
"""When so many steps are done, and so many seconds later."""


def run_ingestion(database: Path, root: Path, killed_at: Moment | None = None) -> None:
    """An ingestion as the whole of a process."""

    async def run() -> None:
        await until(killed_at, Index.at(database).ingest(CheapEmbedder()).stream(str(root)))

    anyio.run(run)


def run_until_embedded(database: Path, root: Path, reports: int) -> None:
    """An ingestion as the whole of a process, which is killed at this report on its vectors."""
    left = reports

    def watch(report: StageReport) -> None:
        nonlocal left
        left -= report.stage is Stage.EMBEDDING
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    async def run() -> None:
        async for _ in Index.at(database).ingest(CheapEmbedder()).stream(str(root), watch=watch):
            pass

    anyio.run(run)


def run_rebuild(database: Path, killed_at: Moment | None = None) -> None:
    """A rebuild by another embedder as the whole of a process."""

    async def run() -> None:
        await until(killed_at, Index.at(database).reindex(OTHER_EMBEDDER).stream())

    anyio.run(run)


async def until(moment: Moment | None, stream: AsyncIterator[object]) -> None:
    """To the end, or until the system kills this process at the moment.

    A signal that nobody handles kills as SIGKILL does, and no other process has to run in time.
    """
    steps, seconds = moment or (-1, 0.0)
    done = 0
    if steps == 0:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    async for _ in stream:
        done += 1
        if done == steps:
            signal.setitimer(signal.ITIMER_REAL, seconds)


def run_killed(run: Callable[..., None], *arguments: object) -> None:
    """Run this in a process that kills itself at its moment, or ends before."""
    process = PROCESSES.Process(target=run, args=arguments)
    process.start()
    process.join(timeout=PATIENCE)
    assert process.exitcode in {0, -signal.SIGALRM}


def run_program(module: str, *arguments: object) -> None:
    """Run `python -m tests.faults.MODULE`, which kills itself."""
    command = [sys.executable, "-m", f"tests.faults.{module}", *map(str, arguments)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


def ingested_by_nobody(database: Path, root: Path) -> IngestReport | CandorError:
    """An ingestion with pruning in a process without root's rights, which no permission binds."""
    receiving, sending = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_ingest_as_nobody, args=(database, root, sending))
    process.start()
    sending.close()
    outcome = receiving.recv()
    process.join()
    return cast("IngestReport | CandorError", outcome)


def _ingest_as_nobody(database: Path, root: Path, sending: Connection) -> None:
    if os.geteuid() == 0:
        # All that is imported late is imported by a first run: nobody may not read root's Python.
        with tempfile.TemporaryDirectory() as scratch:
            write_documents(Path(scratch), 10)
            anyio.run(ingested, Path(scratch) / "index.sqlite", Path(scratch))
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)

    async def run() -> IngestReport:
        return await ingested(database, root, prune=True)

    try:
        sending.send(anyio.run(run))
    except CandorError as error:
        sending.send(error)


def failure(report: IngestReport, name: str) -> FileOutcome:
    """The failure of this file."""
    return next(outcome for outcome in report.failures if outcome.name == name)


def write_documents(folder: Path, count: int) -> None:
    """`count` small documents with headings, and every tenth a table; always the same ones."""
    drawn = random.Random(20_260_314)
    for number in range(count):
        place = folder / ("policies", "domain", "notes")[number % 3]
        place.mkdir(parents=True, exist_ok=True)
        if number % 10 == 9:
            rows = [f"{drawn.choice(_WORDS)},{drawn.randrange(1000)}" for _ in range(12)]
            (place / f"table-{number}.csv").write_text("part,stock\n" + "\n".join(rows))
            continue
        sections = [
            f"## {drawn.choice(_WORDS).title()} {part}\n\n{_prose(drawn)}\n" for part in range(3)
        ]
        (place / f"page-{number}.md").write_text(f"# Page {number}\n\n" + "\n".join(sections))


def fill(folder: Path) -> None:
    """Leave no block free on this file system."""
    with (folder / "filling").open("wb", buffering=0) as file:
        for size in (_BLOCK, 512):
            with suppress(OSError):
                while file.write(b"\0" * size):
                    pass


def _prose(drawn: random.Random) -> str:
    return " ".join(drawn.choice(_WORDS) for _ in range(60)).capitalize() + "."
