"""The documents of a library, as pieces of a move: with versions, passages, vectors, tables and originals.

What is made of them (full text, the graph of vectors, their signs) is made anew at the target. Documents come
in the order in which their passages were stored, because a search breaks ties by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, Protocol, cast

from services.index import records
from services.index.identity_rules import require_identity
from services.index.relations import C, C_contra, Database, Value
from services.index.stored_document import DocumentToStore
from services.index.whole_numbers import rounded
from use_cases.kernel.model import (
    Authority,
    ColumnType,
    DateOrigin,
    PassageVectors,
    Scalar,
    Span,
)
from use_cases.kernel.moving import digest_of
from use_cases.knowledge.model import IndexIdentity, PassageDraft, PreparedDocument, TableData

_COLUMNS = (
    "uri, name, root, title, category, updated, date_origin, authority, superseded_by, media_type,"
    " content_hash, version_id, ingested_at"
)


@dataclass(frozen=True, slots=True)
class DocumentCopy:
    """A stored document, whole. `versions`: id, moment and text of each, `refused`: places of passages."""

    document: PreparedDocument
    version_id: int
    ingested_at: str
    versions: Sequence[tuple[int, str, str]]
    refused: Sequence[int]
    identity: IndexIdentity | None


class Holder(Protocol[C_contra]):
    """What a library adds to its database."""

    def owner(self, connection: C_contra, /) -> str:
        """Returns whose upload `d` is, for a query."""
        ...

    def refused(self, connection: C_contra, /) -> str:
        """Returns the condition that a passage `p` is not tried again."""
        ...

    def refuse_within(self, connection: C_contra, passage_ids: Sequence[int], /) -> None:
        """Notes that passages are not tried again."""
        ...

    def replace_identity(self, connection: C_contra, identity: IndexIdentity, /) -> None:
        """Takes another identity; all vectors are dropped."""
        ...


class DocumentShelf(Generic[C]):
    """The documents of one library, by their addresses."""

    name = "documents"
    batch = 10

    def __init__(
        self, database: Database[C], documents: type[DocumentToStore[C]], holder: Holder[C]
    ) -> None:
        self._database = database
        self._documents = documents
        self._holder = holder

    async def inventory(self) -> Mapping[str, str]:
        """Returns the digest of each document; each is read in a transaction of its own."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT d.uri FROM candor_documents d ORDER BY coalesce((SELECT min(p.passage_id)"
                " FROM candor_passages p WHERE p.document = d.number), 0), d.number"
            )
        )
        found: dict[str, str] = {}
        for (uri,) in cast("list[tuple[str]]", rows):
            [copy] = await self.take([uri])
            found[uri] = digest_of(copy)
        return found

    async def take(self, keys: Sequence[str]) -> Sequence[DocumentCopy]:
        """Returns whole documents."""
        return await self._database.read(
            lambda connection: [self._copy(connection, uri) for uri in keys]
        )

    async def put(self, pieces: Sequence[DocumentCopy]) -> None:
        """Stores documents in one transaction. Raises `EmbedderMismatch` in an index of another embedder."""
        ready = [(one, self._documents(one.document)) for one in pieces]

        def work(connection: C) -> None:
            for one, document in ready:
                self._store(connection, one, document)

        await self._database.write(work)

    def _copy(self, connection: C, uri: str) -> DocumentCopy:
        [row] = connection.rows(
            f"SELECT d.number, {self._holder.owner(connection)}, {_COLUMNS}"  # noqa: S608  (constant texts)
            " FROM candor_documents d WHERE d.uri = :uri",
            {"uri": uri},
        )
        number, owner = cast("tuple[int, str]", row[:2])
        identity = records.identity(connection)
        text = self._documents.text_of(connection, number)
        held = self._documents.vectors_of(
            connection, number, identity.dimensions if identity else 0
        )
        # Rounded, because a file keeps them so: what was carried is equal at both ends.
        vectors = {
            passage_id: replace(held[passage_id], vector=vector)
            for passage_id, vector in zip(
                held, rounded([one.vector for one in held.values()]), strict=True
            )
        }
        passages = cast(
            "list[tuple[int, bool, int, int, int, int, int, str, int | None]]",
            connection.rows(
                f"SELECT p.passage_id, {self._holder.refused(connection)}, ordinal, start, stop,"  # noqa: S608  (constant texts)
                " reading_start, reading_stop, section, page FROM candor_passages p"
                " WHERE document = :number ORDER BY p.passage_id",
                {"number": number},
            ),
        )
        versions = connection.rows(
            "SELECT version_id, stored_at, text FROM candor_versions WHERE document = :number"
            " ORDER BY version_id",
            {"number": number},
        )
        original = connection.value(
            "SELECT content FROM candor_originals WHERE document = :number", {"number": number}
        )
        tables = self._documents.tables_of(connection, number)
        document = _document(
            row[2:],
            owner=owner,
            text=text,
            passages=[
                PassageDraft(ordinal, Span(start, stop), Span(reading, until), section, page)
                for _, _, ordinal, start, stop, reading, until, section, page in passages
            ],
            vectors=[vectors.get(one[0]) for one in passages] if vectors else [],
            tables=[_as_declared(one) for one in tables],
            original=original if isinstance(original, bytes) else None,
        )
        return DocumentCopy(
            document,
            cast("int", row[13]),
            str(row[14]),
            cast("list[tuple[int, str, str]]", versions),
            [place for place, one in enumerate(passages) if one[1]],
            identity,
        )

    def _store(self, connection: C, one: DocumentCopy, document: DocumentToStore[C]) -> None:
        stored = records.identity(connection)
        if one.identity is not None and stored is None:
            self._holder.replace_identity(connection, one.identity)
        elif one.identity is not None:
            require_identity(stored, one.identity)
        document.save(connection, one.identity.dimensions if one.identity else 0)
        number = connection.number(
            "UPDATE candor_documents SET ingested_at = :at WHERE uri = :uri RETURNING number",
            {"at": one.ingested_at, "uri": one.document.uri},
        )
        connection.execute_many(
            "INSERT INTO candor_versions (version_id, document, stored_at, text)"
            " VALUES (:version, :number, :at, :text)"
            " ON CONFLICT (version_id) DO UPDATE SET stored_at = excluded.stored_at",
            [
                {"version": version, "number": number, "at": at, "text": text}
                for version, at, text in one.versions
            ],
        )
        if one.refused:
            rows = connection.rows(
                "SELECT passage_id FROM candor_passages WHERE document = :number ORDER BY passage_id",
                {"number": number},
            )
            ids = [cast("int", row[0]) for row in rows]
            self._holder.refuse_within(connection, [ids[place] for place in one.refused])


