"""The conversion of rows of the knowledge database to the types of the use cases, and back."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import cast

from services.index.relations import Relations, Row
from use_cases.kernel.model import (
    Authority,
    Column,
    ColumnType,
    DateOrigin,
    DocumentRef,
    family_of,
)
from use_cases.knowledge.model import DocumentSummary, IndexIdentity

REF_COLUMNS = (
    "d.document_id, d.version_id, d.name, d.title, d.category, d.updated, d.date_origin,"
    " d.authority, d.superseded_by"
)

FOUND = (
    "FROM candor_passages p JOIN candor_documents d ON d.number = p.document"
    " WHERE p.passage_id IN :ids"
)
"""Passages by their ids, and their documents."""

PLACE = "row_number() OVER (PARTITION BY d.version_id ORDER BY p.passage_id) AS place"
"""The place of a passage among those of its document."""


def with_texts(query: str, *, order: str = "") -> str:
    """Returns a query with a last column: a version's text, in the row that is first by `PLACE`, else NULL.

    A long text is so read once for all its passages. The query has the columns `place` and `version_id`.
    """
    return (
        "SELECT q.*, CASE q.place WHEN 1 THEN"  # noqa: S608  (constant texts)
        f" (SELECT v.text FROM candor_versions v WHERE v.version_id = q.version_id) END FROM ({query}) q{order}"
    )


@lru_cache(maxsize=4096)  # a search finds a hundred documents, most of them again and again
def document_ref(row: Row) -> DocumentRef:
    """Converts a row of `REF_COLUMNS`."""
    values = cast("tuple[str, int, str, str, str, str, str, int, str | None]", tuple(row))
    document_id, version_id, name, title, category, updated, origin, authority, superseded = values
    return DocumentRef(
        document_id=document_id,
        version_id=version_id,
        name=name,
        title=title,
        category=category,
        updated=date.fromisoformat(updated),
        date_origin=DateOrigin(origin),
        authority=Authority(authority),
        superseded_by=superseded,
    )


def fill_families(connection: Relations) -> None:
    """Adds the families of documents that a Candor stored which did not."""
    rows = connection.rows("SELECT number, name FROM candor_documents WHERE family IS NULL")
    connection.execute_many(
        "UPDATE candor_documents SET family = :family WHERE number = :number",
        [{"family": family_of(str(name)), "number": number} for number, name in rows],
    )


def document_summary(row: Row) -> DocumentSummary:
    """Converts `REF_COLUMNS`, then uri, media_type, characters, passages, versions, ingested_at, vectors, waiting."""
    values = cast("tuple[str, str, int, int, int, str, int, int]", tuple(row[9:]))
    uri, media_type, characters, passages, versions, ingested_at, vectors, waiting = values
    return DocumentSummary(
        ref=document_ref(row[:9]),
        uri=uri,
        media_type=media_type,
        characters=characters,
        passages=passages,
        versions=versions,
        ingested_at=datetime.fromisoformat(ingested_at),
        vectors=vectors,
        waiting=waiting,
    )


def columns_json(columns: Sequence[Column]) -> str:
    """Encodes a loaded table's columns for its catalogue."""
    return json.dumps(
        [
            {
                "name": column.name,
                "original": column.original,
                "type": column.type.value,
                "description": column.description,
            }
            for column in columns
        ],
        ensure_ascii=False,
    )


def columns_of(stored: str) -> Sequence[Column]:
    """Decodes what `columns_json` gives."""
    return [
        Column(one["name"], one["original"], ColumnType(one["type"]), one["description"])
        for one in cast("list[dict[str, str]]", json.loads(stored))
    ]


def identity(connection: Relations) -> IndexIdentity | None:
    """Reads the identity that the index was built with; None before the first `prepare`."""
    stored = connection.value("SELECT value FROM candor_meta WHERE key = 'identity'")
    if not isinstance(stored, str):
        return None
    embedder, dimensions, chunker = cast("tuple[str, int, str]", tuple(json.loads(stored)))
    return IndexIdentity(embedder, dimensions, chunker)


def set_identity(connection: Relations, new: IndexIdentity) -> None:
    """Replaces the stored identity of the index."""
    stored = json.dumps([new.embedder, new.dimensions, new.chunker])
    connection.execute(
        "INSERT INTO candor_meta VALUES ('identity', :stored)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        {"stored": stored},
    )
