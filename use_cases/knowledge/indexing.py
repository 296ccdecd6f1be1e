"""The pipeline from prepared to stored documents: the next one is read while this one is saved.

Promises: bounded memory, outcomes in the order of the sources, and no work left running when the
consumer of the outcomes stops. Every document is one `Library.save`; full text finds it from then
on. Leaves to others: the choice of documents, vectors (`complete_vectors`).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from typing import Final, TypeAlias, TypeVar

from use_cases.kernel.errors import CandorError
from use_cases.knowledge.ingest_stages import (
    Stage,
    StageReport,
    Watch,
    concerns_everything,
    failure,
    ignore_report,
    stored_notice,
)
from use_cases.knowledge.model import (
    Change,
    FileOutcome,
    Fingerprint,
    IngestProgress,
    IngestReport,
    PreparedDocument,
)
from use_cases.knowledge.ports import Library

Step: TypeAlias = PreparedDocument | FileOutcome
"""A document to save, or its outcome already."""

_MAX_NOTICES: Final = 20
"""The most notices on single documents in one report."""

T = TypeVar("T", bound=object)


async def step_of(
    name: str, reading: Awaitable[Step], *, skipped: tuple[type[CandorError], ...] = ()
) -> Step:
    """Returns what is read of a document, or that it failed; these errors mean that it is `skipped`.

    Raises an error that concerns every document.
    """
    try:
        return await reading
    except CandorError as error:
        if concerns_everything(error):
            raise
        return failure(name, error, Change.SKIPPED if isinstance(error, skipped) else Change.FAILED)


class Indexing:
    """The saving of a run's documents; `known` are stored fingerprints by URI."""

    def __init__(
        self, library: Library, known: Mapping[str, Fingerprint], watch: Watch = ignore_report
    ) -> None:
        self._library = library
        self._known = known
        self._watch = watch

    async def outcomes(
        self, steps: AsyncGenerator[Step, None]
    ) -> AsyncGenerator[FileOutcome, None]:
        """Yields the outcome of each step. Raises a general error after the steps before it."""
        async with aclosing(prefetch(steps)) as ahead:
            async for step in ahead:
                yield step if isinstance(step, FileOutcome) else await self._save(step)

    async def _save(self, document: PreparedDocument) -> FileOutcome:
        before = self._known.get(document.uri)
        if before is not None and before.content_hash == document.content_hash:
            return FileOutcome(document.name, Change.UNCHANGED)
        self._watch(StageReport(stage=Stage.SAVING, name=document.name))
        try:
            saved = await self._library.save(document)
            notice = await stored_notice(self._library, saved.ref, document)
        except CandorError as error:
            if concerns_everything(error):
                raise
            return failure(document.name, error)
        if saved.change is Change.UNCHANGED:  # another process saved it first
            return FileOutcome(document.name, Change.UNCHANGED)
        return FileOutcome(document.name, saved.change, len(document.passages), notice=notice)


class Tally:
    """The counts of a run's outcomes."""

    def __init__(self) -> None:
        self._counts: Counter[Change] = Counter()
        self._passages = 0
        self.failures: list[FileOutcome] = []
        self.skipped: list[FileOutcome] = []
        self._notices: list[str] = []

    def progress(self, outcome: FileOutcome, total: int) -> IngestProgress:
        """Counts this outcome and returns the run's progress."""
        self._counts[outcome.change] += 1
        self._passages += outcome.passages
        if outcome.change is Change.FAILED:
            self.failures.append(outcome)
        elif outcome.change is Change.SKIPPED:
            self.skipped.append(outcome)
        if outcome.notice:
            self._notices.append(outcome.notice)
        return IngestProgress(self._counts.total(), total, outcome)

    def report(self, notices: Sequence[str | None], seconds: float) -> IngestReport:
        """Returns the summary, with the given notices (None is skipped) and those of documents."""
        more = len(self._notices) - _MAX_NOTICES
        lines = [*notices, *self._notices[:_MAX_NOTICES]]
        lines.append(
            f"{more} more files have such notes; `candor tables` lists all tables."
            if more > 0
            else None
        )
        return IngestReport(
            counts={change: self._counts[change] for change in Change},
            passages=self._passages,
            failures=tuple(self.failures),
            notices=tuple(notice for notice in lines if notice),
            seconds=seconds,
            skipped=tuple(self.skipped),
        )


async def prefetch(items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Yields the items, computing the next one while the current one is used.

    Its closing, or an error on either side, cancels the current work and closes `items`.
    """
    upcoming = asyncio.create_task(_next_item(items))
    try:
        while (item := await upcoming) is not None:
            upcoming = asyncio.create_task(_next_item(items))
            yield item
    finally:
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)
        await items.aclose()


async def _next_item(items: AsyncGenerator[T, None]) -> T | None:
    return await anext(items, None)
