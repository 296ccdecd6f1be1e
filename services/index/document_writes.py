"""The writes and removals of one document inside the caller's transaction: its passages, and a real SQL table
for each of its data tables.

They are created and dropped in the transaction that writes their document. A table keeps the name
from its reader; a name of another document's table, or of one of Candor's own, gets a suffix that
depends on the document alone, so that rebuilds in the same order give the same names.
Leaves to others: guarded queries over the tables.

Promises: ids derive from content, a document's from its URI, a version's from its document and
text; so a database rebuilt from the same sources has the same ids, and an earlier citation still
finds its text. Passage ids are never reused.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from services.index import bits
from services.index.connection import Connection
from services.index.database import add_tokens_table, add_uploaders_table, now
from services.index.identity_rules import (
    free_name,
    id_of,
    require_length,
    require_vectors,
    version_of,
)
from services.index.records import columns_json
from services.index.stored_passages import vectors_by_text
from services.index.terms import category_key, category_token, index_text
from use_cases.kernel.model import ColumnType, PassageVectors, Scalar
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.model import Change, PassageDraft, PreparedDocument, TableData

_SQL_TYPES = {
    ColumnType.TEXT: "TEXT",
    ColumnType.INTEGER: "INTEGER",
    ColumnType.REAL: "REAL",
    ColumnType.DATE: "TEXT",
    ColumnType.BOOLEAN: "INTEGER",
}
_INT64 = 1 << 63


def write_tables(connection: Connection, document_id: str, tables: Sequence[TableData]) -> None:
    """Creates and fills the tables of one document, which has none yet."""
    for table in tables:
        name = free_name(table.name, document_id, partial(_is_taken, connection))
        columns = ", ".join(
            f"{_identifier(column.name)} {_SQL_TYPES[column.type]}" for column in table.columns
        )
        connection.execute(f"CREATE TABLE {_identifier(name)} ({columns})")
        places = ", ".join("?" * len(table.columns))
        connection.execute_many(
            f"INSERT INTO {_identifier(name)} VALUES ({places})",  # noqa: S608  (quoted identifier)
            ([_cell(cell) for cell in row] for row in table.rows),
        )
        connection.execute(
            "INSERT INTO loaded_tables VALUES (?, ?, ?, ?, ?, ?)",
            (
                name,
                storable(table.title),
                storable(table.description),
                document_id,
                columns_json(table.columns),
                len(table.rows),
            ),
        )


def drop_tables(connection: Connection, number: int) -> None:
    """Drops the tables of one document and their entries."""
    of_document = "document_id = (SELECT document_id FROM candor_documents WHERE number = ?)"
    names = connection.rows(
        f"SELECT name FROM loaded_tables WHERE {of_document}",  # noqa: S608  (constant text)
        (number,),
    )
    for (name,) in names:
        connection.execute(f"DROP TABLE {_identifier(str(name))}")
    connection.execute(f"DELETE FROM loaded_tables WHERE {of_document}", (number,))  # noqa: S608


def _is_taken(connection: Connection, name: str) -> bool:
    found = connection.value(
        "SELECT count(*) FROM sqlite_schema WHERE name = ? COLLATE NOCASE", (name,)
    )
    return found != 0


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return float(
            value
        )  # SQLite's integers have 64 bits; the nearest number beats a failed file
    return value


def save(
    connection: Connection,
    document: PreparedDocument,
    dimensions: int,
    indexed: Callable[[str], str] = index_text,
) -> tuple[str, Change]:
    """Adds or replaces; returns the document's id and the change. Raises `DimensionMismatch`.

    `indexed` gives what the full text holds of a passage. Without vectors, passages with the title, headings and text of before keep theirs.
    """
    require_vectors(document, dimensions)
    document_id = id_of(document.uri)
    stored = connection.rows(
        "SELECT number, content_hash, title FROM candor_documents WHERE document_id = ?",
        (document_id,),
    )
    number: int | None = None
    kept: Mapping[tuple[str, str], PassageVectors] = {}
    change = Change.CHANGED if stored else Change.ADDED
    for number, content_hash, title in cast("list[tuple[int, str, str]]", stored):
        if content_hash == document.content_hash:
            return document_id, Change.UNCHANGED
        if not document.vectors and title == storable(document.title):
            kept = vectors_by_text(connection, number, dimensions)
        _clear(connection, number)
    text = storable(document.text)
    version_id = version_of(document_id, text)
    number = _write_document(connection, number, document_id, version_id, document)
    connection.execute(
        "INSERT OR IGNORE INTO candor_versions (version_id, document, stored_at, text)"
        " VALUES (?, ?, ?, ?)",
        (version_id, number, now(), text),
    )
    if document.original is not None:
        connection.execute(
            "INSERT INTO candor_originals VALUES (?, ?)", (number, document.original)
        )
    if document.owner:
        add_uploaders_table(connection)
        connection.execute(
            "INSERT OR REPLACE INTO candor_uploaders VALUES (?, ?)",
            (number, storable(document.owner)),
        )
    vectors = document.vectors or [
        kept.get((storable(draft.section), draft.span.cut(text))) for draft in document.passages
    ]
    _write_passages(connection, number, replace(document, vectors=vectors), text, indexed)
    write_tables(connection, document_id, document.tables)
    return document_id, change


def remove(connection: Connection, number: int) -> None:
    """Deletes the document and all that belongs to it."""
    _clear(connection, number)
    connection.execute("DELETE FROM candor_documents WHERE number = ?", (number,))


def complete_vectors(
    connection: Connection, vectors: Mapping[int, PassageVectors], dimensions: int
) -> int:
    """Adds vectors by passage id, and returns how many; none where a passage is gone or has one.

    A passage id is never reused, so the vector of a text that was replaced meanwhile finds none.
    Raises `DimensionMismatch`.
    """
    require_length((one.vector for one in vectors.values()), dimensions)
    if not vectors:
        return 0
    rows = connection.rows(
        "SELECT p.document, d.category_key, json_group_array(p.passage_id)"
        " FROM candor_passages p JOIN candor_documents d ON d.number = p.document"
        " WHERE p.passage_id IN (SELECT value FROM json_each(?))"
        " AND p.passage_id NOT IN (SELECT rowid FROM candor_vectors_rowids)"
        " GROUP BY p.document",
        (json.dumps(list(vectors)),),
    )
    added = 0
    for number, category, ids in cast("list[tuple[int, str, str]]", rows):
        one = {passage_id: vectors[passage_id] for passage_id in json.loads(ids)}
        add_vectors(connection, number, category, one)
        added += len(one)
    return added


def _clear(connection: Connection, number: int) -> None:
    """Deletes the current version's passages, index entries, tables and original, not its text."""
    one = connection.rows("SELECT passage_id FROM candor_passages WHERE document = ?", (number,))
    connection.execute_many("DELETE FROM candor_fts WHERE rowid = ?", one)
    if connection.value("SELECT 1 FROM candor_bits WHERE document = ?", (number,)):
        connection.execute_many("DELETE FROM candor_vectors WHERE passage_id = ?", one)
    drop_tables(connection, number)
    for table in ("candor_bits", "candor_passages", "candor_originals"):
        connection.execute(f"DELETE FROM {table} WHERE document = ?", (number,))  # noqa: S608  (names from this line)


