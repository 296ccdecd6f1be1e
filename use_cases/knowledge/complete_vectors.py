"""The vectors of stored passages that have none: the second stage of an ingestion.

Promises: it goes on where another run stopped, whichever process that was; search and answers work
meanwhile. Owners take turns, and each owner's documents: a page waits for one slice of another
owner's book, not for the book. A transaction adds the vectors of at most `WINDOW` passages and a
slice, and a document's last ones at once; a text that was replaced meanwhile gets no vector of its
former content. A passage that the embedder refuses stays without one, is reported and noted; a general
error (a wrong key, a rate limit, an embedder that is not available, vectors of a wrong length) ends the
run, and what was added stays.

Leaves to others: texts and their full-text index (`indexing`), which are stored before.
"""

from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
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
from use_cases.knowledge.model import ChunkPolicy, FileOutcome, UnembeddedPassage, WaitingDocument
from use_cases.knowledge.ports import Library
from use_cases.knowledge.prepare_document import embedding_text, identity_of

WINDOW: Final = 256
"""The passages of a transaction: enough to sort by length, and the most that a killed run loses."""

SLICE: Final = 64
"""The texts of a call of the embedder: few enough to report progress."""

SHARED_WINDOW: Final = 64
SHARED_SLICE: Final = 16
"""The same beside the requests of a server: half a second of the local model on one core, which is
what another's upload waits for.
"""

_IN_A_ROW: Final = 3  # consecutive refusals: the texts may not be the cause


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
        self.trouble: CandorError | None = None
        """The error that ended the last run; None while all is well."""

    async def missing(self) -> int:
        """Returns how many passages have no vector."""
        counted = await self._library.statistics()
        return counted.passages - counted.vectors

    async def stream(
        self, *, shared: bool = False
    ) -> AsyncGenerator[VectorProgress | FileOutcome, None]:
        """Yields the progress, first of nothing done, and each document that was refused in part.

        Nothing is yielded where no passage waits for its vector. `shared` is for work beside other
        work: the slices are smaller, and the run ends when another one adds the same vectors. Raises
        `EmbedderUnavailable`, `EmbedderMismatch`, `DimensionMismatch` and errors of the provider and the
        storage.
        """
        try:
            async with aclosing(self._run(shared=shared)) as steps:
                async for step in steps:
                    yield step
        except CandorError as error:
            self.trouble = error
            raise
        self.trouble = None

    async def run(self, tally: Tally, watch: Watch) -> None:
        """Runs to the end as a part of an ingestion; refused passages are tried again.

        Raises the errors of `stream`.
        """
        await self._library.forget_refusals()
        async for step in self.stream():
            if isinstance(step, FileOutcome):
                tally.failures.append(step)
            else:  # the first call loads the model, which may take longer than the embedding
                stage = Stage.EMBEDDING if step.done else Stage.STARTING_MODEL
                watch(StageReport(stage=stage, done=step.done, total=step.total))

    async def _run(self, *, shared: bool) -> AsyncGenerator[VectorProgress | FileOutcome, None]:
        counted = await self._library.statistics()
        total = counted.passages - counted.vectors - counted.refused
        if not total:
            return
        if self._embedder is None:
            raise EmbedderUnavailable("No embedder is configured.")
        await self._library.prepare(identity_of(self._embedder, self._chunks))
        yield VectorProgress(0, total)
        window, most = (SHARED_WINDOW, SHARED_SLICE) if shared else (WINDOW, SLICE)
        queue = _Queue(self._library, window)
        done = 0
        named: set[str] = set()
        vectors: dict[int, PassageVectors] = {}
        while passages := await queue.take(most):
            made, refused = await self._embed(self._embedder, passages)
            vectors |= made
            for one, error in refused:
                if one.name not in named:
                    named.add(one.name)
                    yield failure(one.name, error)
            if refused:
                await self._library.refuse([one.passage_id for one, _ in refused])
            if queue.has_finished_one or len(vectors) >= window:
                added = await self._library.add_vectors(vectors)
                if shared and added < len(vectors):
                    return
                vectors = {}
            done += len(passages)
            yield VectorProgress(done, max(done, total))
        await self._library.add_vectors(vectors)

    async def _embed(
        self, embedder: Embedder, passages: Sequence[UnembeddedPassage]
    ) -> tuple[Mapping[int, PassageVectors], Sequence[tuple[UnembeddedPassage, CandorError]]]:
        """Returns the vectors by passage id, and the refused passages with the reason."""
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
                return {**first[0], **second[0]}, [*first[1], *second[1]]
            self._refused += 1
            if self._refused == _IN_A_ROW:
                # Raises where it is the embedder: else one document's texts would stop all others.
                await embedder.embed_query("Does the embedder work?")
                self._refused = 0
            return {}, [(passages[0], error)]
        self._refused = 0
        ids = [one.passage_id for one in passages]
        return dict(zip(ids, made, strict=True)), []


