"""The port `Library` over the knowledge in PostgreSQL: stored documents and the index's identity."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

import anyio.to_thread

from services.index import records
from services.index.identity_rules import is_completion, require_identity
from services.index.postgresql import document_rows
from services.index.postgresql.knowledge_server import (
    KnowledgeServer,
    ServerConnection,
    identity_of,
)
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
_NEIGHBOURS = "m = 16, ef_construction = 64"


class ServerLibrary:
    """The stored documents of one knowledge database."""

    def __init__(self, database: KnowledgeServer) -> None:
        self._database = database
        self._prepared: IndexIdentity | None = None

    async def prepare(self, identity: IndexIdentity) -> None:
        """Prepares for writes with this identity. Raises `EmbedderMismatch`."""

        def work(connection: ServerConnection) -> None:
            stored = identity_of(connection)
            empty = not connection.value("SELECT 1 FROM candor_documents LIMIT 1")
            if stored is None or (empty and stored != identity) or is_completion(stored, identity):
                _replace_identity(connection, identity)
            else:
                require_identity(stored, identity)

        await self._database.write(work)
        self._prepared = identity

    async def reset(self, identity: IndexIdentity) -> None:
        """Begins a rebuild: drop all vectors, clear all content hashes, take this identity."""

        def work(connection: ServerConnection) -> None:
            _replace_identity(connection, identity)
            connection.execute("UPDATE candor_documents SET content_hash = ''")

        await self._database.write(work)
        self._prepared = identity

    async def fingerprints(self, uri_prefix: str) -> Mapping[str, Fingerprint]:
        """Returns the fingerprints of documents whose URI starts with the prefix, by URI."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT uri, document_id, content_hash FROM candor_documents"
                " WHERE starts_with(uri, %s) ORDER BY uri",
                (storable(uri_prefix),),
            )
        )
        return {
            uri: Fingerprint(document_id, content_hash)
            for uri, document_id, content_hash in cast("list[tuple[str, str, str]]", rows)
        }

    async def save(self, document: PreparedDocument) -> Saved:
        """Adds the document, or replaces the current version of its URI, in one transaction."""
        indexed = await anyio.to_thread.run_sync(document_rows.indexed, document)

        def work(connection: ServerConnection) -> Saved:
            dimensions = self._dimensions(connection)
            document_id, change = document_rows.save(connection, indexed, dimensions)
            return Saved(_ref(connection, document_id), change)

        return await self._database.write(work)

    async def waiting(self) -> Sequence[WaitingDocument]:
        """Returns the documents with passages that wait for a vector, the newest first."""

        def work(connection: ServerConnection) -> Sequence[WaitingDocument]:
            if not _is_embedded(connection):
                return []
            rows = connection.rows(
                "SELECT d.document_id, d.owner,"
                " (SELECT max(p.passage_id) FROM candor_passages p WHERE p.document = d.number) AS newest"
                " FROM candor_documents d WHERE d.passages - d.vectors - d.refused > 0"
                " ORDER BY newest DESC"
            )
            return [WaitingDocument(*row) for row in cast("list[tuple[str, str, int]]", rows)]

        return await self._database.read(work)

    async def without_vectors(
        self, document_id: str, *, after: int, limit: int
    ) -> Sequence[UnembeddedPassage]:
        """Returns the document's passages that wait and have an id beyond `after`, by their ids."""

        def work(connection: ServerConnection) -> Sequence[UnembeddedPassage]:
            if not _is_embedded(connection):
                return []
            rows = connection.rows(
                "SELECT p.passage_id, d.name, d.title, p.section,"
                " substr(t.text, p.start + 1, p.stop - p.start) FROM candor_passages p"
                " JOIN candor_documents d ON d.number = p.document"
                " JOIN candor_versions t ON t.version_id = d.version_id"
                " WHERE d.document_id = %s AND p.passage_id > %s AND NOT p.refused"
                " AND NOT EXISTS (SELECT FROM candor_vectors v WHERE v.passage_id = p.passage_id)"
                " ORDER BY p.passage_id LIMIT %s",
                (storable(document_id), after, limit),
            )
            found = cast("list[tuple[int, str, str, str, str]]", rows)
            return [UnembeddedPassage(*row) for row in found]

        return await self._database.read(work)

    async def add_vectors(self, vectors: Mapping[int, PassageVectors]) -> int:
        """Adds vectors by passage id in one transaction, and returns how many were added."""
        return await self._database.write(
            lambda connection: document_rows.add_vectors(
                connection, vectors, self._dimensions(connection)
            )
        )

    async def refuse(self, passage_ids: Sequence[int]) -> None:
        """Notes that the embedder refuses these passages."""

        def work(connection: ServerConnection) -> None:
            connection.execute(
                "UPDATE candor_passages SET refused = true WHERE passage_id = ANY(%s)",
                (list(passage_ids),),
            )
            connection.execute(_COUNT_REFUSED)

        await self._database.write(work)

    async def forget_refusals(self) -> None:
        """Lets the refused passages wait again."""
        if (await self.statistics()).refused:
            await self._database.write(_forget_refusals)

    async def table_names(self, document_id: str) -> Sequence[str]:
        """Returns the names of the document's loaded tables, in alphabetical order."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT t.name FROM loaded_tables t JOIN candor_documents d ON d.number = t.document"
                " WHERE d.document_id = %s ORDER BY t.name",
                (storable(document_id),),
            )
        )
        return [str(name) for (name,) in rows]

    async def original(self, document_id: str) -> bytes | None:
        """Returns the original bytes of the document; None where none are stored."""

        def work(connection: ServerConnection) -> bytes | None:
            content = connection.value(
                "SELECT content FROM candor_originals WHERE document = %s",
                (_number(connection, document_id),),
            )
            return content if isinstance(content, bytes) else None

        return await self._database.read(work)

    async def remove(self, document_id: str) -> None:
        """Deletes the document, its versions, passages, vectors and tables."""
        await self._database.write(
            lambda connection: document_rows.remove(connection, _number(connection, document_id))
        )

    async def documents(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[DocumentSummary]:
        """Returns stored documents, ordered by name."""
        values = (None if category is None else category_key(category),) * 2
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"{_summary(connection)} WHERE %s::text IS NULL OR d.category_key = %s"
                " ORDER BY d.name, d.document_id LIMIT %s OFFSET %s",
                (*values, limit + 1, offset),
            )
        )
        return page_of([records.document_summary(_plain(row)) for row in rows], limit)

    async def references(self) -> Sequence[DocumentRef]:
        """Returns every stored document, by name."""
        return [each.ref for each in await self.documents(limit=_ALL)]

    async def document(self, document_id: str) -> DocumentSummary:
        """Returns one document by id or exact name. Raises `DocumentNotFound`, `DocumentAmbiguous`."""
        wanted = storable(document_id)
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"{_summary(connection)} WHERE %(wanted)s IN (d.document_id, d.name)"
                " ORDER BY d.document_id = %(wanted)s DESC, d.uri LIMIT %(most)s",
                {"wanted": wanted, "most": _MOST_NAMESAKES},
            )
        )
        if not rows:
            raise DocumentNotFound(f"No document has the id or name {document_id!r}.")
        found = [records.document_summary(_plain(row)) for row in rows]
        if len(found) > 1 and found[0].ref.document_id != wanted:
            namesakes = ", ".join(f"{one.ref.document_id} ({one.uri})" for one in found)
            raise DocumentAmbiguous(f"Several documents are named {document_id!r}: {namesakes}.")
        return found[0]

    async def text(self, document_id: str, version_id: int) -> str:
        """Returns the stored text of one version of this document. Raises `DocumentNotFound`."""
        found = await self._database.read(
            lambda connection: connection.value(
                "SELECT v.text FROM candor_versions v JOIN candor_documents d ON d.number = v.document"
                " WHERE v.version_id = %s AND d.document_id = %s",
                (version_id, storable(document_id)),
            )
        )
        if not isinstance(found, str):
            raise DocumentNotFound(f"{document_id} has no stored version {version_id}.")
        return found

    async def statistics(self) -> LibraryStatistics:
        """Returns the library's counts. Waits for no other read, because health checks use it."""
        return await self._database.read_short(_statistics)

    def _dimensions(self, connection: ServerConnection) -> int:
        """Returns the length of stored vectors. Raises `EmbedderMismatch` if another one was prepared."""
        stored = identity_of(connection)
        if self._prepared is not None:
            require_identity(stored, self._prepared)
        return stored.dimensions if stored else 0


