"""Ingest files and folders: what is new or changed is stored, what is unchanged is left alone.

Promises: the same files give the same index however often, in how many runs or by how many
processes they are ingested; each document is stored whole or not at all; a file that cannot be
ingested is reported with code, reason and hint, keeps its stored version, and the rest goes on.
A file that is no document or holds no text is skipped, which is no failure; it fails where it is the
only thing that was asked for.
What concerns everything (a full disk, a read-only database, another embedder, a wrong key) ends
the run with its own error; what was stored before stays, and the next run goes on from there.

Leaves to others: which files are candidates (`Sources`), their text (`Reader`), passages
(`chunking`), the line from prepared to stored (`indexing`).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from posixpath import commonprefix
from urllib.parse import unquote

from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import Clock
from use_cases.knowledge.embedding import DocumentEmbedding, Step, concerns_everything, failure
from use_cases.knowledge.errors import (
    DocumentNotFound,
    SourceBinary,
    SourceBroken,
    SourceEmpty,
    SourceNotFound,
    SourceUnreadable,
)
from use_cases.knowledge.indexing import Indexing, Tally
from use_cases.knowledge.ingest_progress import Stage, StageReport, Watch, unwatched
from use_cases.knowledge.ingest_roots import Done, Root, Source, each_once, gone_of, kept_notice
from use_cases.knowledge.model import (
    Change,
    ChunkPolicy,
    FileOutcome,
    Fingerprint,
    IngestProgress,
    IngestReport,
    SourceFile,
)
from use_cases.knowledge.moved_folders import moved_notice
from use_cases.knowledge.ports import Embedder, Library, Reader, Sources
from use_cases.knowledge.prepare_document import content_key, identity_of, is_current, prepare


class IngestDocuments:
    """Stores the documents of files and folders. `embedder` is None where none is configured."""

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
        watch: Watch = unwatched,
    ) -> AsyncGenerator[IngestProgress | IngestReport, None]:
        """One `IngestProgress` per source as it is done, and the `IngestReport` last.

        `roots` are files and folders; a file that several of them hold is done once, as the first
        of them names it. Of several roots, one that cannot be listed is a failure and the rest goes
        on; a single one raises `SourceNotFound`, `SourceUnreadable` or `SourceBroken`.

        `category` wins over what documents say or where they stand. `prune` removes the stored
        documents of these roots whose file has gone, unless that cannot be told for certain; the
        total grows by them. `watch` is called with what is being done meanwhile. Raises
        `EmbedderMismatch`, `DimensionMismatch` and storage errors.
        """
        started = self._clock.monotonic()
        found = [await self._listed(root, alone=len(roots) == 1) for root in roots]
        sources = each_once(found)
        watch(StageReport(stage=Stage.FOUND, documents=len(sources)))
        await self._library.prepare(identity_of(self._embedder, self._chunks))
        known = await self._stored(found)
        embedding = DocumentEmbedding(self._embedder, watch=watch)
        tally = Tally()
        line = Indexing(self._library, embedding, known, watch)
        done: list[Done] = []
        steps = self._steps(sources, known, category, watch)
        async with aclosing(line.outcomes(steps)) as outcomes:
            async for outcome in outcomes:  # one for each source, in their order
                source = sources[len(done)]
                done.append(Done(source, outcome))
                shown = outcome if len(roots) == 1 else replace(outcome, name=source.asked_name)
                yield tally.progress(shown, len(sources))
        notices = [
            embedding.notice,
            kept_notice(Change.FAILED, done, known),
            kept_notice(Change.SKIPPED, done, known),
            await self._moved(done),
        ]
        if prune:
            gone, doubts = gone_of(found, known, done)
            notices.extend(doubts)
            for uri, root in gone.items():
                outcome = await self._removed(uri, known[uri], root)
                yield tally.progress(outcome, len(sources) + len(gone))
        yield tally.report(notices, self._clock.monotonic() - started)

    async def _listed(self, root: str, *, alone: bool) -> Root:
        try:
            files = [file async for file in self._sources.files(root)]
        except (SourceNotFound, SourceUnreadable, SourceBroken) as error:
            if alone:
                raise
            return Root(root, None, (), failure(root, error))
        return Root(root, self._sources.root_uri(root), files)

    async def _stored(self, found: Sequence[Root]) -> Mapping[str, Fingerprint]:
        """What is stored of these roots: their own URIs or below them, never that of `root-2`."""
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
        sources: Sequence[Source],
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
            try:
                step = await self._step(file, mark.content_hash if mark else None, category, watch)
            except CandorError as error:
                if concerns_everything(error):
                    raise
                no_document = isinstance(error, (SourceBinary, SourceEmpty))
                skip = no_document and not source.asked_for
                step = failure(file.name, error, Change.SKIPPED if skip else Change.FAILED)
            yield step

    async def _moved(self, done: Sequence[Done]) -> str | None:
        added = [
            one.source.file
            for one in done
            if one.outcome.change is Change.ADDED and isinstance(one.source.file, SourceFile)
        ]
        return moved_notice(added, await self._library.fingerprints("")) if added else None

    async def _step(
        self, file: SourceFile, stored: str | None, category: str | None, watch: Watch
    ) -> Step:
        watch(StageReport(stage=Stage.READING, name=file.name))
        content = await self._sources.read(file)
        sidecar = await self._sources.sidecar(file)
        key = content_key(file, content, sidecar, category, self._chunks)
        if stored and is_current(stored, key, embedding=self._embedder is not None):
            return FileOutcome(file.name, Change.UNCHANGED)
        parsed = await self._reader.parse(file.name, content, sidecar, chunks=self._chunks)
        watch(StageReport(stage=Stage.CUTTING, name=file.name))
        # Cutting a large document takes seconds: not on the event loop.
        return await asyncio.to_thread(
            partial(prepare, chunks=self._chunks, category=category, sidecar=sidecar),
            file,
            content,
            parsed,
        )

    async def _removed(self, uri: str, mark: Fingerprint, root: Root) -> FileOutcome:
        with suppress(DocumentNotFound):  # another process was faster: it is gone as wanted
            await self._library.remove(mark.document_id)
        return FileOutcome(unquote(uri.removeprefix(root.uri or "").lstrip("/")), Change.REMOVED)
