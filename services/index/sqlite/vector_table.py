"""The table of vectors, in whole numbers of 8 bits; and the floats of version 1 of the file, rewritten."""

from collections.abc import Iterator, Sequence
from typing import cast

from services.index import records
from services.index.sqlite.connection import Connection
from services.index.whole_numbers import to_whole

_SLICE = 1_000


def create_vectors(connection: Connection, dimensions: int) -> None:
    """Creates the table for vectors of this length."""
    # Small chunks, because each category has its own chunks and each is allocated whole.
    connection.execute(
        "CREATE VIRTUAL TABLE candor_vectors USING vec0(passage_id INTEGER PRIMARY KEY,"
        f" category TEXT PARTITION KEY, embedding INT8[{dimensions}] DISTANCE_METRIC=cosine,"
        " chunk_size=256)"
    )


def rewrite_vectors(connection: Connection) -> None:
    """Rewrites the vectors of version 1, in the caller's transaction."""
    identity = records.identity(connection)
    if identity is None or not identity.dimensions:
        return
    connection.execute(
        "CREATE TABLE candor_rewritten"
        " (passage_id INTEGER PRIMARY KEY, category TEXT NOT NULL, embedding BLOB NOT NULL)"
    )
    for ids, categories, vectors in _floats(connection, 4 * identity.dimensions):
        connection.execute_many(
            "INSERT INTO candor_rewritten VALUES (?, ?, ?)",
            zip(ids, categories, to_whole(vectors), strict=True),
        )
    connection.execute("DROP TABLE candor_vectors")
    create_vectors(connection, identity.dimensions)
    connection.execute(
        "INSERT INTO candor_vectors (passage_id, category, embedding)"
        " SELECT passage_id, category, vec_int8(embedding) FROM candor_rewritten;"
        "DROP TABLE candor_rewritten"
    )


def _floats(
    connection: Connection, length: int
) -> Iterator[tuple[Sequence[int], Sequence[str], Sequence[bytes]]]:
    """Yields some passages at a time: their ids, their categories, and their vectors of so many bytes."""
    rows = connection.rows(
        "SELECT v.rowid, d.category_key, v.chunk_id, v.chunk_offset FROM candor_vectors_rowids v"
        " JOIN candor_passages p ON p.passage_id = v.rowid"
        " JOIN candor_documents d ON d.number = p.document ORDER BY v.chunk_id, v.chunk_offset"
    )
    for start in range(0, len(rows), _SLICE):
        some = cast("list[tuple[int, str, int, int]]", rows[start : start + _SLICE])
        ids, categories, chunks, offsets = zip(*some, strict=True)
        places = [(chunk, offset * length) for chunk, offset in zip(chunks, offsets, strict=True)]
        vectors = connection.pieces("candor_vectors_vector_chunks00", "vectors", places, length)
        yield ids, categories, vectors
