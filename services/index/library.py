"""The port `Library` over the knowledge database: stored documents and the index's identity."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from services.index import document_writes, records
from services.index.connection import Connection
from services.index.database import (
    KnowledgeDatabase,
    add_refused_table,
    has_tokens_table,
    refused_table,
    replace_vectors,
    uploaders_table,
)
from services.index.identity_rules import is_completion, require_identity
from services.index.stored_passages import read_texts
from services.index.terms import category_key
from use_cases.kernel.model import DocumentRef, Page, PassageVectors, page_of
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.errors import DocumentAmbiguous, DocumentNotFound
from use_cases.knowledge.model import (
    DocumentSummary,
    Fingerprint,
    IndexIdentity,
    LibraryStatistics,
    PreparedDocument,
    Saved,
    UnembeddedPassage,
    WaitingDocument,
)

_MOST_NAMESAKES = 20  # listed in one message
_ALL = 1_000_000

_PASSAGES = "(SELECT count(*) FROM candor_passages p WHERE p.document = d.number)"
_VECTORS = (
    "coalesce((SELECT length(b.passage_ids) / 8 FROM candor_bits b WHERE b.document = d.number), 0)"
)


class SqliteLibrary:
    """The stored documents of one knowledge database."""

    def __init__(self, database: KnowledgeDatabase) -> None:
        self._database = database
        self._prepared: IndexIdentity | None = None

    async def prepare(self, identity: IndexIdentity) -> None:
        """Prepares for writes with this identity. Raises `EmbedderMismatch`."""

        def work(connection: Connection) -> None:
            stored = records.identity(connection)
            empty = not connection.value("SELECT 1 FROM candor_documents LIMIT 1")
            if stored is None or (empty and stored != identity) or is_completion(stored, identity):
                _replace_identity(connection, identity)
            else:
                require_identity(stored, identity)

        await self._database.write(work)
        self._prepared = identity

    async def reset(self, identity: IndexIdentity) -> None:
        """Begins a rebuild: drop all vectors, clear all content hashes, take this identity."""

        def work(connection: Connection) -> None:
            _replace_identity(connection, identity)
            connection.execute("UPDATE candor_documents SET content_hash = ''")

        await self._database.write(work)
        self._prepared = identity

    async def fingerprints(self, uri_prefix: str) -> Mapping[str, Fingerprint]:
        """Returns the fingerprints of documents whose URI starts with the prefix, by URI."""
        prefix = storable(uri_prefix)
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT uri, document_id, content_hash FROM candor_documents"
                " WHERE substr(uri, 1, length(?1)) = ?1 ORDER BY uri",
                (prefix,),
            )
        )
        return {
            uri: Fingerprint(document_id, content_hash)
            for uri, document_id, content_hash in cast("list[tuple[str, str, str]]", rows)
        }

    async def save(self, document: PreparedDocument) -> Saved:
        """Adds the document, or replaces the current version of its URI, in one transaction."""

        def work(connection: Connection) -> Saved:
            stored = records.identity(connection)
            if self._prepared is not None:
                require_identity(stored, self._prepared)
            dimensions = stored.dimensions if stored else 0
            document_id, change = document_writes.save(connection, document, dimensions)
            return Saved(_ref(connection, document_id), change)

        return await self._database.write(work)

    async def waiting(self) -> Sequence[WaitingDocument]:
        """Returns the documents with passages that wait for a vector, the newest first."""

        def work(connection: Connection) -> Sequence[WaitingDocument]:
            if not _is_embedded(connection):
                return []
            rows = connection.rows(
                "SELECT d.document_id, coalesce(u.user_id, ''),"  # noqa: S608  (constant texts)
                " (SELECT max(p.passage_id) FROM candor_passages p WHERE p.document = d.number) AS newest"
                " FROM candor_documents d"
                f" LEFT JOIN {uploaders_table(connection)} u ON u.document = d.number"
                f" WHERE {_waiting(connection)} > 0 ORDER BY newest DESC"
            )
            return [WaitingDocument(*row) for row in cast("list[tuple[str, str, int]]", rows)]

        return await self._database.read(work)

    async def without_vectors(
        self, document_id: str, *, after: int, limit: int
    ) -> Sequence[UnembeddedPassage]:
        """Returns the document's passages that wait and have an id beyond `after`, by their ids."""

        def work(connection: Connection) -> Sequence[UnembeddedPassage]:
            if not _is_embedded(connection):
                return []
            rows = connection.rows(
                "SELECT p.passage_id, d.name, d.title, p.section"  # noqa: S608  (constant texts)
                " FROM candor_passages p JOIN candor_documents d ON d.number = p.document"
                " WHERE d.document_id = ? AND p.passage_id > ?"
                " AND p.passage_id NOT IN (SELECT rowid FROM candor_vectors_rowids)"
                f" AND p.passage_id NOT IN (SELECT passage_id FROM {refused_table(connection)})"
                " ORDER BY p.passage_id LIMIT ?",
                (storable(document_id), after, limit),
            )
            texts = dict(read_texts(connection, [row[0] for row in rows]))
            return [
                UnembeddedPassage(*row, texts[row[0]])
                for row in cast("list[tuple[int, str, str, str]]", rows)
            ]

        return await self._database.read(work)

    async def add_vectors(self, vectors: Mapping[int, PassageVectors]) -> int:
        """Adds vectors by passage id in one transaction, and returns how many were added."""

        def work(connection: Connection) -> int:
            stored = records.identity(connection)
            if self._prepared is not None:
                require_identity(stored, self._prepared)
            dimensions = stored.dimensions if stored else 0
            return document_writes.complete_vectors(connection, vectors, dimensions)

        return await self._database.write(work)

    async def refuse(self, passage_ids: Sequence[int]) -> None:
        """Notes that the embedder refuses these passages."""

        def work(connection: Connection) -> None:
            add_refused_table(connection)
            connection.execute(
                "INSERT OR IGNORE INTO candor_refused SELECT passage_id, document FROM candor_passages"
                " WHERE passage_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(passage_ids)),),
            )

        await self._database.write(work)

    async def forget_refusals(self) -> None:
        """Lets the refused passages wait again."""
        if (await self.statistics()).refused:
            await self._database.write(
                lambda connection: connection.execute("DELETE FROM candor_refused")
            )

    async def table_names(self, document_id: str) -> Sequence[str]:
        """Returns the names of the document's loaded tables, in alphabetical order."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT name FROM loaded_tables WHERE document_id = ? ORDER BY name",
                (storable(document_id),),
            )
        )
        return [str(name) for (name,) in rows]

    async def original(self, document_id: str) -> bytes | None:
        """Returns the original bytes of the document; None where none are stored."""

        def work(connection: Connection) -> bytes | None:
            content = connection.value(
                "SELECT content FROM candor_originals WHERE document = ?",
                (_number(connection, document_id),),
            )
            return content if isinstance(content, bytes) else None

        return await self._database.read(work)

    async def remove(self, document_id: str) -> None:
        """Deletes the document, its versions, passages, vectors and tables."""
        await self._database.write(
            lambda connection: document_writes.remove(connection, _number(connection, document_id))
        )

    async def documents(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[DocumentSummary]:
        """Returns stored documents, ordered by name."""
        key = None if category is None else category_key(category)
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"{_summary(connection)} WHERE ?1 IS NULL OR d.category_key = ?1"
                " ORDER BY d.name, d.document_id LIMIT ?2 OFFSET ?3",
                (key, limit + 1, offset),
            )
        )
        return page_of([records.document_summary(row) for row in rows], limit)

    async def references(self) -> Sequence[DocumentRef]:
        """Returns every stored document, by name."""
        return [each.ref for each in await self.documents(limit=_ALL)]

    async def document(self, document_id: str) -> DocumentSummary:
        """Returns one document by id or exact name. Raises `DocumentNotFound`, `DocumentAmbiguous`."""
        wanted = storable(document_id)
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"{_summary(connection)} WHERE ?1 IN (d.document_id, d.name)"
                " ORDER BY d.document_id = ?1 DESC, d.uri LIMIT ?2",
                (wanted, _MOST_NAMESAKES),
            )
        )
        if not rows:
            raise DocumentNotFound(f"No document has the id or name {document_id!r}.")
        found = [records.document_summary(row) for row in rows]
        if len(found) > 1 and found[0].ref.document_id != wanted:
            namesakes = ", ".join(f"{one.ref.document_id} ({one.uri})" for one in found)
            raise DocumentAmbiguous(f"Several documents are named {document_id!r}: {namesakes}.")
        return found[0]

    async def text(self, document_id: str, version_id: int) -> str:
        """Returns the stored text of one version of this document. Raises `DocumentNotFound`."""
        found = await self._database.read(
            lambda connection: connection.value(
                "SELECT v.text FROM candor_versions v JOIN candor_documents d ON d.number = v.document"
                " WHERE v.version_id = ? AND d.document_id = ?",
                (version_id, document_id),
            )
        )
        if not isinstance(found, str):
            raise DocumentNotFound(f"{document_id} has no stored version {version_id}.")
        return found

    async def statistics(self) -> LibraryStatistics:
        """Returns the library's counts. Waits for no other read, because health checks use it."""
        return await self._database.read_short(_statistics)


