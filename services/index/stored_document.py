"""The writes and removals of one document, inside the caller's transaction: what both databases do alike.

Promises: ids derive from content, a document's from its URI, a version's from its document and
text; so a database rebuilt from the same sources has the same ids, and an earlier citation still
finds its text. Passage ids are never reused.
Leaves to each database: full text, vectors, and the tables that a document holds.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import ClassVar, Generic, cast

from services.index import records
from services.index.identity_rules import id_of, require_length, require_vectors, version_of
from services.index.relations import C, Value
from services.index.terms import category_key, index_text
from use_cases.kernel.model import PassageVectors, family_of
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.model import Change, PassageDraft, PreparedDocument, TableData


def now() -> str:
    """Returns the current time in its stored form."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class DocumentToStore(ABC, Generic[C]):
    """A document, made ready before its transaction begins, because all writers queue."""

    HAS_VECTOR: ClassVar[str]
    """The condition that a passage `p` has a vector."""

    def __init__(
        self, document: PreparedDocument, indexed: Callable[[str], str] = index_text
    ) -> None:
        """`indexed` gives what the full text holds of a passage. Takes time, and no connection."""
        self.document = document
        self.text = storable(document.text)
        title = index_text(document.title)
        self.indexed = [
            (title, index_text(draft.section), indexed(draft.span.cut(self.text)))
            for draft in document.passages
        ]
        """What the full text holds of each passage: title, headings, text."""
        self.document_id = id_of(document.uri)
        self.vectors: Sequence[PassageVectors | None] = document.vectors
        """Of each passage; after `save` with those that were kept."""
        self.number = 0
        """Of its row, after `save` has written it."""
        self.ids: Sequence[int] = ()
        """Of its passages, in their order, after `save` has written them."""

    def save(self, connection: C, dimensions: int) -> Change:
        """Adds or replaces it. Raises `DimensionMismatch`.

        Without vectors, passages with the title, headings and text of before keep theirs.
        """
        document = self.document
        require_vectors(document, dimensions)
        kept: Mapping[tuple[str, str], PassageVectors] = {}
        stored = connection.rows(
            "SELECT number, content_hash, title FROM candor_documents WHERE document_id = :id",
            {"id": self.document_id},
        )
        for number, content_hash, title in cast("list[tuple[int, str, str]]", stored):
            if content_hash == document.content_hash:
                return Change.UNCHANGED
            if dimensions and not document.vectors and title == storable(document.title):
                kept = self._vectors_by_text(connection, number, dimensions)
            self._clear(connection, number)
        version_id = version_of(self.document_id, self.text)
        number = self.number = self._write_document(connection, version_id)
        connection.execute(
            "INSERT INTO candor_versions (version_id, document, stored_at, text)"
            " VALUES (:version, :number, :now, :text) ON CONFLICT DO NOTHING",
            {"version": version_id, "number": number, "now": now(), "text": self.text},
        )
        if document.original is not None:
            connection.execute(
                "INSERT INTO candor_originals VALUES (:number, :content)",
                {"number": number, "content": document.original},
            )
        self.vectors = document.vectors or [
            kept.get((storable(draft.section), draft.span.cut(self.text)))
            for draft in document.passages
        ]
        self.ids = self._write_passages(connection, number)
        found = {one: vector for one, vector in zip(self.ids, self.vectors, strict=True) if vector}
        self.add_vectors(connection, found, dimensions)
        self._write_tables(connection, number)
        return Change.CHANGED if stored else Change.ADDED

    @classmethod
    def remove(cls, connection: C, number: int) -> None:
        """Deletes the document and all that belongs to it."""
        cls._clear(connection, number)
        connection.execute(
            "DELETE FROM candor_documents WHERE number = :number", {"number": number}
        )

    @classmethod
    def add_vectors(
        cls, connection: C, vectors: Mapping[int, PassageVectors], dimensions: int
    ) -> int:
        """Adds vectors by passage id, and returns how many; none where a passage is gone or has one.

        A passage id is never reused, so the vector of a text that was replaced meanwhile finds none.
        Raises `DimensionMismatch`.
        """
        require_length((one.vector for one in vectors.values()), dimensions)
        if not vectors:
            return 0
        rows = connection.rows(
            "SELECT p.document, d.category_key, p.passage_id FROM candor_passages p"  # noqa: S608  (constant text)
            " JOIN candor_documents d ON d.number = p.document"
            f" WHERE p.passage_id IN :ids AND NOT {cls.HAS_VECTOR} ORDER BY p.document, p.passage_id",
            {"ids": list(vectors)},
        )
        found = cast("list[tuple[int, str, int]]", rows)
        for (number, category), group in groupby(found, key=lambda row: row[:2]):
            of_document = {passage_id: vectors[passage_id] for _, _, passage_id in group}
            cls._store_vectors(connection, number, category, of_document)
        return len(found)

    @classmethod
    def texts(cls, connection: C, passage_ids: Sequence[int]) -> Mapping[int, str]:
        """Returns the texts of passages, the last id first; ids that no longer exist are left out."""
        one = f"SELECT d.version_id, p.passage_id, p.start, p.stop, {records.PLACE} {records.FOUND}"
        query = records.with_texts(one, order=" ORDER BY q.passage_id DESC")
        rows = connection.rows(query, {"ids": list(passage_ids)})
        found = cast("list[tuple[int, int, int, int, int, str | None]]", rows)
        texts = {version: text for version, *_, text in found if text is not None}
        return {one: texts[version][start:stop] for version, one, start, stop, *_ in found}

    @classmethod
    def text_of(cls, connection: C, number: int) -> str:
        """Returns the text of a document's current version."""
        found = connection.value(
            "SELECT v.text FROM candor_versions v JOIN candor_documents d"
            " ON d.version_id = v.version_id WHERE d.number = :number",
            {"number": number},
        )
        return str(found)

    @classmethod
    @abstractmethod
    def vectors_of(
        cls, connection: C, number: int, dimensions: int
    ) -> Mapping[int, PassageVectors]:
        """Returns the vectors of a document by passage id; `dimensions` is what the index holds."""

    @classmethod
    @abstractmethod
    def tables_of(cls, connection: C, number: int) -> Sequence[TableData]:
        """Returns the tables that a document holds, by their names."""

    @classmethod
    def _vectors_by_text(
        cls, connection: C, number: int, dimensions: int
    ) -> Mapping[tuple[str, str], PassageVectors]:
        """Returns the vectors of a document by the headings and the text of their passages."""
        rows = connection.rows(
            "SELECT passage_id, section, start, stop FROM candor_passages WHERE document = :number",
            {"number": number},
        )
        found = cls.vectors_of(connection, number, dimensions)
        text = cls.text_of(connection, number)
        return {
            (section, text[start:stop]): found[passage_id]
            for passage_id, section, start, stop in cast("list[tuple[int, str, int, int]]", rows)
            if passage_id in found
        }

    @classmethod
    def _clear(cls, connection: C, number: int) -> None:
        """Deletes the current version's passages, index entries, tables and original, not its text."""
        cls._clear_index(connection, number)
        for table in ("candor_passages", "candor_originals"):
            connection.execute(
                f"DELETE FROM {table} WHERE document = :number",  # noqa: S608  (names from this line)
                {"number": number},
            )

    @classmethod
    @abstractmethod
    def _clear_index(cls, connection: C, number: int) -> None:
        """Deletes a document's index entries and tables."""

    def _values(self) -> dict[str, Value]:
        """Returns what the row of the document holds, but for its number and its version."""
        document = self.document
        return {
            "document_id": self.document_id,
            "uri": document.uri,
            "name": document.name,
            "family": family_of(document.name),
            "root": document.root,
            "title": document.title,
            "category": document.category,
            "category_key": category_key(document.category),
            "updated": document.updated.isoformat(),
            "date_origin": document.date_origin.value,
            "authority": int(document.authority),
            "superseded_by": document.superseded_by,
            "media_type": document.media_type,
            "content_hash": document.content_hash,
            "characters": len(document.text),
            "ingested_at": now(),
        }

    def _write_document(self, connection: C, version_id: int) -> int:
        values: dict[str, Value] = {**self._values(), "version_id": version_id}
        # What is uploaded without a name stays with whose it was.
        replaced = ", ".join(
            f"{name} = CASE excluded.owner WHEN '' THEN d.owner ELSE excluded.owner END"
            if name == "owner"
            else f"{name} = excluded.{name}"
            for name in values
        )
        return connection.number(
            f"INSERT INTO candor_documents AS d ({', '.join(values)})"  # noqa: S608  (names of this class)
            f" VALUES ({', '.join(f':{name}' for name in values)})"
            f" ON CONFLICT (document_id) DO UPDATE SET {replaced} RETURNING number",
            {
                name: storable(value) if isinstance(value, str) else value
                for name, value in values.items()
            },
        )

    def _passage(self, place: int, draft: PassageDraft) -> dict[str, Value]:
        """Returns what the row of a passage holds, but for its document."""
        return {
            "ordinal": draft.ordinal,
            "start": draft.span.start,
            "stop": draft.span.end,
            "reading_start": draft.reading.start,
            "reading_stop": draft.reading.end,
            "section": storable(draft.section),
            "page": draft.page,
        }

    def _write_passages(self, connection: C, number: int) -> Sequence[int]:
        rows = [
            {"document": number, **self._passage(place, draft)}
            for place, draft in enumerate(self.document.passages)
        ]
        if rows:
            connection.execute_many(
                f"INSERT INTO candor_passages ({', '.join(rows[0])})"  # noqa: S608  (names of this class)
                f" VALUES ({', '.join(f':{name}' for name in rows[0])})",
                rows,
            )
        found = connection.rows(
            "SELECT passage_id FROM candor_passages WHERE document = :number ORDER BY passage_id",
            {"number": number},
        )
        ids = [cast("int", row[0]) for row in found]
        self._index_passages(connection, number, ids)
        return ids

    @abstractmethod
    def _index_passages(self, connection: C, number: int, ids: Sequence[int]) -> None:
        """Adds the new passages to the full text."""

    @classmethod
    @abstractmethod
    def _store_vectors(
        cls, connection: C, number: int, category: str, vectors: Mapping[int, PassageVectors]
    ) -> None:
        """Adds the vectors of some of a document's passages, which have none."""

    @abstractmethod
    def _write_tables(self, connection: C, number: int) -> None:
        """Adds the tables that the document holds."""