_COUNT_REFUSED = (
    "UPDATE candor_documents d SET refused = (SELECT count(*) FROM candor_passages p"
    " WHERE p.document = d.number AND p.refused)"
    " WHERE d.refused > 0 OR EXISTS (SELECT FROM candor_passages p WHERE p.document = d.number AND p.refused)"
)


def neighbours_index(dimensions: int) -> str:
    """Returns the statement that makes the graph of the nearest vectors."""
    return (
        "CREATE INDEX candor_vectors_by_direction ON candor_vectors"
        f" USING hnsw ((embedding::halfvec({dimensions})) halfvec_ip_ops) WITH ({_NEIGHBOURS})"
    )


def _replace_identity(connection: ServerConnection, identity: IndexIdentity) -> None:
    connection.execute("DROP TABLE IF EXISTS candor_vectors; DELETE FROM candor_tokens")
    _forget_refusals(connection)
    connection.execute("UPDATE candor_documents SET vectors = 0 WHERE vectors > 0")
    # Also without an embedder: then it stays empty.
    connection.execute(
        "CREATE TABLE candor_vectors (passage_id bigint PRIMARY KEY REFERENCES candor_passages"
        ' ON DELETE CASCADE, category_key text COLLATE "C" NOT NULL,'
        f" embedding vector({identity.dimensions or 1}) NOT NULL);"
        "CREATE INDEX candor_vectors_by_category ON candor_vectors (category_key);"
        + neighbours_index(identity.dimensions or 1)
    )
    connection.execute(
        "INSERT INTO candor_meta VALUES ('identity', %s)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (json.dumps([identity.embedder, identity.dimensions, identity.chunker]),),
    )


