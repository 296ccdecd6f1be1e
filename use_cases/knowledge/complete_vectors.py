"""The vectors of stored passages that have none: the second stage of an ingestion.

Promises: it goes on where another run stopped, whichever process that was; search and answers work
meanwhile, and each transaction adds the vectors of at most `WINDOW` passages; a text that was
replaced meanwhile gets no vector of its former content. A passage that the embedder refuses stays
without one and is reported; a general error (a wrong key, a rate limit, an embedder that is not
available, vectors of a wrong length) ends the run, and what was added stays.

Leaves to others: texts and their full-text index (`indexing`), which are stored before.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import PassageVectors
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.indexing import Tally
from use_cases.knowledge.ingest_stages import (
    Stage,
    StageReport,
    Watch,
    concerns_everything,
    embed,
    failure,
)
from use_cases.knowledge.model import ChunkPolicy, FileOutcome, UnembeddedPassage
from use_cases.knowledge.ports import Library
from use_cases.knowledge.prepare_document import embedding_text, identity_of

WINDOW: Final = 256
"""The passages of a transaction: enough to sort by length, and the most that a killed run loses."""

SLICE: Final = 64
"""The texts of a call of the embedder: few enough to report progress."""

_IN_A_ROW: Final = 3  # consecutive refusals: the texts are not the cause


@dataclass(frozen=True, slots=True)
class VectorProgress:
    """The passages embedded so far, of those that had no vector."""

    done: int
    total: int


class CompleteVectors:
    """The use case that adds the vectors that stored passages lack. `embedder` may be None."""

    def __init__(self, *, library: Library, embedder: Embedder | None, chunks: ChunkPolicy) -> None:
        self._library = library
        self._embedder = embedder
        self._chunks = chunks
        self._refused = 0  # in a row

    async def missing(self) -> int:
        """Returns how many passages have no vector."""
        counted = await self._library.statistics()
        return counted.passages - counted.vectors

    async def stream(
        self, *, stand_back: bool = False
    ) -> AsyncGenerator[VectorProgress | FileOutcome, None]:
        """Yields the progress, first of nothing done, and each document that was refused in part.

        Nothing is yielded where every passage has its vector. `stand_back` ends the run when another
        one adds the same vectors, and looks for one more often. Raises `EmbedderUnavailable`, `EmbedderMismatch`,
        `DimensionMismatch` and errors of the provider and the storage.
        """
        total = await self.missing()
        if not total:
            return
        if self._embedder is None:
            raise EmbedderUnavailable("No embedder is configured.")
        await self._library.prepare(identity_of(self._embedder, self._chunks))
        yield VectorProgress(0, total)
        window = SLICE if stand_back else WINDOW
        done = last = 0
        refused: set[str] = set()
        while passages := await self._library.without_vectors(after=last, limit=window):
            vectors: dict[int, PassageVectors] = {}
            # Texts of similar length share a slice, so that a model computes little on padding.
            ordered = sorted(passages, key=lambda one: len(one.text))
            for some in (ordered[at : at + SLICE] for at in range(0, len(ordered), SLICE)):
                made, errors = await self._embed(self._embedder, some)
                vectors |= made
                for name in errors.keys() - refused:
                    yield failure(name, errors[name])
                refused |= errors.keys()
                done += len(some)
                yield VectorProgress(done, max(done, total))
            added = await self._library.add_vectors(vectors)
            if stand_back and added < len(vectors):
                return
            last = passages[-1].passage_id

    async def run(self, tally: Tally, watch: Watch) -> None:
        """Runs to the end as a part of an ingestion. Raises the errors of `stream`."""
        async for step in self.stream():
            if isinstance(step, FileOutcome):
                tally.failures.append(step)
            else:  # the first call loads the model, which may take longer than the embedding
                stage = Stage.EMBEDDING if step.done else Stage.STARTING_MODEL
                watch(StageReport(stage=stage, done=step.done, total=step.total))

    async def _embed(
        self, embedder: Embedder, passages: Sequence[UnembeddedPassage]
    ) -> tuple[Mapping[int, PassageVectors], Mapping[str, CandorError]]:
        """Returns the vectors by passage id, and the errors by document name."""
        texts = [embedding_text(one.title, one.section, one.text) for one in passages]
        try:
            made = await embed(embedder, texts)
        except CandorError as error:
            if concerns_everything(error) or isinstance(error, EmbedderUnavailable):
                raise
            if len(passages) > 1:  # one of them is the cause
                half = len(passages) // 2
                first = await self._embed(embedder, passages[:half])
                second = await self._embed(embedder, passages[half:])
                return {**first[0], **second[0]}, {**second[1], **first[1]}
            self._refused += 1
            if self._refused >= _IN_A_ROW:
                raise
            return {}, {passages[0].name: error}
        self._refused = 0
        ids = [one.passage_id for one in passages]
        return dict(zip(ids, made, strict=True)), {}
