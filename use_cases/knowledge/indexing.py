"""The line from prepared documents to stored ones: batches, embedded while others are read and saved.

Promises: bounded memory (a batch being filled, one waiting, one being embedded, one being saved,
each of about `BATCH` passages or one document), outcomes in the order of the sources, and no work
left running when the reader of the outcomes stops. Every document is one `Library.save`, made
outside any embedding. Leaves it to its callers which documents come.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final, TypeVar

from use_cases.kernel.errors import CandorError
from use_cases.knowledge.embedding import DocumentEmbedding, Step, concerns_everything, failure
from use_cases.knowledge.ingest_progress import Stage, StageReport, Watch, unwatched
from use_cases.knowledge.model import (
    Change,
    FileOutcome,
    Fingerprint,
    IngestProgress,
    IngestReport,
    PreparedDocument,
)
from use_cases.knowledge.ports import Library
from use_cases.knowledge.table_names import renamed

BATCH: Final = 128
"""Passages embedded together: enough to sort by length, few enough to show progress."""

_STEPS: Final = 64  # of a batch, where most documents are unchanged or failed

_MOST_TOLD: Final = 20
"""Notices on single documents in one report."""

T = TypeVar("T", bound=object)


class Indexing:
    """Embeds and saves what a run prepares; `known` are the stored fingerprints by URI."""

    def __init__(
        self,
        library: Library,
        embedding: DocumentEmbedding,
        known: Mapping[str, Fingerprint],
        watch: Watch = unwatched,
    ) -> None:
        self._library = library
        self._embedding = embedding
        self._known = known
        self._watch = watch

    async def outcomes(
        self, steps: AsyncGenerator[Step, None]
    ) -> AsyncGenerator[FileOutcome, None]:
        """What became of each step. Raises what concerns everything, after saving what came before."""
        embedded = one_ahead(self._embedded(one_ahead(_batches(steps))))
        async with aclosing(embedded) as batches:
            async for batch in batches:
                for step in batch:
                    yield step if isinstance(step, FileOutcome) else await self._saved(step)

    async def _embedded(
        self, batches: AsyncGenerator[Sequence[Step], None]
    ) -> AsyncGenerator[Sequence[Step], None]:
        async with aclosing(batches):
            async for batch in batches:
                documents = [step for step in batch if isinstance(step, PreparedDocument)]
                filled = iter(await self._embedding.fill(documents))
                yield [
                    next(filled) if isinstance(step, PreparedDocument) else step for step in batch
                ]

    async def _saved(self, document: PreparedDocument) -> FileOutcome:
        before = self._known.get(document.uri)
        if before is not None and before.content_hash == document.content_hash:
            return FileOutcome(document.name, Change.UNCHANGED)
        self._watch(StageReport(stage=Stage.SAVING, name=document.name))
        try:
            saved = await self._library.save(document)
            notice = await renamed(self._library, saved.ref, document)
        except CandorError as error:
            if concerns_everything(error):
                raise
            return failure(document.name, error)
        if saved.change is Change.UNCHANGED:  # another process was faster
            return FileOutcome(document.name, Change.UNCHANGED)
        return FileOutcome(document.name, saved.change, len(document.passages), notice=notice)


class Tally:
    """Counts the outcomes of a run."""

    def __init__(self) -> None:
        self._counts: Counter[Change] = Counter()
        self._passages = 0
        self.failures: list[FileOutcome] = []
        self.skipped: list[FileOutcome] = []
        self._told: list[str] = []

    def progress(self, outcome: FileOutcome, total: int) -> IngestProgress:
        """Count this outcome, and say how far the run is."""
        self._counts[outcome.change] += 1
        self._passages += outcome.passages
        if outcome.change is Change.FAILED:
            self.failures.append(outcome)
        elif outcome.change is Change.SKIPPED:
            self.skipped.append(outcome)
        if outcome.notice:
            self._told.append(outcome.notice)
        return IngestProgress(self._counts.total(), total, outcome)

    def report(self, notices: Sequence[str | None], seconds: float) -> IngestReport:
        """The summary, with the notices that are not None and those of single documents."""
        more = len(self._told) - _MOST_TOLD
        told = [*notices, *self._told[:_MOST_TOLD]]
        told.append(
            f"{more} more files have tables with another name; `candor tables` lists them."
            if more > 0
            else None
        )
        return IngestReport(
            counts={change: self._counts[change] for change in Change},
            passages=self._passages,
            failures=tuple(self.failures),
            notices=tuple(notice for notice in told if notice),
            seconds=seconds,
            skipped=tuple(self.skipped),
        )


async def one_ahead(items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The same items, the next one being made while the present one is used.

    Closing it, or an error on either side, ends the work under way and closes `items`.
    """
    upcoming = asyncio.create_task(_following(items))
    try:
        while (item := await upcoming) is not None:
            upcoming = asyncio.create_task(_following(items))
            yield item
    finally:
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)
        await items.aclose()


async def _following(items: AsyncGenerator[T, None]) -> T | None:
    return await anext(items, None)


async def _batches(steps: AsyncGenerator[Step, None]) -> AsyncGenerator[Sequence[Step], None]:
    batch: list[Step] = []
    passages = 0
    async with aclosing(steps):
        async for step in steps:
            batch.append(step)
            passages += len(step.passages) if isinstance(step, PreparedDocument) else 0
            if passages >= BATCH or len(batch) >= _STEPS:
                yield batch
                batch, passages = [], 0
    if batch:
        yield batch
