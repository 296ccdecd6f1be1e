"""The types of the knowledge capability: sources, parsed documents, prepared passages, reports, policies.

A `SourceFile` is read into a `ParsedDocument` (text and blocks), cut into `PassageDraft`s, embedded,
and saved as one `PreparedDocument`. All offsets are `Span`s over `ParsedDocument.text`, which is
stored unchanged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Self

from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import (
    Authority,
    Column,
    DateOrigin,
    DocumentRef,
    PassageVectors,
    Scalar,
    Span,
)

# Sources and their contents


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ingest, before it is read.

    `uri` identifies the document permanently (`file:///…` or `upload:///name`); `name` is its path
    below the root. `modified` and `date_origin` apply unless its own text states a date.
    """

    uri: str
    name: str
    size: int
    modified: date
    date_origin: DateOrigin


class BlockKind(StrEnum):
    """The kind of a block; chunking keeps code, tables and rows whole where they fit."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    CODE = "code"
    TABLE = "table"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Block:
    """A structural piece of a document. Blocks are in order and do not overlap.

    `level` is 1 to 6 for headings, else 0; `heading` is a heading's words without markup;
    `page` counts from 1 where the format has pages.
    """

    kind: BlockKind
    span: Span
    level: int = 0
    heading: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """The facts that a document states about itself (front matter, HTML meta, properties), or None."""

    title: str | None = None
    category: str | None = None
    updated: date | None = None
    authority: Authority | None = None
    superseded_by: str | None = None
    version: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class TableData:
    """A typed table from a file, which is loaded for read-only SQL.

    `name` is a safe SQL identifier from the file (and sheet) name. `row_spans` are the spans of the
    rows in the document's text, for search and quotation; empty for a table too long for that.
    """

    name: str
    title: str
    description: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Scalar]]
    row_spans: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage from the chunker: `span` is matched and embedded, `reading` is shown to a model."""

    ordinal: int
    span: Span
    reading: Span
    section: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """The text of a document in its stored form, and its structure.

    `passages` are set, and `blocks` empty, where the reader has cut it (see `Reader.parse`).
    """

    text: str
    blocks: Sequence[Block]
    media_type: str
    stated: StatedFacts = field(default_factory=StatedFacts)
    tables: Sequence[TableData] = ()
    passages: Sequence[PassageDraft] | None = None


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """The data of one document that one transaction writes. `vectors` align with `passages`.

    `vectors` is empty without an embedder, and None stands where a passage has none yet; full text
    alone finds such passages.
    """

    uri: str
    name: str
    root: str
    title: str
    category: str
    updated: date
    date_origin: DateOrigin
    authority: Authority
    superseded_by: str | None
    media_type: str
    content_hash: str
    text: str
    passages: Sequence[PassageDraft]
    vectors: Sequence[PassageVectors | None]
    tables: Sequence[TableData] = ()
    original: bytes | None = None
    """An upload's bytes, kept for a rebuild of the index, because it has no source."""
    owner: str = ""
    """The user who uploaded it: vectors are made for one owner after the other. Empty for a file's."""
    noise: int = 0
    """The number of passages without a letter or a digit, which are left out: nothing finds them."""


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """A stored document with passages that wait for a vector.

    `newest` is its highest passage id: another one after its replacement, and higher for what is
    stored later. `lost`: some of them were claimed by a run that is gone.
    """

    document_id: str
    owner: str
    newest: int
    lost: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class UnembeddedPassage:
    """A stored passage without a vector: what its vector is made of, and its document's name."""

    passage_id: int
    name: str
    title: str
    section: str
    text: str


# Stored documents, for lists and pages


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The stored hash that decides whether a source must be read again."""

    document_id: str
    content_hash: str


class DocumentState(StrEnum):
    """The state of a document's search. Its words find it in each of them.

    Ready: every passage has its vector. Embedding: some vectors are still to come. Words: no more
    will come, for there is no embedder or it refused the others.
    """

    READY = "ready"
    EMBEDDING = "embedding"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A stored document in a list. Of its passages, `vectors` have a vector and `waiting` wait for one."""

    ref: DocumentRef
    uri: str
    media_type: str
    characters: int
    passages: int
    versions: int
    ingested_at: datetime
    vectors: int
    waiting: int

    @property
    def state(self) -> DocumentState:
        """The state of its search."""
        if self.waiting:
            return DocumentState.EMBEDDING
        return DocumentState.READY if self.vectors == self.passages else DocumentState.WORDS


