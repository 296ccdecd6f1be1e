"""The writes and removals of one document in PostgreSQL, inside the caller's transaction: its row, its versions,
its passages with their stems, its vectors, and its data tables, each as one value (see `tables_copy.py`).

Ids, kept vectors and names of tables follow the rules of the file (`services/index/document_writes.py`).
The stems of a document are made before its transaction begins (`indexed`), because all writers queue.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from services.index.database import now
from services.index.identity_rules import (
    free_name,
    id_of,
    require_length,
    require_vectors,
    version_of,
)
from services.index.postgresql.knowledge_server import ServerConnection
from services.index.postgresql.postings import add_postings, remove_postings
from services.index.postgresql.stemmed import PassageStems, stems_of
from services.index.records import columns_json
from services.index.terms import category_key
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.model import Change, PreparedDocument, TableData

_COLUMNS = (
    "document_id", "uri", "name", "root", "title", "category", "category_key", "updated", "date_origin",
    "authority", "superseded_by", "media_type", "content_hash", "version_id", "characters", "ingested_at",
    "owner",
)  # fmt: skip
_UPSERT = (
    f"INSERT INTO candor_documents AS d ({', '.join(_COLUMNS)})"  # noqa: S608  (names of this module)
    f" VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)}) ON CONFLICT (document_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "owner")
    + ", owner = CASE excluded.owner WHEN '' THEN d.owner ELSE excluded.owner END RETURNING number"
)


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document with the stems of each of its passages."""

    document: PreparedDocument
    text: str
    stems: Sequence[PassageStems]


def indexed(document: PreparedDocument) -> IndexedDocument:
    """Makes the stems of a document; takes time, and no connection."""
    text = storable(document.text)
    return IndexedDocument(
        document,
        text,
        [
            stems_of(document.title, draft.section, draft.span.cut(text))
            for draft in document.passages
        ],
    )


def save(
    connection: ServerConnection, prepared: IndexedDocument, dimensions: int
) -> tuple[str, Change]:
    """Adds or replaces; returns the document's id and the change. Raises `DimensionMismatch`."""
    document, text = prepared.document, prepared.text
    require_vectors(document, dimensions)
    document_id = id_of(document.uri)
    kept: Mapping[tuple[str, str], PassageVectors] = {}
    stored = connection.rows(
        "SELECT number, content_hash, title FROM candor_documents WHERE document_id = %s",
        (document_id,),
    )
    for number, content_hash, title in cast("list[tuple[int, str, str]]", stored):
        if content_hash == document.content_hash:
            return document_id, Change.UNCHANGED
        if dimensions and not document.vectors and title == storable(document.title):
            kept = _vectors_by_text(connection, number)
        _clear(connection, number)
    version_id = version_of(document_id, text)
    number = _write_document(connection, document_id, version_id, document)
    connection.execute(
        "INSERT INTO candor_versions VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (version_id, number, now(), text),
    )
    if document.original is not None:
        connection.execute(
            "INSERT INTO candor_originals VALUES (%s, %s)", (number, document.original)
        )
    vectors = document.vectors or [
        kept.get((storable(draft.section), draft.span.cut(text))) for draft in document.passages
    ]
    ids = _write_passages(connection, number, prepared)
    add_vectors(
        connection,
        {one: found for one, found in zip(ids, vectors, strict=False) if found is not None},
        dimensions,
    )
    _write_tables(connection, number, document_id, document.tables)
    return document_id, Change.CHANGED if stored else Change.ADDED


def remove(connection: ServerConnection, number: int) -> None:
    """Deletes the document and all that belongs to it."""
    _clear(connection, number)
    connection.execute("DELETE FROM candor_documents WHERE number = %s", (number,))


def add_vectors(
    connection: ServerConnection, vectors: Mapping[int, PassageVectors], dimensions: int
) -> int:
    """Adds vectors by passage id, and returns how many; none where a passage is gone or has one.

    Raises `DimensionMismatch`.
    """
    require_length((one.vector for one in vectors.values()), dimensions)
    if not vectors:
        return 0
    rows = connection.rows(
        "SELECT p.passage_id, p.document, p.category_key FROM candor_passages p"
        " LEFT JOIN candor_vectors v USING (passage_id)"
        " WHERE p.passage_id = ANY(%s) AND v.passage_id IS NULL ORDER BY p.passage_id",
        (list(vectors),),
    )
    found = cast("list[tuple[int, int, str]]", rows)
    connection.execute_many(
        "INSERT INTO candor_vectors VALUES (%s, %s, %s)",
        ((one, category, literal(vectors[one].vector)) for one, _, category in found),
    )
    connection.execute_many(
        "INSERT INTO candor_tokens VALUES (%s, %s)",
        ((one, vectors[one].tokens) for one, _, _ in found if vectors[one].tokens),
    )
    for number in {document for _, document, _ in found}:
        connection.execute(
            "UPDATE candor_documents d SET vectors = (SELECT count(*) FROM candor_passages p"
            " JOIN candor_vectors v USING (passage_id) WHERE p.document = d.number) WHERE number = %s",
            (number,),
        )
    return len(found)


