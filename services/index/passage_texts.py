"""The texts of stored passages, cut from the current versions of their documents."""

import json
from collections.abc import Sequence
from typing import cast

from services.index.connection import Connection, Value


def read_texts(connection: Connection, passage_ids: Sequence[Value]) -> Sequence[tuple[int, str]]:
    """Return id and text of passages, in the order of their ids, the last first."""
    rows = connection.rows(
        "SELECT p.passage_id, p.start, p.stop, d.version_id FROM candor_passages p"
        " JOIN candor_documents d ON d.number = p.document"
        " WHERE p.passage_id IN (SELECT value FROM json_each(?)) ORDER BY p.passage_id DESC",
        (json.dumps(list(passage_ids)),),
    )
    whole: dict[Value, str] = {}  # a long text is read once for all its passages
    found: list[tuple[int, str]] = []
    for row in rows:
        passage_id, start, stop, version = cast("tuple[int, int, int, int]", row)
        if version not in whole:
            one = "SELECT text FROM candor_versions WHERE version_id = ?"
            whole[version] = str(connection.value(one, (version,)))
        found.append((passage_id, whole[version][start:stop]))
    return found
