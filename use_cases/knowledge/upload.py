"""The upload of one document: its name and bytes, without a folder.

Promises: those of `ingest` for one file; its bytes are stored, so that `reindex` can read it again. It
ends when the text is stored and found by its words, whatever the embedder has to do.
Leaves to others: the size limit and the caller's rights (the HTTP routes), and vectors
(`complete_vectors`).
"""

import asyncio
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import quote

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import DateOrigin
from use_cases.kernel.ports import Clock, Embedder
from use_cases.knowledge.errors import SourceEmpty
from use_cases.knowledge.ingest_stages import stored_notice
from use_cases.knowledge.model import (
    Change,
    ChunkPolicy,
    DocumentSummary,
    SourceFile,
)
from use_cases.knowledge.ports import Library, Reader
from use_cases.knowledge.prepare_document import (
    content_key,
    identity_of,
    prepare,
)

UPLOADS = "upload:///"
"""The prefix of every uploaded document's URI."""


@dataclass(frozen=True, slots=True)
class UploadResult:
    """The stored document, the change by the upload, and a notice."""

    document: DocumentSummary
    change: Change
    notice: str | None = None


class UploadDocument:
    """The use case that stores one document from its bytes. `embedder` may be None."""

    def __init__(
        self,
        *,
        reader: Reader,
        library: Library,
        embedder: Embedder | None,
        clock: Clock,
        chunks: ChunkPolicy,
    ) -> None:
        self._reader = reader
        self._library = library
        self._embedder = embedder
        self._clock = clock
        self._chunks = chunks

    async def run(
        self, name: str, content: bytes, *, category: str | None = None, owner: str = ""
    ) -> UploadResult:
        """Stores the document, or replaces the uploaded document of the same name.

        `name` is a file name; folders before it are dropped. Raises `InvalidInput`, `SourceEmpty`,
        `SourceBinary`, `SourceBroken`, `SourceTooLarge`, `SourceTooCostly`, `EmbedderMismatch`, and errors of
        the storage.
        """
        source = self._source(name, content)
        await self._library.prepare(identity_of(self._embedder, self._chunks))
        known = (await self._library.fingerprints(source.uri)).get(source.uri)
        # A digest of many megabytes would block the event loop.
        key = await asyncio.to_thread(content_key, source, content, None, category, self._chunks)
        if known and known.content_hash == key:
            return UploadResult(await self._library.document(known.document_id), Change.UNCHANGED)
        parsed = await self._reader.parse(source.name, content, chunks=self._chunks)
        document = await asyncio.to_thread(
            prepare,
            source,
            content,
            parsed,
            chunks=self._chunks,
            category=category,
            original=content,
        )
        saved = await self._library.save(replace(document, owner=owner))
        notices = [
            "No embedder is configured; search finds it by full text only."
            if self._embedder is None
            else None,
            await stored_notice(self._library, saved.ref, document),
        ]
        return UploadResult(
            await self._library.document(saved.ref.document_id),
            saved.change,
            " ".join(filter(None, notices)) or None,
        )

    def _source(self, name: str, content: bytes) -> SourceFile:
        own = PurePosixPath(name.replace("\\", "/")).name
        if not own or own == "..":
            raise InvalidInput("The upload has no file name.", hint="Send it with a file name.")
        if not content:
            raise SourceEmpty(f"{own} is empty.", hint="Write something into it.")
        today = self._clock.now().date()
        return SourceFile(
            UPLOADS + quote(own, safe=""), own, len(content), today, DateOrigin.UPLOAD
        )
