"""The embedding of a run's prepared documents, with or without an embedder.

Promises: a document that cannot be embedded is reported and the others continue; without an
embedder, or when it becomes unavailable, documents are left to full text; a general error (a wrong
key, a rate limit, vectors of a wrong length) stops the run with its own error. A call has at most
`SLICE` texts. Leaves to others: batches by length and tokens (the adapter).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from use_cases.kernel.errors import CandorError, Conflict, RateLimited, Unavailable, UpstreamFailed
from use_cases.kernel.model import PassageVectors
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.errors import DimensionMismatch, EmbedderUnavailable, SourceUnreadable
from use_cases.knowledge.ingest_progress import Stage, StageReport, Watch, ignore_report
from use_cases.knowledge.model import Change, FileOutcome, PreparedDocument
from use_cases.knowledge.prepare_document import embedding_texts, text_only

Step: TypeAlias = PreparedDocument | FileOutcome
"""A document to embed and save, or its outcome already."""

SLICE: Final = 64
"""The texts in a call of the embedder: enough to sort by length, few enough to report progress."""

_IN_A_ROW: Final = 3  # consecutive refusals: the documents are not the cause
_BYTES_PER_NUMBER: Final = 4


class DocumentEmbedding:
    """The embedding of a run. `required`: an unavailable embedder stops the run."""

    def __init__(
        self, embedder: Embedder | None, *, required: bool = False, watch: Watch = ignore_report
    ) -> None:
        self._embedder = embedder
        self._required = required
        self._watch = watch
        self._started = False
        self._refused = 0
        self._without = 0
        self._reason = "no embedder is configured"

    @property
    def notice(self) -> str | None:
        """The sentence for the report about documents without vectors."""
        if not self._without:
            return None
        return (
            f"{self._without} documents have no vectors: {self._reason[:1].lower()}{self._reason[1:]}. Search finds them by "
            "full text alone."
        )

    async def fill(self, documents: Sequence[PreparedDocument]) -> Sequence[Step]:
        """Return the documents with their vectors, in order, with failures in their places."""
        if not documents:
            return []
        if self._embedder is None:
            return self._leave_to_text(documents)
        self._watch_begin(documents)
        try:
            filled = await embed(self._embedder, documents, self._watch)
        except EmbedderUnavailable as error:
            if self._required:
                raise
            self._embedder, self._reason = None, error.detail.rstrip(".")
            return self._leave_to_text(documents)
        except CandorError as error:
            if concerns_everything(error):
                raise
            if len(documents) > 1:  # one of them is the cause: embed each alone
                return [step for document in documents for step in await self.fill([document])]
            return [self._refuse(documents[0], error)]
        self._refused = 0
        return filled

    def _watch_begin(self, documents: Sequence[PreparedDocument]) -> None:
        if self._started:
            self._watch(_report(documents, 0, sum(len(one.passages) for one in documents)))
        else:  # the first call loads the model, which may take longer than the embedding
            self._watch(StageReport(stage=Stage.STARTING_MODEL))
        self._started = True

    def _leave_to_text(self, documents: Sequence[PreparedDocument]) -> Sequence[Step]:
        self._watch(StageReport(stage=Stage.EMBEDDING))
        self._without += len(documents)
        return [text_only(document) for document in documents]

    def _refuse(self, document: PreparedDocument, error: CandorError) -> FileOutcome:
        self._watch(StageReport(stage=Stage.EMBEDDING))
        self._refused += 1
        if self._refused >= _IN_A_ROW:
            raise error
        return failure(document.name, error)


async def embed(
    embedder: Embedder, documents: Sequence[PreparedDocument], watch: Watch = ignore_report
) -> Sequence[PreparedDocument]:
    """Return the documents with the vectors of each passage; several share a call, for speed.

    Raises the embedder's errors, `DimensionMismatch` and, for a wrong count, `UpstreamFailed`.
    """
    texts = [text for document in documents for text in embedding_texts(document)]
    vectors: list[PassageVectors | None] = [None] * len(texts)
    # Texts of similar length share a slice, so that a model computes little on padding.
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for start in range(0, len(order), SLICE):
        places = order[start : start + SLICE]
        made = await embedder.embed_passages([texts[place] for place in places])
        for place, vector in zip(places, _validate(made, len(places), embedder), strict=True):
            vectors[place] = vector
        watch(_report(documents, start + len(places), len(texts)))
    filled: list[PreparedDocument] = []
    for document in documents:
        count = len(document.passages)
        filled.append(replace(document, vectors=tuple(vectors[:count])))
        del vectors[:count]
    return filled


def concerns_everything(error: CandorError) -> bool:
    """Return whether an error stops the run, because the next document would meet it, too."""
    if isinstance(error, Unavailable):
        return not isinstance(error, (SourceUnreadable, EmbedderUnavailable))
    return isinstance(error, (Conflict, RateLimited))


def failure(name: str, error: CandorError, change: Change = Change.FAILED) -> FileOutcome:
    """Return the outcome of a document that could not be stored."""
    return FileOutcome(name, change, code=error.code, reason=error.detail, hint=error.hint or None)


def _report(documents: Sequence[PreparedDocument], done: int, total: int) -> StageReport:
    return StageReport(
        stage=Stage.EMBEDDING,
        name=documents[0].name if len(documents) == 1 else None,
        documents=len(documents),
        done=done,
        total=total,
    )


def _validate(
    vectors: Sequence[PassageVectors], expected: int, embedder: Embedder
) -> Sequence[PassageVectors]:
    if len(vectors) != expected:
        raise UpstreamFailed(f"{embedder.id} gave {len(vectors)} vectors for {expected} texts.")
    for vector in (one.vector for one in vectors):
        if len(vector) != embedder.dimensions * _BYTES_PER_NUMBER:
            raise DimensionMismatch(
                f"{embedder.id} gave a vector of {len(vector) // _BYTES_PER_NUMBER} dimensions "
                f"where {embedder.dimensions} were expected."
            )
    return vectors
