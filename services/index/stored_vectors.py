"""Direct reads of stored vectors from sqlite-vec's shadow tables.

A query of the virtual table for a few hundred rows takes 30 ms, because it opens a blob for each;
the same bytes from its shadow tables take 1 ms, and a second copy of every vector would double the
file. So this module relies on the layout of sqlite-vec 0.1.9 (chunks of vectors, and a place for
each row); the version is pinned, and a test compares both ways.
"""

import json
from collections.abc import Sequence
from typing import cast

from services.index.connection import Connection


def stored_vectors(
    connection: Connection, passage_ids: Sequence[int], dimensions: int
) -> tuple[Sequence[int], Sequence[bytes]]:
    """Return the ids that have a vector, in the order of their places, and their vectors."""
    rows = connection.rows(
        "SELECT rowid, chunk_id, chunk_offset FROM candor_vectors_rowids"
        " WHERE rowid IN (SELECT value FROM json_each(?)) ORDER BY chunk_id, chunk_offset",
        (json.dumps(list(passage_ids)),),
    )
    places = cast("list[tuple[int, int, int]]", rows)
    length = 4 * dimensions
    vectors = connection.pieces(
        "candor_vectors_vector_chunks00",
        "vectors",
        [(chunk, offset * length) for _, chunk, offset in places],
        length,
    )
    return [place[0] for place in places], vectors
