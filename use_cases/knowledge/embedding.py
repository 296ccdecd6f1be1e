"""The embedding of texts in one call, and the judgement of its errors.

Promises: one vector of the embedder's length per text. Leaves to others: batches by length and tokens
(the adapter), the choice of texts (`complete_vectors`, `upload`).
"""

from collections.abc import Sequence
from typing import Final

from use_cases.kernel.errors import CandorError, Conflict, RateLimited, Unavailable, UpstreamFailed
from use_cases.kernel.model import PassageVectors
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.errors import DimensionMismatch, EmbedderUnavailable, SourceUnreadable
from use_cases.knowledge.model import Change, FileOutcome

_BYTES_PER_NUMBER: Final = 4


async def embed(embedder: Embedder, texts: Sequence[str]) -> Sequence[PassageVectors]:
    """Return the vectors of each text.

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
    """Return whether an error stops the run, because the next document would meet it, too."""
    if isinstance(error, Unavailable):
        return not isinstance(error, (SourceUnreadable, EmbedderUnavailable))
    return isinstance(error, (Conflict, RateLimited))


def failure(name: str, error: CandorError, change: Change = Change.FAILED) -> FileOutcome:
    """Return the outcome of a document that could not be stored."""
    return FileOutcome(name, change, code=error.code, reason=error.detail, hint=error.hint or None)
