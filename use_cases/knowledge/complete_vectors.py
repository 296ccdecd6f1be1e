"""The vectors of stored passages that have none: the second stage of an ingestion.

Promises: it goes on where another run stopped, whichever process that was; search and answers work
meanwhile. Several runs, in any processes on the database, share the passages out: each claims what it works on, and
what one that was killed had in hand is taken up first, seconds later; none ends while another one has passages in
hand. Owners take turns, and each owner's documents: a page waits for one slice of another
owner's book, not for the book. A transaction adds the vectors of at most `WINDOW` passages and a
slice, and a document's last ones at once; a text that was replaced meanwhile gets no vector of its
former content. A passage that the embedder refuses stays without one, is reported and noted; a general
error (a wrong key, a rate limit, an embedder that is not available, vectors of a wrong length) ends the
run, and what was added stays.

Leaves to others: texts and their full-text index (`indexing`), which are stored before.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import PassageVectors
from use_cases.kernel.ports import Embedder
from use_cases.kernel.runs.inflight import LEASE, RENEWED_EVERY
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

_CLAIM: Final = LEASE.total_seconds()
_LOOK_AGAIN: Final = 0.25
"""Seconds; when another run is through with what it has in hand is not known."""

_TRIED_AGAIN_AFTER: Final = 60.0  # seconds

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
        self._failed_at = 0.0
        self.trouble: CandorError | None = None
        """The error that ended the last run; None while all is well."""

    async def missing(self) -> int:
        """Returns how many passages have no vector."""
        counted = await self._library.statistics()
        return counted.passages - counted.vectors

    async def is_due(self) -> bool:
        """Returns whether passages wait, unless a run in this process has failed just now."""
        if self.trouble and time.monotonic() < self._failed_at + _TRIED_AGAIN_AFTER:
            return False
        counted = await self._library.statistics()
        return counted.passages > counted.vectors + counted.refused

    async def stream(
        self, *, shared: bool = False
    ) -> AsyncGenerator[VectorProgress | FileOutcome, None]:
        """Yields the progress, first of nothing done, and each document that was refused in part.

        Nothing is yielded where no passage waits for its vector. `shared` is for work beside other
        work: the slices are smaller, and the run ends where a process that shares no claims, as of another
        server on one file, adds the same vectors. Raises
        `EmbedderUnavailable`, `EmbedderMismatch`, `DimensionMismatch` and errors of the provider and the
        storage.
        """
        try:
            async with aclosing(self._run(shared=shared)) as steps:
                async for step in steps:
                    yield step
        except CandorError as error:
            self.trouble = error
            self._failed_at = time.monotonic()
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
        keeping = asyncio.create_task(queue.keep_claims())
        try:
            async with aclosing(
                self._work(self._embedder, queue, most, total, shared=shared)
            ) as steps:
                async for step in steps:
                    yield step
        finally:
            keeping.cancel()
            with suppress(CandorError):  # they run out by themselves
                await self._library.release_claims(queue.holder)

    async def _work(
        self, embedder: Embedder, queue: "_Queue", most: int, total: int, *, shared: bool
    ) -> AsyncGenerator[VectorProgress | FileOutcome, None]:
        done = 0
        named: set[str] = set()
        while True:
            passages = await queue.take(most)
            if not passages:
                await queue.add()
                await queue.let_go()
                if not await self._library.is_claimed():
                    return
                await asyncio.sleep(_LOOK_AGAIN)  # others have the rest in hand
                continue
            made, refused = await self._embed(embedder, passages)
            queue.made |= made
            for one, error in refused:
                if one.name not in named:
                    named.add(one.name)
                    yield failure(one.name, error)
            if refused:
                await self._library.refuse([one.passage_id for one, _ in refused])
            if queue.is_full and not await queue.add() and shared:
                return
            done += len(passages)
            yield VectorProgress(done, max(done, total))

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
    """The passages that wait, in fair turns, and the vectors that are made of them.

    Of each document at most `window` passages are claimed at a time, and given out in the order of their
    lengths: texts of similar length share a slice, so that a model computes little on padding.
    """

    def __init__(self, library: Library, window: int) -> None:
        self._library = library
        self._window = window
        self.holder = uuid4().hex
        self._served: dict[tuple[str, ...], int] = {}  # the last turn of each owner and document
        self._turn = 0
        self._read: dict[WaitingDocument, deque[UnembeddedPassage]] = {}
        self._known: set[WaitingDocument] = set()
        self._ending: set[WaitingDocument] = set()
        self._out: list[int] = []
        self._has_finished_one = False
        self.made: dict[int, PassageVectors] = {}
        """The vectors that are not added yet."""

    @property
    def is_full(self) -> bool:
        """True where what is made should be added: it is much, or a document's last."""
        return self._has_finished_one or len(self.made) >= self._window

    async def add(self) -> bool:
        """Adds what is made, and lets go of its passages; false where a vector was there or its text gone."""
        added = await self._library.add_vectors(self.made) if self.made else 0
        expected = len(self.made)
        if self._out:
            await self._library.release_claims(self.holder, self._out)
        self.made = {}
        self._out = []
        return added == expected

    async def let_go(self) -> None:
        """Ends all claims: what is left in hand at the end is of texts that are gone, or have vectors by now."""
        self._read.clear()
        await self._library.release_claims(self.holder)

    async def keep_claims(self) -> None:
        """Holds what is claimed until it is cancelled."""
        while True:
            await asyncio.sleep(RENEWED_EVERY.total_seconds())
            with suppress(CandorError):
                await self._library.keep_claims(self.holder, _CLAIM)

    async def take(self, most: int) -> Sequence[UnembeddedPassage]:
        """Returns the next slice, of several documents where they are short and new; empty at the end.

        What was stored, replaced or removed since the last slice is considered.
        """
        self._has_finished_one = False
        taken: list[UnembeddedPassage] = []
        for document in in_turns(await self._library.waiting(self.holder), self._served):
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
        self._out += [one.passage_id for one in taken]
        return taken

    async def _take_of(self, document: WaitingDocument, most: int) -> list[UnembeddedPassage]:
        read = self._read.get(document)
        if read is None:
            found = await self._library.claim(
                document.document_id, self.holder, limit=self._window, seconds=_CLAIM
            )
            if len(found) < self._window:
                self._ending.add(document)
            if not found:  # its last ones are made, and not added yet
                self._has_finished_one |= document in self._known
                return []
            self._known.add(document)
            read = self._read[document] = deque(sorted(found, key=lambda one: len(one.text)))
        taken = [read.popleft() for _ in range(min(most, len(read)))]
        if not read:
            del self._read[document]
            self._has_finished_one |= document in self._ending
        return taken


def in_turns(
    waiting: Sequence[WaitingDocument], served: Mapping[tuple[str, ...], int]
) -> Iterator[WaitingDocument]:
    """Yields each document once, one of each owner in turn.

    What a run that is gone had in hand comes first. The owner and the document that were served longest ago
    come next; before them those that never were, in the given order. `served` has the last turn by owner and by owner and document.
    """
    queues: dict[str, deque[WaitingDocument]] = {}
    for one in sorted(
        waiting, key=lambda one: (not one.lost, served.get((one.owner, one.document_id), 0))
    ):
        queues.setdefault(one.owner, deque()).append(one)
    turns = deque(
        sorted(queues, key=lambda owner: (not queues[owner][0].lost, served.get((owner,), 0)))
    )
    while turns:
        owner = turns.popleft()
        yield queues[owner].popleft()
        if queues[owner]:
            turns.append(owner)