@dataclass(frozen=True, slots=True)
class IndexIdentity:
    """The embedder and chunker of an index, whose vectors and passages never mix with others."""

    embedder: str
    dimensions: int
    chunker: str


@dataclass(frozen=True, slots=True)
class IndexExtent:
    """What an index holds: its identity, None while it is empty; its passages, and those without a vector."""

    identity: IndexIdentity | None
    passages: int
    missing: int


class Nearest(tuple[Candidate, ...]):
    """The passages nearest to a vector, best first; `extent`: what the index held when it was searched."""

    extent: IndexExtent

    def __new__(cls, found: Iterable[Candidate], *, extent: IndexExtent) -> Self:
        """Returns these passages."""
        nearest = super().__new__(cls, found)
        nearest.extent = extent
        return nearest


@dataclass(frozen=True, slots=True)
class LibraryStatistics:
    """The sizes of the library, for `doctor`, `/health` and empty-library messages."""

    documents: int
    passages: int
    vectors: int
    tables: int
    categories: Mapping[str, int]
    identity: IndexIdentity | None
    refused: int = 0
    """The number of passages that the embedder refused; they are no longer tried."""
    token_vectors: bool = False
    """True if passages have token vectors; those of an index of an older Candor have none."""


# Token vectors, compared


@dataclass(frozen=True, slots=True)
class ComparedTokens:
    """A passage's tokens against a question's.

    `places` are their start and end in the embedded text; `cosines` has a row for each token of the
    question.
    """

    places: Sequence[tuple[int, int]]
    cosines: Sequence[Sequence[float]]


# Models in folders


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What was understood of the model in a folder. `window` counts tokens; a reranker has no vectors.

    `assumed` says what the folder does not state.
    """

    name: str
    kind: Literal["embedder", "reranker"]
    graph: str
    window: int
    dimensions: int | None
    pooling: str | None
    question_prefix: str
    passage_prefix: str
    assumed: Sequence[str]


# Reports


class Change(StrEnum):
    """The change by an ingestion of one source. Skipped: it is no document, or has no text."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored document, and the change by its saving: added, changed or unchanged."""

    ref: DocumentRef
    change: Change


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The outcome of one source; `code`, `reason` and `hint` are set when it was skipped or failed.

    `notice` is a sentence about a stored one.
    """

    name: str
    change: Change
    passages: int = 0
    code: str | None = None
    reason: str | None = None
    hint: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """A step of an ingestion: the latest `outcome`, `done` of `total`."""

    done: int
    total: int
    outcome: FileOutcome


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The summary of an ingestion: the number of each change, failures and skipped sources."""

    counts: Mapping[Change, int]
    passages: int
    failures: Sequence[FileOutcome]
    notices: Sequence[str]
    seconds: float
    skipped: Sequence[FileOutcome] = ()


# Policies: small frozen settings of use cases


@dataclass(frozen=True, slots=True)
class ChunkPolicy:
    """Sizes in characters. Retrieval passages are small; a reading is the section around one.

    docs/decisions/0002-passage-sizes.md measured both.
    """

    passage_characters: int = 800
    reading_characters: int = 1600

    @property
    def version(self) -> str:
        """The identity of this chunking: passages of two versions never mix."""
        return f"structure-1:{self.passage_characters}:{self.reading_characters}"


@dataclass(frozen=True, slots=True)
class RetrievalPolicy:
    """The limits of the lanes and their fusion (reciprocal rank fusion).

    The benchmarks of retrieval measure the weights and the numbers of candidates.
    """

    vector_search_limit: int = 100
    bm25_search_limit: int = 100
    final_results_limit: int = 5
    rrf_k: int = 60
    vector_weight: float = 1.0
    bm25_weight: float = 1.0
    name_weight: float = 1.0
    rescored_passages: int = 30
    """The number of fused passages that are compared with the question token by token; 0 for none."""
    reranker_top_n: int = 5
    reranker_candidates: int = 50
    """The number of fused passages that a reranker receives."""
