"""The stages of an ingestion: embedding in one call with the judgement of its errors, progress, table names.

Promises: a report does not slow the work down, and changes nothing in it. A document is read while
another one is saved, so reports of these stages alternate.

Promises: one vector of the embedder's length per text. Leaves to others: batches by length and tokens
(the adapter), the choice of texts (`complete_vectors`, `upload`).

Two files of one name are both loaded, and a query must name the right one.
Leaves to others: the choice of the name (`Library`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from use_cases.kernel.errors import CandorError, Conflict, RateLimited, Unavailable, UpstreamFailed
from use_cases.kernel.model import DocumentRef, PassageVectors
from use_cases.kernel.ports import Embedder
from use_cases.kernel.statistics.figures import counted
from use_cases.knowledge.errors import DimensionMismatch, EmbedderUnavailable, SourceUnreadable
from use_cases.knowledge.model import Change, FileOutcome, PreparedDocument
from use_cases.knowledge.ports import Library


class Stage(StrEnum):
    """A stage between a document's file and the index."""

    FOUND = "found"
    READING = "reading"
    CUTTING = "cutting"
    STARTING_MODEL = "starting the embedding model"
    EMBEDDING = "embedding"
    SAVING = "saving"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReport:
    """The stage of the document `name`; found: the run covers `documents` sources.

    Starting the model and embedding come after all texts: `done` of `total` passages.
    """

    stage: Stage
    name: str | None = None
    documents: int = 1
    done: int = 0
    total: int = 0


Watch: TypeAlias = Callable[[StageReport], None]
"""A callback for each stage, on the event loop: it must return at once."""


def ignore_report(_report: StageReport) -> None:
    """Ignores the report."""


_BYTES_PER_NUMBER: Final = 4


async def embed(embedder: Embedder, texts: Sequence[str]) -> Sequence[PassageVectors]:
    """Returns the vectors of each text.

    Raises the embedder's errors, `DimensionMismatch` and, for a wrong count, `UpstreamFailed`.
    """
    vectors = await embedder.embed_passages(texts)
    if len(vectors) != len(texts):
        raise UpstreamFailed(f"{embedder.id} gave {len(vectors)} vectors for {len(texts)} texts.")
    for vector in (one.vector for one in vectors):
        if len(vector) != embedder.dimensions * _BYTES_PER_NUMBER:
            raise DimensionMismatch(
                f"{embedder.id} gave a vector of {len(vector) // _BYTES_PER_NUMBER} dimensions "
                f"where {embedder.dimensions} were expected."
            )
    return vectors


def concerns_everything(error: CandorError) -> bool:
    """Returns whether an error stops the run, because the next document would meet it, too."""
    if isinstance(error, Unavailable):
        return not isinstance(error, (SourceUnreadable, EmbedderUnavailable))
    return isinstance(error, (Conflict, RateLimited))


def failure(name: str, error: CandorError, change: Change = Change.FAILED) -> FileOutcome:
    """Returns the outcome of a document that could not be stored."""
    return FileOutcome(name, change, code=error.code, reason=error.detail, hint=error.hint or None)


_MOST_NAMED = 3


async def stored_notice(
    library: Library, stored: DocumentRef, document: PreparedDocument
) -> str | None:
    """Returns sentences on a stored document's renamed tables and what it lacks; None without any."""
    noise = (
        "Left out of the search, for they have no letter and no digit:"
        f" {counted(document.noise, 'passage')} of {document.name}. Its text is stored whole."
        if document.noise
        else None
    )
    return " ".join(filter(None, (noise, await _renamed(library, stored, document)))) or None


async def _renamed(library: Library, stored: DocumentRef, document: PreparedDocument) -> str | None:
    if not document.tables:
        return None
    names = await library.table_names(stored.document_id)
    wanted = [table.name for table in document.tables]
    pairs = list(_pairs(wanted, [name for name in names if name not in wanted], set(names)))
    if not pairs:
        return None
    renames = "; ".join(f"`{new}`, because `{old}` is taken" for old, new in pairs[:_MOST_NAMED])
    more = f"; and {len(pairs) - _MOST_NAMED} more" if len(pairs) > _MOST_NAMED else ""
    return f"{document.name} is loaded as the table {renames}{more}."


def _pairs(wanted: list[str], new: list[str], stored: set[str]) -> Iterator[tuple[str, str]]:
    """Yields each taken name with its replacement, which is the old name with a suffix."""
    for old in sorted(set(wanted) - stored, key=len, reverse=True):
        found = next((name for name in new if name.startswith((old, f"t_{old}"))), None)
        if found is not None:
            new.remove(found)
            yield old, found