def literal(vector: Vector) -> str:
    """Returns a vector as pgvector reads it."""
    return "[" + ",".join(map(repr, np.frombuffer(vector, dtype="<f4").tolist())) + "]"


def _vectors_by_text(
    connection: ServerConnection, number: int
) -> Mapping[tuple[str, str], PassageVectors]:
    """Returns the vectors of a document by the headings and the text of their passages."""
    rows = connection.rows(
        "SELECT p.section, p.start, p.stop, v.embedding::text, t.tokens FROM candor_passages p"
        " JOIN candor_vectors v USING (passage_id) LEFT JOIN candor_tokens t USING (passage_id)"
        " WHERE p.document = %s",
        (number,),
    )
    text = str(
        connection.value(
            "SELECT v.text FROM candor_versions v JOIN candor_documents d USING (version_id)"
            " WHERE d.number = %s",
            (number,),
        )
    )
    return {
        (section, text[start:stop]): PassageVectors(
            np.array(written.strip("[]").split(","), dtype="<f4").tobytes(), tokens or b""
        )
        for section, start, stop, written, tokens in cast(
            "list[tuple[str, int, int, str, bytes | None]]", rows
        )
    }


def _clear(connection: ServerConnection, number: int) -> None:
    """Deletes the current version's passages, index entries, tables and original, not its text."""
    remove_postings(connection, number)
    for table in ("loaded_tables", "candor_passages", "candor_originals"):
        connection.execute(f"DELETE FROM {table} WHERE document = %s", (number,))  # noqa: S608  (names from this line)


def _write_document(
    connection: ServerConnection, document_id: str, version_id: int, document: PreparedDocument
) -> int:
    values = {
        "document_id": document_id,
        "uri": document.uri,
        "name": document.name,
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
        "version_id": version_id,
        "characters": len(document.text),
        "ingested_at": now(),
        "owner": document.owner,
    }
    clean = {
        name: storable(value) if isinstance(value, str) else value for name, value in values.items()
    }
    return connection.number(_UPSERT, clean)


def _write_passages(
    connection: ServerConnection, number: int, prepared: IndexedDocument
) -> Sequence[int]:
    drafts = prepared.document.passages
    connection.execute_many(
        "INSERT INTO candor_passages (document, category_key, ordinal, start, stop, reading_start,"
        " reading_stop, section, page, words, terms)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            (
                number,
                category_key(prepared.document.category),
                draft.ordinal,
                draft.span.start,
                draft.span.end,
                draft.reading.start,
                draft.reading.end,
                storable(draft.section),
                draft.page,
                one.words,
                one.vector,
            )
            for draft, one in zip(drafts, prepared.stems, strict=True)
        ),
    )
    connection.execute(
        "UPDATE candor_documents SET passages = %s, words = %s, vectors = 0, refused = 0"
        " WHERE number = %s",
        (len(drafts), sum(one.words for one in prepared.stems), number),
    )
    rows = connection.rows(
        "SELECT passage_id FROM candor_passages WHERE document = %s ORDER BY passage_id", (number,)
    )
    ids = [cast("int", row[0]) for row in rows]
    add_postings(connection, dict(zip(ids, prepared.stems, strict=True)))
    return ids


def _write_tables(
    connection: ServerConnection, number: int, document_id: str, tables: Sequence[TableData]
) -> None:
    def is_taken(name: str) -> bool:
        same = "SELECT 1 FROM loaded_tables WHERE lower(name) = lower(%s)"
        return connection.value(same, (name,)) is not None

    for table in tables:
        connection.execute(
            "INSERT INTO loaded_tables VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                free_name(table.name, document_id, is_taken),
                storable(table.title),
                storable(table.description),
                number,
                columns_json(table.columns),
                storable(json.dumps(table.rows, ensure_ascii=False)),
                secrets.token_hex(8),
            ),
        )
