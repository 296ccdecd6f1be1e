"""The port `StructuredData` over tables that are kept in PostgreSQL, by a copy of them in a file of this machine.

No statement of a model runs on the server: its guards (a role, a read-only transaction, a timeout) hide neither
its catalogues nor its functions, and a role of its own needs rights that few are given. A query runs where it
always does, under SQLite's authorizer, in the same dialect on either database; only the tables come from the server.

Promises: before each query the copy is what the server holds: asked for in one short statement, and brought up to
date by the documents that differ. Several processes may share the file. Leaves to others: the guard.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import anyio

from services.index import records
from services.index.postgresql.knowledge_server import KnowledgeServer, ServerConnection
from services.index.postgresql.server_documents import ServerDocument
from services.index.sqlite.connection import Connection
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_documents import FileDocument
from use_cases.kernel.model import Caller, DocumentRef, Rows, Scalar, Table
from use_cases.kernel.ports import StructuredData
from use_cases.knowledge.model import PreparedDocument, TableData

_STAMPS = (
    "SELECT d.document_id, string_agg(t.stamp, ',' ORDER BY t.name) FROM loaded_tables t"
    " JOIN candor_documents d ON d.number = t.document GROUP BY d.document_id"
)


@dataclass(frozen=True, slots=True)
class _Changes:
    """What the server holds as of `mark`: the stamps of all documents with tables, and those that differ."""

    mark: str
    stamps: Mapping[str, str]
    documents: Sequence[tuple[PreparedDocument, int]]


class TablesCopy:
    """The tables of `server`, in `database`, which holds nothing else."""

    def __init__(self, server: KnowledgeServer, database: KnowledgeDatabase) -> None:
        self._server = server
        self._database = database
        self._mark = ""
        self._refreshing = anyio.Lock()

    async def refresh(self) -> None:
        """Copies what has changed since the last time."""
        async with self._refreshing:
            state = await self._server.read(self._server.state)
            if state.mark == self._mark:
                return
            held = await self._database.read(_held)
            changes = await self._server.read(
                lambda connection: _changes(connection, self._server.state(connection).mark, held)
            )
            if changes.documents or held.keys() - changes.stamps.keys():
                await self._database.write(lambda connection: _apply(connection, changes))
            self._mark = changes.mark


@dataclass(frozen=True, slots=True)
class ServerTables:
    """The tables of the server; `guarded` runs queries over the file of the copy."""

    copy: TablesCopy
    guarded: StructuredData

    def for_caller(self, caller: Caller) -> StructuredData:
        """Returns the tables for one caller."""
        return replace(self, guarded=self.guarded.for_caller(caller))

    async def tables(self) -> Sequence[Table]:
        """Returns the loaded tables by name."""
        await self.copy.refresh()
        return await self.guarded.tables()

    async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
        """Runs one read-only statement. Raises the port's errors."""
        await self.copy.refresh()
        return await self.guarded.query(sql, parameters)


def _held(connection: Connection) -> Mapping[str, str]:
    rows = connection.rows("SELECT document_id, content_hash FROM candor_documents")
    return dict(cast("list[tuple[str, str]]", rows))


def _changes(connection: ServerConnection, mark: str, held: Mapping[str, str]) -> _Changes:
    stamps = dict(cast("list[tuple[str, str]]", connection.rows(_STAMPS)))
    changed = [one for one, stamp in stamps.items() if held.get(one) != stamp]
    return _Changes(mark, stamps, [_document(connection, one, stamps[one]) for one in changed])


def _document(
    connection: ServerConnection, document_id: str, stamp: str
) -> tuple[PreparedDocument, int]:
    rows = connection.rows(
        f"SELECT {records.REF_COLUMNS}, d.uri, d.number FROM candor_documents d"  # noqa: S608  (constant text)
        " WHERE d.document_id = :id",
        {"id": document_id},
    )
    ref = records.document_ref(rows[0][:9])
    uri, number = cast("tuple[str, int]", rows[0][9:])
    tables = ServerDocument.tables_of(connection, number)
    return _prepared(ref, uri, stamp, tables), ref.version_id


def _prepared(
    ref: DocumentRef, uri: str, stamp: str, tables: Sequence[TableData]
) -> PreparedDocument:
    return PreparedDocument(
        uri=uri,
        name=ref.name,
        root="",
        title=ref.title,
        category=ref.category,
        updated=ref.updated,
        date_origin=ref.date_origin,
        authority=ref.authority,
        superseded_by=ref.superseded_by,
        media_type="",
        content_hash=stamp,
        text="",
        passages=[],
        vectors=[],
        tables=tables,
    )


def _apply(connection: Connection, changes: _Changes) -> None:
    """Brings the copy up to date; another process may have done a part of it meanwhile."""
    new = {document.content_hash: (document, version) for document, version in changes.documents}
    there = connection.rows("SELECT number, document_id, content_hash FROM candor_documents")
    for number, document_id, stamp in cast("list[tuple[int, str, str]]", there):
        if stamp in new:
            del new[stamp]
        elif changes.stamps.get(document_id) != stamp:
            FileDocument.remove(connection, number)
    for document, version in new.values():
        written = FileDocument(document)
        written.save(connection, 0)
        # The versions themselves stay on the server.
        connection.execute(
            "UPDATE candor_documents SET version_id = ? WHERE document_id = ?",
            (version, written.document_id),
        )