def _forget_refusals(connection: ServerConnection) -> None:
    connection.execute(
        "UPDATE candor_passages SET refused = false WHERE refused;"
        "UPDATE candor_documents SET refused = 0 WHERE refused > 0"
    )


def _statistics(connection: ServerConnection) -> LibraryStatistics:
    counts = connection.rows(
        "SELECT count(*), coalesce(sum(passages), 0)::bigint, coalesce(sum(vectors), 0)::bigint,"
        " coalesce(sum(refused), 0)::bigint, (SELECT count(*) FROM loaded_tables),"
        " EXISTS (SELECT FROM candor_tokens) FROM candor_documents"
    )
    documents, passages, vectors, refused, tables, tokens = cast(
        "tuple[int, int, int, int, int, bool]", counts[0]
    )
    categories = connection.rows(
        "SELECT min(category), count(*) FROM candor_documents GROUP BY category_key ORDER BY 1"
    )
    return LibraryStatistics(
        documents=documents,
        passages=passages,
        vectors=vectors,
        tables=tables,
        categories=dict(cast("list[tuple[str, int]]", categories)),
        identity=identity_of(connection),
        refused=refused,
        token_vectors=tokens,
    )


def _is_embedded(connection: ServerConnection) -> bool:
    stored = identity_of(connection)
    return stored is not None and bool(stored.dimensions)


def _summary(connection: ServerConnection) -> str:
    """Returns the query of `records.document_summary`."""
    waiting = "d.passages - d.vectors - d.refused" if _is_embedded(connection) else "0"
    return (
        f"SELECT {records.REF_COLUMNS}, d.uri, d.media_type, d.characters, d.passages,"  # noqa: S608  (constant texts)
        " (SELECT count(*) FROM candor_versions v WHERE v.document = d.number), d.ingested_at,"
        f" d.vectors, {waiting} FROM candor_documents d"
    )


def _plain(row: tuple[object, ...]) -> "tuple[str | int | float | bytes | None, ...]":
    return cast("tuple[str | int | float | bytes | None, ...]", row)


def _number(connection: ServerConnection, document_id: str) -> int:
    number = connection.value(
        "SELECT number FROM candor_documents WHERE document_id = %s", (storable(document_id),)
    )
    if not isinstance(number, int):
        raise DocumentNotFound(f"No document has the id {document_id!r}.")
    return number


def _ref(connection: ServerConnection, document_id: str) -> DocumentRef:
    rows = connection.rows(
        f"SELECT {records.REF_COLUMNS} FROM candor_documents d WHERE d.document_id = %s",  # noqa: S608  (constant text)
        (document_id,),
    )
    return records.document_ref(_plain(rows[0]))