def _statistics(connection: Connection) -> LibraryStatistics:
    counts = connection.rows(
        "SELECT (SELECT count(*) FROM candor_documents), (SELECT count(*) FROM loaded_tables)"
    )
    documents, tables = cast("tuple[int, int]", counts[0])
    passages, vectors = records.passage_counts(connection)
    categories = connection.rows(
        "SELECT category, count(*) FROM candor_documents GROUP BY category_key ORDER BY 1"
    )
    return LibraryStatistics(
        documents=documents,
        passages=passages,
        vectors=vectors,
        tables=tables,
        categories=dict(cast("list[tuple[str, int]]", categories)),
        identity=records.identity(connection),
        refused=connection.number(f"SELECT count(*) FROM {refused_table(connection)}"),  # noqa: S608  (constant texts)
        token_vectors=has_tokens_table(connection),
    )


def _is_embedded(connection: Connection) -> bool:
    stored = records.identity(connection)
    return stored is not None and bool(stored.dimensions)


def _summary(connection: Connection) -> str:
    """Returns the query of `records.document_summary`."""
    waiting = _waiting(connection) if _is_embedded(connection) else 0
    return (
        f"SELECT {records.REF_COLUMNS}, d.uri, d.media_type, d.characters, {_PASSAGES},"  # noqa: S608  (constant texts)
        " (SELECT count(*) FROM candor_versions v WHERE v.document = d.number), d.ingested_at,"
        f" {_VECTORS}, {waiting} FROM candor_documents d"
    )


def _waiting(connection: Connection) -> str:
    """Returns the number of the passages of `d` that wait for a vector, for a query."""
    refused = f"SELECT count(*) FROM {refused_table(connection)} r WHERE r.document = d.number"  # noqa: S608  (constant texts)
    return f"({_PASSAGES} - {_VECTORS} - ({refused}))"


def _number(connection: Connection, document_id: str) -> int:
    number = connection.value(
        "SELECT number FROM candor_documents WHERE document_id = ?",
        (storable(document_id),),
    )
    if not isinstance(number, int):
        raise DocumentNotFound(f"No document has the id {document_id!r}.")
    return number


def _ref(connection: Connection, document_id: str) -> DocumentRef:
    rows = connection.rows(
        f"SELECT {records.REF_COLUMNS} FROM candor_documents d WHERE d.document_id = ?",  # noqa: S608  (constant text)
        (document_id,),
    )
    return records.document_ref(rows[0])


def _replace_identity(connection: Connection, identity: IndexIdentity) -> None:
    replace_vectors(connection, identity.dimensions)
    records.set_identity(connection, identity)