def _document(
    row: Sequence[Value],
    *,
    owner: str,
    text: str,
    passages: Sequence[PassageDraft],
    vectors: Sequence[PassageVectors | None],
    tables: Sequence[TableData],
    original: bytes | None,
) -> PreparedDocument:
    values = cast("tuple[str, str, str, str, str, str, str, int, str | None, str, str]", row[:11])
    uri, name, root, title, category, updated, origin, authority, superseded, media, digest = values
    return PreparedDocument(
        uri=uri,
        name=name,
        root=root,
        title=title,
        category=category,
        updated=date.fromisoformat(updated),
        date_origin=DateOrigin(origin),
        authority=Authority(authority),
        superseded_by=superseded,
        media_type=media,
        content_hash=digest,
        text=text,
        passages=passages,
        vectors=vectors,
        tables=tables,
        original=original,
        owner=owner,
    )


def _as_declared(table: TableData) -> TableData:
    """Returns a table with each cell in the type of its column, as SQLite would give it."""
    types = [column.type for column in table.columns]
    rows = [
        tuple(_cell(kind, cell) for kind, cell in zip(types, row, strict=True))
        for row in table.rows
    ]
    return TableData(table.name, table.title, table.description, list(table.columns), rows)


def _cell(kind: ColumnType, cell: Scalar) -> Scalar:
    match kind, cell:
        case (_, None):
            return None
        case (ColumnType.REAL, int() | float()):
            return float(cell)
        case (ColumnType.TEXT | ColumnType.DATE, str()):
            return cell
        case (_, bool()):
            return int(cell)
        case _:
            return cell
