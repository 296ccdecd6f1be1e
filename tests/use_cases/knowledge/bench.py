"""The use cases of ingestion over parts in memory, and short ways to run them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fakes.clock import FixedClock
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import MemoryLibrary, Stored
from tests.fakes.plain_reader import PlainReader
from tests.fakes.sources import MemorySources
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.ingest_documents import IngestDocuments
from use_cases.knowledge.model import Change, ChunkPolicy, IngestProgress, IngestReport
from use_cases.knowledge.ports import Reader
from use_cases.knowledge.reindex import ReindexKnowledge
from use_cases.knowledge.upload import UploadDocument

ROOT = "/data/docs"


@dataclass(slots=True)
class Bench:
    """A library that lives through several runs; the other parts may be exchanged between them."""

    sources: MemorySources
    library: MemoryLibrary = field(default_factory=MemoryLibrary)
    embedder: Embedder | None = field(default_factory=WordEmbedder)
    clock: FixedClock = field(default_factory=FixedClock)
    chunks: ChunkPolicy = field(default_factory=ChunkPolicy)

    @classmethod
    def of(cls, files: Mapping[str, str]) -> "Bench":
        """With these texts below `ROOT`, by name."""
        return cls(MemorySources({f"{ROOT}/{name}": text.encode() for name, text in files.items()}))

    def write(self, name: str, text: str) -> None:
        """Make or change a file below `ROOT`."""
        self.sources.content[f"{ROOT}/{name}"] = text.encode()

    def delete(self, name: str) -> None:
        """Delete a file below `ROOT`."""
        del self.sources.content[f"{ROOT}/{name}"]

    def ingestion(self) -> IngestDocuments:
        """The use case with the present parts."""
        return IngestDocuments(
            sources=self.sources,
            reader=PlainReader(),
            library=self.library,
            embedder=self.embedder,
            clock=self.clock,
            chunks=self.chunks,
        )

    def upload(self) -> UploadDocument:
        """The use case with the present parts."""
        return UploadDocument(
            reader=PlainReader(),
            library=self.library,
            embedder=self.embedder,
            clock=self.clock,
            chunks=self.chunks,
        )

    def rebuilding(self, reader: Reader | None = None) -> ReindexKnowledge:
        """The use case with the present parts."""
        return ReindexKnowledge(
            sources=self.sources,
            reader=reader or PlainReader(),
            library=self.library,
            embedder=self.embedder,
            clock=self.clock,
            chunks=self.chunks,
        )

    async def ingest(
        self, root: str = ROOT, *, category: str | None = None, prune: bool = False
    ) -> tuple[dict[str, Change], IngestReport]:
        """What became of each name, and the report."""
        stream = self.ingestion().stream(root, category=category, prune=prune)
        return outcomes([item async for item in stream])

    async def reindex(self, *, fresh: bool = False) -> tuple[dict[str, Change], IngestReport]:
        """What became of each name, and the report."""
        return outcomes([item async for item in self.rebuilding().stream(fresh=fresh)])

    def stored(self, name: str) -> Stored:
        """What the library holds under this name."""
        return next(found for found in self.library.stored.values() if found.ref.name == name)

    def names(self) -> set[str]:
        """The names of all stored documents."""
        return {found.ref.name for found in self.library.stored.values()}


def outcomes(items: list[IngestProgress | IngestReport]) -> tuple[dict[str, Change], IngestReport]:
    """The changes by name and the report that must end a run."""
    *steps, report = items
    assert isinstance(report, IngestReport)
    changes: dict[str, Change] = {}
    for step in steps:
        assert isinstance(step, IngestProgress)
        changes[step.outcome.name] = step.outcome.change
    return changes, report