def _write_document(
    connection: Connection,
    number: int | None,
    document_id: str,
    version_id: int,
    document: PreparedDocument,
) -> int:
    values = {
        "number": number,
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
    }
    clean = {
        name: storable(value) if isinstance(value, str) else value for name, value in values.items()
    }
    replaced = ", ".join(f"{name} = excluded.{name}" for name in values if name != "number")
    return connection.number(
        f"INSERT INTO candor_documents ({', '.join(values)})"  # noqa: S608  (names from this function)
        f" VALUES ({', '.join(f':{name}' for name in values)})"
        f" ON CONFLICT (number) DO UPDATE SET {replaced} RETURNING number",
        clean,
    )


def _write_passages(
    connection: Connection,
    number: int,
    document: PreparedDocument,
    text: str,
    indexed: Callable[[str], str],
) -> None:
    token = category_token(document.category)
    title = index_text(document.title)
    ids = [_write_passage(connection, number, draft) for draft in document.passages]
    connection.execute_many(
        "INSERT INTO candor_fts (rowid, title, heading, body, category) VALUES (?, ?, ?, ?, ?)",
        [
            (passage_id, title, index_text(draft.section), indexed(draft.span.cut(text)), token)
            for passage_id, draft in zip(ids, document.passages, strict=True)
        ],
    )
    vectors = {
        passage_id: one
        for passage_id, one in zip(ids, document.vectors, strict=False)
        if one is not None
    }
    if vectors:
        add_vectors(connection, number, category_key(document.category), vectors)


def _write_passage(connection: Connection, number: int, draft: PassageDraft) -> int:
    return connection.number(
        "INSERT INTO candor_passages (document, ordinal, start, stop, reading_start, reading_stop,"
        " section, page) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING passage_id",
        (
            number,
            draft.ordinal,
            draft.span.start,
            draft.span.end,
            draft.reading.start,
            draft.reading.end,
            storable(draft.section),
            draft.page,
        ),
    )


def add_vectors(
    connection: Connection, number: int, category: str, vectors: Mapping[int, PassageVectors]
) -> None:
    """Adds the vectors of some of a document's passages, by passage id."""
    connection.execute_many(
        "INSERT INTO candor_vectors (passage_id, category, embedding) VALUES (?, ?, ?)",
        [(passage_id, category, one.vector) for passage_id, one in vectors.items()],
    )
    tokens = [(passage_id, one.tokens) for passage_id, one in vectors.items() if one.tokens]
    if tokens:
        add_tokens_table(connection)
        connection.execute_many("INSERT INTO candor_tokens VALUES (?, ?)", tokens)
    ids = b"".join(passage_id.to_bytes(8, "little") for passage_id in vectors)
    packed = bits.pack([one.vector for one in vectors.values()])
    stored = connection.rows(
        "DELETE FROM candor_bits WHERE document = ? RETURNING passage_ids, bits", (number,)
    )
    for before in cast("list[tuple[bytes, bytes]]", stored):
        ids, packed = before[0] + ids, before[1] + packed
    connection.execute(
        "INSERT INTO candor_bits VALUES (?, ?, ?, ?)", (number, category, ids, packed)
    )
