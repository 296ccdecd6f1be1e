"""The port `Library` over a database of knowledge: stored documents and the index's identity."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, cast

import anyio.to_thread

from services.index import records
from services.index.document_shelf import DocumentShelf
from services.index.identity_rules import is_completion, require_identity
from services.index.relations import C, Database, Relations, T
from services.index.stored_document import DocumentToStore
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


@dataclass(frozen=True, slots=True)
class Claim:
    """A passage that a run has in hand; not `in_force` where that run is gone."""

    passage_id: int
    document_id: str
    holder: str
    in_force: bool


class StoredLibrary(ABC, Generic[C]):
    """The stored documents of one database of knowledge."""

    PASSAGES: ClassVar[str]
    """How many passages a document `d` has."""
    VECTORS: ClassVar[str]
    """How many of them have a vector."""
    ITS_TABLE: ClassVar[str]
    """The condition that a loaded table `t` belongs to the document `:id`."""

    def __init__(self, database: Database[C], documents: type[DocumentToStore[C]]) -> None:
        self._database = database
        self._documents = documents
        self._prepared: IndexIdentity | None = None

    async def prepare(self, identity: IndexIdentity) -> None:
        """Prepares for writes with this identity. Raises `EmbedderMismatch`."""

        def work(connection: C) -> None:
            stored = records.identity(connection)
            empty = not connection.value("SELECT 1 FROM candor_documents LIMIT 1")
            if stored is None or (empty and stored != identity) or is_completion(stored, identity):
                self.replace_identity(connection, identity)
            else:
                require_identity(stored, identity)

        await self._database.write(work)
        self._prepared = identity

    async def reset(self, identity: IndexIdentity) -> None:
        """Begins a rebuild: drop all vectors, clear all content hashes, take this identity."""

        def work(connection: C) -> None:
            self.replace_identity(connection, identity)
            connection.execute("UPDATE candor_documents SET content_hash = ''")

        await self._database.write(work)
        self._prepared = identity

    async def fingerprints(self, uri_prefix: str) -> Mapping[str, Fingerprint]:
        """Returns the fingerprints of documents whose URI starts with the prefix, by URI."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT uri, document_id, content_hash FROM candor_documents"
                " WHERE substr(uri, 1, length(:prefix)) = :prefix ORDER BY uri",
                {"prefix": storable(uri_prefix)},
            )
        )
        return {
            uri: Fingerprint(document_id, content_hash)
            for uri, document_id, content_hash in cast("list[tuple[str, str, str]]", rows)
        }

    async def save(self, document: PreparedDocument) -> Saved:
        """Adds the document, or replaces the current version of its URI, in one transaction."""
        ready = await anyio.to_thread.run_sync(self._documents, document)

        def work(connection: C) -> Saved:
            change = ready.save(connection, self._dimensions(connection))
            return Saved(_ref(connection, ready.document_id), change)

        return await self._database.write(work)

    async def waiting(self, holder: str = "") -> Sequence[WaitingDocument]:
        """Returns the documents with passages that wait for a vector, the newest first."""

        def work(connection: C) -> Sequence[WaitingDocument]:
            if not _is_embedded(connection):
                return []
            rows = connection.rows(
                f"SELECT d.document_id, {self.owner(connection)},"  # noqa: S608  (constant texts)
                " (SELECT max(p.passage_id) FROM candor_passages p WHERE p.document = d.number) AS newest,"
                f" {self._waiting(connection)} FROM candor_documents d"
                f" WHERE {self._waiting(connection)} > 0 ORDER BY newest DESC"
            )
            claims = self._claims(connection)
            held = Counter(
                one.document_id for one in claims if one.in_force and one.holder != holder
            )
            lost = {one.document_id for one in claims if not one.in_force}
            return [
                WaitingDocument(document_id, owner, newest, document_id in lost)
                for document_id, owner, newest, count in cast(
                    "list[tuple[str, str, int, int]]", rows
                )
                if count > held[document_id]
            ]

        return await self._database.read(work)

    async def claim(
        self, document_id: str, holder: str, *, limit: int, seconds: float
    ) -> Sequence[UnembeddedPassage]:
        """Returns the document's passages that wait and that nobody has claimed, and claims them."""

        def work(connection: C) -> Sequence[UnembeddedPassage]:
            if not _is_embedded(connection):
                return []
            claims = self._claims(connection)
            rows = connection.rows(
                "SELECT p.passage_id, d.name, d.title, p.section"  # noqa: S608  (constant texts)
                " FROM candor_passages p JOIN candor_documents d ON d.number = p.document"
                f" WHERE d.document_id = :id AND NOT {self._documents.HAS_VECTOR}"
                f" AND NOT {self.refused(connection)} AND NOT (p.passage_id IN :held)"
                " ORDER BY p.passage_id IN :lost DESC, p.passage_id LIMIT :limit",
                {
                    "id": storable(document_id),
                    "held": [one.passage_id for one in claims if one.in_force],
                    "lost": [one.passage_id for one in claims if not one.in_force],
                    "limit": limit,
                },
            )
            found = cast("list[tuple[int, str, str, str]]", rows)
            ids = [row[0] for row in found]
            self._hold(connection, document_id, ids, holder, seconds)
            texts = self._documents.texts(connection, ids)
            return [UnembeddedPassage(*row, texts[row[0]]) for row in found]

        return await self._claiming(work)

    async def is_claimed(self) -> bool:
        """Returns whether a claim is in force."""
        return await self._database.read_short(
            lambda connection: any(one.in_force for one in self._claims(connection))
        )

    @abstractmethod
    async def keep_claims(self, holder: str, seconds: float) -> None:
        """Lets the holder's claims last so long from now on."""

    @abstractmethod
    async def release_claims(self, holder: str, passage_ids: Collection[int] | None = None) -> None:
        """Ends the holder's claims of these passages, or all of them."""

    async def add_vectors(self, vectors: Mapping[int, PassageVectors]) -> int:
        """Adds vectors by passage id in one transaction, and returns how many were added."""
        return await self._database.write(
            lambda connection: self._documents.add_vectors(
                connection, vectors, self._dimensions(connection)
            )
        )

    async def refuse(self, passage_ids: Sequence[int]) -> None:
        """Notes that the embedder refuses these passages."""
        await self._database.write(lambda connection: self.refuse_within(connection, passage_ids))

    async def forget_refusals(self) -> None:
        """Lets the refused passages wait again."""
        if (await self.statistics()).refused:
            await self._database.write(self._forget_refusals)

    async def table_names(self, document_id: str) -> Sequence[str]:
        """Returns the names of the document's loaded tables, in alphabetical order."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"SELECT t.name FROM loaded_tables t WHERE {self.ITS_TABLE} ORDER BY t.name",  # noqa: S608  (constant texts)
                {"id": storable(document_id)},
            )
        )
        return [str(name) for (name,) in rows]

    async def original(self, document_id: str) -> bytes | None:
        """Returns the original bytes of the document; None where none are stored."""

        def work(connection: C) -> bytes | None:
            content = connection.value(
                "SELECT content FROM candor_originals WHERE document = :number",
                {"number": _number(connection, document_id)},
            )
            return content if isinstance(content, bytes) else None

        return await self._database.read(work)

    async def remove(self, document_id: str) -> None:
        """Deletes the document, its versions, passages, vectors and tables."""
        await self._database.write(
            lambda connection: self._documents.remove(connection, _number(connection, document_id))
        )

    async def documents(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[DocumentSummary]:
        """Returns stored documents, ordered by name."""
        key = None if category is None else category_key(category)
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"{self._summary(connection)} WHERE CAST(:key AS text) IS NULL OR d.category_key = :key"
                " ORDER BY d.name, d.document_id LIMIT :limit OFFSET :offset",
                {"key": key, "limit": limit + 1, "offset": offset},
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
                f"{self._summary(connection)} WHERE :wanted IN (d.document_id, d.name)"
                " ORDER BY d.document_id = :wanted DESC, d.uri LIMIT :most",
                {"wanted": wanted, "most": _MOST_NAMESAKES},
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
                " WHERE v.version_id = :version AND d.document_id = :id",
                {"version": version_id, "id": storable(document_id)},
            )
        )
        if not isinstance(found, str):
            raise DocumentNotFound(f"{document_id} has no stored version {version_id}.")
        return found

    def shelf(self) -> DocumentShelf[C]:
        """Returns the documents as pieces of a move."""
        return DocumentShelf(self._database, self._documents, self)

    async def statistics(self) -> LibraryStatistics:
        """Returns the library's counts. Waits for no other read, because health checks use it."""
        return await self._database.read_short(self._statistics)

    def _statistics(self, connection: C) -> LibraryStatistics:
        passages, vectors, refused, has_tokens = self._counts(connection)
        categories = connection.rows(
            "SELECT min(category), count(*) FROM candor_documents GROUP BY category_key ORDER BY 1"
        )
        return LibraryStatistics(
            documents=connection.number("SELECT count(*) FROM candor_documents"),
            passages=passages,
            vectors=vectors,
            tables=connection.number("SELECT count(*) FROM loaded_tables"),
            categories=dict(cast("list[tuple[str, int]]", categories)),
            identity=records.identity(connection),
            refused=refused,
            token_vectors=has_tokens,
        )

    def _dimensions(self, connection: C) -> int:
        """Returns the length of stored vectors. Raises `EmbedderMismatch` if another one was prepared."""
        stored = records.identity(connection)
        if self._prepared is not None:
            require_identity(stored, self._prepared)
        return stored.dimensions if stored else 0

    def replace_identity(self, connection: C, identity: IndexIdentity) -> None:
        """Takes another identity; all vectors are dropped."""
        self._replace_vectors(connection, identity.dimensions)
        records.set_identity(connection, identity)

    def _summary(self, connection: C) -> str:
        """Returns the query of `records.document_summary`."""
        waiting = self._waiting(connection) if _is_embedded(connection) else "0"
        return (
            f"SELECT {records.REF_COLUMNS}, d.uri, d.media_type, d.characters, {self.PASSAGES},"  # noqa: S608  (constant texts)
            " (SELECT count(*) FROM candor_versions v WHERE v.document = d.number), d.ingested_at,"
            f" {self.VECTORS}, {waiting} FROM candor_documents d"
        )

    @abstractmethod
    async def _claiming(self, work: Callable[[C], T]) -> T:
        """Runs it while nobody else claims."""

    @abstractmethod
    def _claims(self, connection: C) -> Sequence[Claim]:
        """Returns the claims that were not released."""

    @abstractmethod
    def _hold(
        self,
        connection: C,
        document_id: str,
        passage_ids: Sequence[int],
        holder: str,
        seconds: float,
    ) -> None:
        """Claims passages that are free."""

    @abstractmethod
    def _waiting(self, connection: C) -> str:
        """Returns the number of the passages of `d` that wait for a vector, for a query."""

    @abstractmethod
    def refused(self, connection: C) -> str:
        """Returns the condition that a passage `p` is not tried again, for a query."""

    @abstractmethod
    def refuse_within(self, connection: C, passage_ids: Sequence[int]) -> None:
        """Notes that passages are not tried again, in the caller's transaction."""

    @abstractmethod
    def owner(self, connection: C) -> str:
        """Returns whose upload `d` is, for a query; empty for nobody's."""

    @abstractmethod
    def _counts(self, connection: C) -> tuple[int, int, int, bool]:
        """Counts the passages, their vectors, and the refused; and whether there are token vectors."""

    @abstractmethod
    def _forget_refusals(self, connection: C) -> None:
        """Lets the refused passages wait again."""

    @abstractmethod
    def _replace_vectors(self, connection: C, dimensions: int) -> None:
        """Drops all vectors, and makes room for others of this length (0: none)."""


def _is_embedded(connection: Relations) -> bool:
    stored = records.identity(connection)
    return stored is not None and bool(stored.dimensions)


def _number(connection: Relations, document_id: str) -> int:
    number = connection.value(
        "SELECT number FROM candor_documents WHERE document_id = :id",
        {"id": storable(document_id)},
    )
    if not isinstance(number, int):
        raise DocumentNotFound(f"No document has the id {document_id!r}.")
    return number


def _ref(connection: Relations, document_id: str) -> DocumentRef:
    rows = connection.rows(
        f"SELECT {records.REF_COLUMNS} FROM candor_documents d WHERE d.document_id = :id",  # noqa: S608  (constant text)
        {"id": document_id},
    )
    return records.document_ref(rows[0])
