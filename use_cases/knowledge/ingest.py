"""Ingest a folder or a file: what is new or changed is stored, what is unchanged is left alone.

Promises: the same files give the same index however often, in how many runs or by how many
processes they are ingested; each document is stored whole or not at all; a file that cannot be
ingested is reported with code, reason and hint, keeps its stored version, and the rest goes on.
A file of a folder that is no document or holds no text is skipped, which is no failure; a file that
was asked for by name fails.
What concerns everything (a full disk, a read-only database, another embedder, a wrong key) ends
the run with its own error; what was stored before stays, and the next run goes on from there.

Leaves to others: which files are candidates (`Sources`), their text (`Reader`), passages
(`chunking`), the line from prepared to stored (`indexing`).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial
from urllib.parse import unquote

from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import Clock
from use_cases.knowledge.embedding import DocumentEmbedding, Step, concerns_everything, failure
from use_cases.knowledge.errors import (
    DocumentNotFound,
    SourceBinary,
    SourceEmpty,
    SourceNotFound,
    SourceUnreadable,
)
from use_cases.knowledge.indexing import Indexing, Tally
from use_cases.knowledge.model import (
    Change,
    ChunkPolicy,
    FileOutcome,
    Fingerprint,
    IngestProgress,
    IngestReport,
    SourceFile,
)
from use_cases.knowledge.ports import Embedder, Library, Reader, Sources
from use_cases.knowledge.preparing import content_key, identity_of, is_current, prepare
from use_cases.knowledge.stages import Stage, StageReport, Watch, unwatched

_OUT_OF_SIGHT = frozenset({SourceNotFound.code, SourceUnreadable.code})


class IngestDocuments:
    """Stores the documents of a folder or file. `embedder` is None where none is configured."""

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
        root: str,
        *,
        category: str | None = None,
        prune: bool = False,
        watch: Watch = unwatched,
    ) -> AsyncGenerator[IngestProgress | IngestReport, None]:
        """One `IngestProgress` per source as it is done, and the `IngestReport` last.

        `category` wins over what documents say or where they stand. `prune` removes the stored
        documents of this root whose file has gone, unless that cannot be told for certain; the
        total grows by them. `watch` is called with what is being done meanwhile. Raises `SourceNotFound`, `EmbedderMismatch`, `DimensionMismatch` and
        storage errors.
        """
        started = self._clock.monotonic()
        files = [file async for file in self._sources.files(root)]
        watch(StageReport(stage=Stage.FOUND, documents=len(files)))
        await self._library.prepare(identity_of(self._embedder, self._chunks))
        known = await self._stored(root)
        embedding = DocumentEmbedding(self._embedder, watch=watch)
        tally = Tally()
        line = Indexing(self._library, embedding, known, watch)
        steps = self._steps(files, known, category, root, watch)
        async with aclosing(line.outcomes(steps)) as outcomes:
            async for outcome in outcomes:
                yield tally.progress(outcome, len(files))
        notices = [
            embedding.notice,
            _kept("failed", tally.failures, files, known),
            _kept("skipped", tally.skipped, files, known),
        ]
        if prune:
            gone = sorted(known.keys() - {file.uri for file in files})
            doubt = _doubt(gone, files, tally.failures)
            notices.append(doubt)
            for uri in () if doubt else gone:
                outcome = await self._removed(uri, known[uri], root)
                yield tally.progress(outcome, len(files) + len(gone))
        yield tally.report(notices, self._clock.monotonic() - started)

    async def _stored(self, root: str) -> Mapping[str, Fingerprint]:
        """What is stored of this root: its own URI or below it, never that of `root-2`."""
        own = self._sources.root_uri(root)
        below = own.rstrip("/") + "/"
        found = await self._library.fingerprints(own)
        return {uri: mark for uri, mark in found.items() if uri == own or uri.startswith(below)}

    async def _steps(
        self,
        files: Sequence[SourceFile],
        known: Mapping[str, Fingerprint],
        category: str | None,
        root: str,
        watch: Watch,
    ) -> AsyncGenerator[Step, None]:
        asked = self._sources.root_uri(root)
        for file in files:
            mark = known.get(file.uri)
            try:
                step = await self._step(file, mark.content_hash if mark else None, category, watch)
            except CandorError as error:
                if concerns_everything(error):
                    raise
                no_document = isinstance(error, (SourceBinary, SourceEmpty))
                skip = no_document and file.uri != asked
                step = failure(file.name, error, Change.SKIPPED if skip else Change.FAILED)
            yield step

    async def _step(
        self, file: SourceFile, stored: str | None, category: str | None, watch: Watch
    ) -> Step:
        watch(StageReport(stage=Stage.READING, name=file.name))
        content = await self._sources.read(file)
        sidecar = await self._sources.sidecar(file)
        key = content_key(file, content, sidecar, category, self._chunks)
        if stored and is_current(stored, key, embedding=self._embedder is not None):
            return FileOutcome(file.name, Change.UNCHANGED)
        parsed = await self._reader.parse(file.name, content, sidecar)
        watch(StageReport(stage=Stage.CUTTING, name=file.name))
        # Cutting a large document takes seconds: not on the event loop.
        return await asyncio.to_thread(
            partial(prepare, chunks=self._chunks, category=category, sidecar=sidecar),
            file,
            content,
            parsed,
        )

    async def _removed(self, uri: str, mark: Fingerprint, root: str) -> FileOutcome:
        with suppress(DocumentNotFound):  # another process was faster: it is gone as wanted
            await self._library.remove(mark.document_id)
        name = unquote(uri.removeprefix(self._sources.root_uri(root)).lstrip("/"))
        return FileOutcome(name, Change.REMOVED)


def _doubt(
    gone: Sequence[str], files: Sequence[SourceFile], failures: Sequence[FileOutcome]
) -> str | None:
    """Why nothing may be removed although files seem to have gone; None when all is certain."""
    if not gone:
        return None
    if not files:
        return (
            f"No file was found, so none of the {len(gone)} stored documents was removed. If the "
            "folder is empty on purpose, remove them one by one."
        )
    unseen = sum(outcome.code in _OUT_OF_SIGHT for outcome in failures)
    if unseen:
        return (
            f"{unseen} files or folders could not be opened, so none of the {len(gone)} documents "
            "that seem to have gone was removed."
        )
    return None


def _kept(
    how: str,
    outcomes: Sequence[FileOutcome],
    files: Sequence[SourceFile],
    known: Mapping[str, Fingerprint],
) -> str | None:
    stored = {file.name for file in files if file.uri in known}
    kept = sum(outcome.name in stored for outcome in outcomes)
    return f"{kept} of the {how} files keep their stored version." if kept else None
