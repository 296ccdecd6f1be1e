"""What the knowledge capability needs of the world."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from use_cases.kernel.model import DocumentRef, Passage
from use_cases.knowledge.model import (
    Candidate,
    DocumentSummary,
    Fingerprint,
    IndexIdentity,
    LibraryStatistics,
    ParsedDocument,
    PreparedDocument,
    SourceFile,
    Vector,
)


class Sources(Protocol):
    """Files that can be ingested."""

    def files(self, root: str) -> AsyncIterator[SourceFile]:
        """The candidate files below `root` (or `root` itself, if a file), each once, in a stable order.

        Hidden files and folders are left out, symbolic links that leave the root or loop are not
        followed. Raises `SourceNotFound` when the root does not exist.
        """
        ...

    async def read(self, source: SourceFile) -> bytes:
        """Its content. Raises `SourceUnreadable`, `SourceTooLarge` or `SourceEmpty`."""
        ...

    async def sidecar(self, source: SourceFile) -> bytes | None:
        """The content of `tables.yaml` in the same folder as a table file; None for any other file.

        None too where there is no such file, or it cannot be read: a description is never a
        reason to leave a document out.
        """
        ...

    def root_uri(self, root: str) -> str:
        """The URI prefix that all documents of this root share, for pruning."""
        ...


class Reader(Protocol):
    """Turns bytes into text and structure."""

    async def parse(
        self, name: str, content: bytes, description: bytes | None = None
    ) -> ParsedDocument:
        """Read by content first, by name second. Runs outside the event loop.

        `description` is the `tables.yaml` beside a table file (see `Sources.sidecar`): titles and
        meanings of its columns. What is not understood in it is left out, never an error.

        Raises `SourceBinary`, `SourceBroken`, `SourceEmpty`.
        """
        ...


class Embedder(Protocol):
    """Turns text into unit vectors."""

    @property
    def id(self) -> str:
        """Name of model and variant; vectors of two ids never mix."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""
        ...

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector per text. Raises `EmbedderUnavailable` and upstream errors."""
        ...

    async def embed_query(self, text: str) -> Vector:
        """The unit vector of a question. Raises as `embed_documents` does."""
        ...


class Library(Protocol):
    """The stored documents. Every write is one transaction: text, passages, vectors, tables together."""

    async def prepare(self, identity: IndexIdentity) -> None:
        """Make ready for writing with this identity; raises `EmbedderMismatch` when another one was used."""
        ...

    async def fingerprints(self, uri_prefix: str) -> Mapping[str, Fingerprint]:
        """Stored documents whose URI starts with the prefix, by URI."""
        ...

    async def save(self, document: PreparedDocument) -> DocumentRef:
        """Add it, or replace the current version of the same URI. Older versions keep their text."""
        ...

    async def remove(self, document_id: str) -> None:
        """Delete the document, its versions, passages, vectors and tables. Raises `DocumentNotFound`."""
        ...

    async def documents(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Sequence[DocumentSummary]:
        """Stored documents, ordered by name."""
        ...

    async def document(self, document_id: str) -> DocumentSummary:
        """One document by id or exact name. Raises `DocumentNotFound`."""
        ...

    async def text(self, version_id: int) -> str:
        """The stored text of one version. Raises `DocumentNotFound`."""
        ...

    async def statistics(self) -> LibraryStatistics:
        """What the library holds."""
        ...


class Lanes(Protocol):
    """The two ways a passage can be found, and the passages themselves."""

    async def identity(self) -> IndexIdentity | None:
        """What the index was built with; None while it is empty."""
        ...

    async def nearest(
        self, vector: Vector, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Best passages by cosine similarity. Raises `DimensionMismatch`."""
        ...

    async def matching(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Best passages by BM25 over title, headings and text. Any text is a valid query."""
        ...

    async def passages(self, passage_ids: Sequence[int]) -> Mapping[int, Passage]:
        """The passages with these ids; ids that have gone meanwhile are left out."""
        ...


class Reranker(Protocol):
    """Scores query and passage together."""

    @property
    def name(self) -> str:
        """The model's name, for notices and records."""
        ...

    async def rerank(
        self, query: str, texts: Sequence[str], *, top_n: int
    ) -> Sequence[tuple[int, float]]:
        """The best `top_n` as (index into `texts`, relevance), best first. Raises upstream errors."""
        ...
