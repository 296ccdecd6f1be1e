"""Stored passages: their texts, their vectors, and those that a new version keeps.

A query of the virtual table for a few hundred rows takes 30 ms, because it opens a blob for each;
the same bytes from its shadow tables take 1 ms, and a second copy of every vector would double the
file. So this module relies on the layout of sqlite-vec 0.1.9 (chunks of vectors, and a place for
each row); the version is pinned, and a test compares both ways.
"""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from services.index.sqlite.connection import Connection
from services.index.sqlite.database import has_tokens_table
from services.index.whole_numbers import directions
from use_cases.kernel.model import PassageVectors


def stored_vectors(
    connection: Connection, passage_ids: Sequence[int], dimensions: int
) -> tuple[Sequence[int], Sequence[bytes]]:
    """Returns the ids that have a vector, in their order, and their rounded vectors."""
    # A join, because a list would be made into a table of its own first.
    rows = connection.rows(
        "SELECT rowid, chunk_id, chunk_offset FROM json_each(?)"
        " CROSS JOIN candor_vectors_rowids ON rowid = value",
        (json.dumps(sorted(passage_ids)),),
    )
    places = cast("list[tuple[int, int, int]]", rows)
    vectors = connection.pieces(
        "candor_vectors_vector_chunks00",
        "vectors",
        [(chunk, offset * dimensions) for _, chunk, offset in places],
        dimensions,
    )
    return [place[0] for place in places], vectors


def vectors_of(
    connection: Connection, number: int, dimensions: int
) -> Mapping[int, PassageVectors]:
    """Returns the vectors of a document by passage id."""
    rows = connection.rows("SELECT passage_id FROM candor_passages WHERE document = ?", (number,))
    if not dimensions or not rows:
        return {}
    wanted = [row[0] for row in cast("list[tuple[int]]", rows)]
    ids, vectors = stored_vectors(connection, wanted, dimensions)
    tokens: Mapping[int, bytes] = {}
    if has_tokens_table(connection):
        held = connection.rows(
            "SELECT passage_id, tokens FROM candor_tokens WHERE passage_id IN :ids", {"ids": wanted}
        )
        tokens = dict(cast("list[tuple[int, bytes]]", held))
    return {
        one: PassageVectors(vector.tobytes(), tokens.get(one, b""))
        for one, vector in zip(ids, directions(vectors, dimensions), strict=True)
    }
