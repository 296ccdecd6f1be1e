"""The ingestion of files and folders: new and changed documents are stored, unchanged ones skipped.

All texts are stored and indexed first, so that search and answers find them by their words within
seconds; then all passages without a vector get one. Promises: the same files give the same index, however often, in however many runs or processes they
are ingested; each document is stored whole or not at all; a file that cannot be ingested is reported
with code, reason and hint and keeps its stored version, and the rest continues. A file without text,
or one that is no document, is skipped, which is no failure; it fails where it is the only requested
one. A general error (a full disk, a read-only database, another embedder, a wrong key) ends the run;
documents stored before stay, and the next run continues from there.

Leaves to others: the candidate files (`Sources`), their text (`Reader`), passages (`chunking`), the
pipeline from prepared to stored (`indexing`), vectors (`complete_vectors`).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from posixpath import commonprefix
from urllib.parse import unquote

from use_cases.kernel.ports import Clock, Embedder
from use_cases.kernel.statistics.figures import counted
from use_cases.knowledge.complete_vectors import CompleteVectors
from use_cases.knowledge.errors import (
    DocumentNotFound,
    EmbedderUnavailable,
    SourceBinary,
    SourceBroken,
    SourceEmpty,
    SourceNotFound,
    SourceUnreadable,
)
from use_cases.knowledge.indexing import Indexing, Step, Tally, step_of
from use_cases.knowledge.ingest_roots import (
    Root,
    RootedSource,
    SourceOutcome,
    find_missing,
    kept_notice,
    moved_notice,
    unique_sources,
)
from use_cases.knowledge.ingest_stages import (
    Stage,
    StageReport,
    Watch,
    failure,
    ignore_report,
)
from use_cases.knowledge.model import (
    Change,
    ChunkPolicy,
    FileOutcome,
    Fingerprint,
    IngestProgress,
    IngestReport,
    SourceFile,
)
from use_cases.knowledge.ports import Library, Reader, Sources
from use_cases.knowledge.prepare_document import content_key, identity_of, prepare

LATER = (
    "No vectors yet for {}: search goes by full text alone there, until a running server or"
    " the next ingestion has added them."
)


class IngestDocuments:
    """The use case that stores the documents of files and folders. `embedder` may be None."""

    def __init__(
        self,
        *,
        sources: Sources,
        reader: Reader,
        library: Library,
        embedder: Embedder | None,
        clock: Clock,
        chunks: ChunkPolicy,
    ) -> None:
        self._sources = sources
        self._reader = reader
        self._library = library
        self._embedder = embedder
        self._clock = clock
        self._chunks = chunks

    async def stream(
        self,
        *roots: str,
        category: str | None = None,
        prune: bool = False,
        wait: bool = True,
        watch: Watch = ignore_report,
    ) -> AsyncGenerator[IngestProgress | IngestReport, None]:
        """Yields one `IngestProgress` per source when it is done, and the `IngestReport` last.

        `roots` are files and folders; a file in several of them is ingested once, under its name in
        the first. Among several roots, an unreadable one is a failure and the rest continues; a single
        one raises `SourceNotFound`, `SourceUnreadable` or `SourceBroken`.

        `category` overrides the stated category and the folder's. `prune` removes the stored documents
        of these roots whose file is certainly missing; the total grows by them. Without `wait` the run
        ends when the texts are stored. `watch` receives each stage. Raises `EmbedderMismatch`, `DimensionMismatch` and storage errors.
        """
        started = self._clock.monotonic()
        found = [await self._list_root(root, alone=len(roots) == 1) for root in roots]
        sources = unique_sources(found)
        watch(StageReport(stage=Stage.FOUND, documents=len(sources)))
        await self._library.prepare(identity_of(self._embedder, self._chunks))
        known = await self._fingerprints(found)
        tally = Tally()
        indexing = Indexing(self._library, known, watch)
        done: list[SourceOutcome] = []
        steps = self._steps(sources, known, category, watch)
        async with aclosing(indexing.outcomes(steps)) as outcomes:
            async for outcome in outcomes:  # one for each source, in their order
                source = sources[len(done)]
                done.append(SourceOutcome(source, outcome))
                shown = outcome if len(roots) == 1 else replace(outcome, name=source.requested_name)
                yield tally.progress(shown, len(sources))
        notices = [
            kept_notice(Change.FAILED, done, known),
            kept_notice(Change.SKIPPED, done, known),
            await self._moved_notice(done),
        ]
        if prune:
            gone, doubts = find_missing(found, known, done)
            notices.extend(doubts)
            for uri, root in gone.items():
                outcome = await self._remove(uri, known[uri], root)
                yield tally.progress(outcome, len(sources) + len(gone))
        notices.insert(0, await self._add_vectors(tally, watch, wait=wait))
        yield tally.report(notices, self._clock.monotonic() - started)

    async def _add_vectors(self, tally: Tally, watch: Watch, *, wait: bool) -> str | None:
        """Adds all missing vectors; returns a notice where it could not be done, or not now."""
        completion = CompleteVectors(
            library=self._library, embedder=self._embedder, chunks=self._chunks
        )
        if not wait:
            missing = await completion.missing()
            return LATER.format(counted(missing, "passage")) if missing else None
        try:
            await completion.run(tally, watch)
        except EmbedderUnavailable as error:
            reason = f"{error.detail[:1].lower()}{error.detail[1:].rstrip('.')}"
            missing = counted(await completion.missing(), "passage")
            return f"No vectors for {missing}: {reason}. Search goes by full text alone there."
        return None

    async def _list_root(self, root: str, *, alone: bool) -> Root:
        try:
            files = [file async for file in self._sources.files(root)]
        except (SourceNotFound, SourceUnreadable, SourceBroken) as error:
            if alone:
                raise
            return Root(root, None, (), failure(root, error))
        return Root(root, self._sources.root_uri(root), files)

    async def _fingerprints(self, found: Sequence[Root]) -> Mapping[str, Fingerprint]:
        """Returns the stored documents at or below these roots' URIs, never those of `root-2`."""
        own = [root.uri for root in found if root.uri is not None]
        if not own:
            return {}
        all_near = await self._library.fingerprints(commonprefix(own))
        exact, below = set(own), tuple(uri.rstrip("/") + "/" for uri in own)
        return {
            uri: mark for uri, mark in all_near.items() if uri in exact or uri.startswith(below)
        }

    async def _steps(
        self,
        sources: Sequence[RootedSource],
        known: Mapping[str, Fingerprint],
        category: str | None,
        watch: Watch,
    ) -> AsyncGenerator[Step, None]:
        for source in sources:
            file = source.file
            if isinstance(file, FileOutcome):
                yield file
                continue
            mark = known.get(file.uri)
            reading = self._read(file, mark.content_hash if mark else None, category, watch)
            no_document = () if source.is_requested else (SourceBinary, SourceEmpty)
            yield await step_of(file.name, reading, skipped=no_document)

    async def _moved_notice(self, done: Sequence[SourceOutcome]) -> str | None:
        added = [
            one.source.file
            for one in done
            if one.outcome.change is Change.ADDED and isinstance(one.source.file, SourceFile)
        ]
        return moved_notice(added, await self._library.fingerprints("")) if added else None

    async def _read(
        self, file: SourceFile, stored: str | None, category: str | None, watch: Watch
    ) -> Step:
        watch(StageReport(stage=Stage.READING, name=file.name))
        content = await self._sources.read(file)
        sidecar = await self._sources.sidecar(file)
        key = content_key(file, content, sidecar, category, self._chunks)
        if stored == key:
            return FileOutcome(file.name, Change.UNCHANGED)
        parsed = await self._reader.parse(file.name, content, sidecar, chunks=self._chunks)
        watch(StageReport(stage=Stage.CUTTING, name=file.name))
        # Cutting a large document takes seconds: not on the event loop.
        return await asyncio.to_thread(
            prepare, file, content, parsed, chunks=self._chunks, category=category, sidecar=sidecar
        )

    async def _remove(self, uri: str, mark: Fingerprint, root: Root) -> FileOutcome:
        with suppress(DocumentNotFound):  # another process removed it first
            await self._library.remove(mark.document_id)
        return FileOutcome(unquote(uri.removeprefix(root.uri or "").lstrip("/")), Change.REMOVED)
