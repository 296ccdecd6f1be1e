"""The rebuild of the index: passages and vectors of all documents with the current configuration.

Promises: the old index is dropped only after a test of the embedder; from then on search uses the
full text, joined by vectors as they are made. An interrupted rebuild continues where it stopped
when it is run again. Requested categories are kept. A document whose source is missing or unreadable
keeps its text, versions and passages, which get vectors as all others do, and is reported.

Documents are read again from their sources, uploads from their stored bytes.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from urllib.parse import unquote_to_bytes, urlsplit

from use_cases.kernel.model import DateOrigin
from use_cases.kernel.ports import Clock, Embedder
from use_cases.kernel.statistics.figures import counted
from use_cases.knowledge.complete_vectors import CompleteVectors
from use_cases.knowledge.errors import DocumentNotFound, EmbedderUnavailable, SourceNotFound
from use_cases.knowledge.indexing import Indexing, Step, Tally, step_of
from use_cases.knowledge.ingest_stages import Stage, StageReport, Watch, ignore_report
from use_cases.knowledge.model import (
    ChunkPolicy,
    DocumentSummary,
    Fingerprint,
    IngestProgress,
    IngestReport,
    ParsedDocument,
    PreparedDocument,
    SourceFile,
)
from use_cases.knowledge.ports import Library, Reader, Sources
from use_cases.knowledge.prepare_document import (
    identity_of,
    prepare,
    requested_category,
)
from use_cases.knowledge.upload import UPLOADS


class ReindexKnowledge:
    """The use case that rebuilds all stored documents with this embedder and chunking."""

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
        self, *, fresh: bool = False, watch: Watch = ignore_report
    ) -> AsyncGenerator[IngestProgress | IngestReport, None]:
        """Yields one `IngestProgress` per document when it is done, and the `IngestReport` last.

        Without `fresh`, an interrupted rebuild with this embedder and chunker is finished instead of
        restarted. `watch` receives each stage. Raises `EmbedderUnavailable` and the provider's errors
        (before the old index is dropped, or later: then run it again), and storage errors.
        """
        started = self._clock.monotonic()
        embedder = await self._working_embedder()
        known, done = await self._begin(embedder, fresh=fresh)
        watch(StageReport(stage=Stage.FOUND, documents=len(known)))
        tally = Tally()
        indexing = Indexing(self._library, known, watch)
        async with aclosing(indexing.outcomes(self._steps(known, watch))) as outcomes:
            async for outcome in outcomes:
                yield tally.progress(outcome, len(known))
        notices = [done, _outdated_notice(len(tally.failures))]
        completion = CompleteVectors(library=self._library, embedder=embedder, chunks=self._chunks)
        await completion.run(tally, watch)
        yield tally.report(notices, self._clock.monotonic() - started)

    async def _working_embedder(self) -> Embedder:
        if self._embedder is None:
            raise EmbedderUnavailable("No embedder is configured, so nothing was changed.")
        await self._embedder.embed_query("Does the embedder work?")
        return self._embedder

    async def _begin(
        self, embedder: Embedder, *, fresh: bool
    ) -> tuple[Mapping[str, Fingerprint], str | None]:
        """Returns the documents to process, and a notice when others are up to date."""
        identity = identity_of(embedder, self._chunks)
        stored = await self._library.fingerprints("")
        waiting = {uri: mark for uri, mark in stored.items() if not mark.content_hash}
        counted = await self._library.statistics()
        is_begun = bool(waiting) or counted.vectors + counted.refused < counted.passages
        if is_begun and not fresh and counted.identity == identity:
            await self._library.prepare(identity)
            done = len(stored) - len(waiting)
            return waiting, (
                f"{done} documents were up to date and skipped; --fresh rebuilds all."
                if done
                else None
            )
        await self._library.reset(identity)
        return await self._library.fingerprints(""), None

    async def _steps(
        self, known: Mapping[str, Fingerprint], watch: Watch
    ) -> AsyncGenerator[Step, None]:
        for uri, mark in sorted(known.items()):
            try:
                summary = await self._library.document(mark.document_id)
            except DocumentNotFound:
                continue  # removed meanwhile
            watch(StageReport(stage=Stage.READING, name=summary.ref.name))
            yield await step_of(summary.ref.name, self._read(summary, uri))

    async def _read(self, summary: DocumentSummary, uri: str) -> PreparedDocument:
        ref = summary.ref
        source = SourceFile(uri, ref.name, 0, ref.updated, ref.date_origin)
        sidecar = original = None
        if uri.startswith(UPLOADS):
            content = original = await self._upload(ref.document_id)
        else:
            content = await self._sources.read(source)
            sidecar = await self._sources.sidecar(source)
        parsed = await self._reader.parse(source.name, content, sidecar, chunks=self._chunks)
        if original is None and await self._date_is_old(summary, parsed):
            source = await self._with_file_date(source)
        return await asyncio.to_thread(
            prepare,
            source,
            content,
            parsed,
            chunks=self._chunks,
            category=requested_category(source, parsed, ref.category),
            sidecar=sidecar,
            original=original,
        )

    async def _upload(self, document_id: str) -> bytes:
        content = await self._library.original(document_id)
        if content is None:
            raise SourceNotFound("The uploaded file was not kept.", hint="Upload it again.")
        return content

    async def _date_is_old(self, summary: DocumentSummary, parsed: ParsedDocument) -> bool:
        """Returns whether the stored date is not this text's, so that the file's date is needed."""
        ref = summary.ref
        if parsed.stated.updated is not None:
            return False
        if ref.date_origin is DateOrigin.STATED:
            return True
        return parsed.text != await self._library.text(ref.document_id, ref.version_id)

    async def _with_file_date(self, source: SourceFile) -> SourceFile:
        # Not for every file: in a large repository each call of git takes a second.
        path = os.fsdecode(unquote_to_bytes(urlsplit(source.uri).path))
        found = [file async for file in self._sources.files(path)]
        if not found:
            raise SourceNotFound(f"{path} no longer exists.")
        return replace(source, modified=found[0].modified, date_origin=found[0].date_origin)


def _outdated_notice(failures: int) -> str | None:
    if not failures:
        return None
    return (
        f"{counted(failures, 'document')} could not be rebuilt; the stored text and passages stay."
    )
