"""The vectors of a stored document, for the passages that a new version of it has as well."""

import json
from collections.abc import Mapping
from typing import cast

from services.index import schema
from services.index.connection import Connection
from services.index.passage_texts import read_texts
from services.index.stored_vectors import stored_vectors
from use_cases.kernel.model import PassageVectors


def vectors_by_text(
    connection: Connection, number: int | None, dimensions: int
) -> Mapping[tuple[str, str], PassageVectors]:
    """Return the vectors of a document by the headings and the text of their passages."""
    rows = connection.rows(
        "SELECT passage_id, section FROM candor_passages WHERE document = ?", (number,)
    )
    if not dimensions or not rows:
        return {}
    sections = dict(cast("list[tuple[int, str]]", rows))
    texts = dict(read_texts(connection, list(sections)))
    ids, vectors = stored_vectors(connection, list(texts), dimensions)
    tokens: Mapping[int, bytes] = {}
    if schema.has_tokens_table(connection):
        held = connection.rows(
            "SELECT passage_id, tokens FROM candor_tokens"
            " WHERE passage_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        tokens = dict(cast("list[tuple[int, bytes]]", held))
    return {
        (sections[one], texts[one]): PassageVectors(vector, tokens.get(one, b""))
        for one, vector in zip(ids, vectors, strict=True)
    }