class _Queue:
    """The passages that wait, in fair turns.

    Of each document at most `window` passages are read at a time, and given out in the order of their
    lengths: texts of similar length share a slice, so that a model computes little on padding.
    """

    def __init__(self, library: Library, window: int) -> None:
        self._library = library
        self._window = window
        self._served: dict[tuple[str, ...], int] = {}  # the last turn of each owner and document
        self._turn = 0
        self._read: dict[WaitingDocument, deque[UnembeddedPassage]] = {}
        self._last: dict[WaitingDocument, int] = {}
        self._ending: set[WaitingDocument] = set()
        self.has_finished_one = False

    async def take(self, most: int) -> Sequence[UnembeddedPassage]:
        """Returns the next slice, of several documents where they are short and new; empty at the end.

        What was stored, replaced or removed since the last slice is considered.
        """
        self.has_finished_one = False
        taken: list[UnembeddedPassage] = []
        for document in in_turns(await self._library.waiting(), self._served):
            if taken and (document.owner, document.document_id) in self._served:
                break  # a short document does not wait for more of a book
            some = await self._take_of(document, most - len(taken))
            if some:
                self._turn += 1
                self._served[document.owner,] = self._turn
                self._served[document.owner, document.document_id] = self._turn
                taken += some
            if len(taken) == most:
                break
        return taken

    async def _take_of(self, document: WaitingDocument, most: int) -> list[UnembeddedPassage]:
        read = self._read.get(document)
        if read is None:
            found = await self._library.without_vectors(
                document.document_id, after=self._last.get(document, 0), limit=self._window
            )
            if len(found) < self._window:
                self._ending.add(document)
            if not found:  # its last ones are made, and not added yet
                self.has_finished_one |= document in self._last
                return []
            self._last[document] = found[-1].passage_id
            read = self._read[document] = deque(sorted(found, key=lambda one: len(one.text)))
        taken = [read.popleft() for _ in range(min(most, len(read)))]
        if not read:
            del self._read[document]
            self.has_finished_one |= document in self._ending
        return taken


def in_turns(
    waiting: Sequence[WaitingDocument], served: Mapping[tuple[str, ...], int]
) -> Iterator[WaitingDocument]:
    """Yields each document once, one of each owner in turn.

    The owner and the document that were served longest ago come first; before them those that never
    were, in the given order. `served` has the last turn by owner and by owner and document.
    """
    queues: dict[str, deque[WaitingDocument]] = {}
    for one in sorted(waiting, key=lambda one: served.get((one.owner, one.document_id), 0)):
        queues.setdefault(one.owner, deque()).append(one)
    turns = deque(sorted(queues, key=lambda owner: served.get((owner,), 0)))
    while turns:
        owner = turns.popleft()
        yield queues[owner].popleft()
        if queues[owner]:
            turns.append(owner)
