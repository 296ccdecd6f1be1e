"""The port `Library` over the file of a knowledge database."""

from collections.abc import Sequence

from services.index.sqlite.connection import Connection
from services.index.sqlite.database import (
    KnowledgeDatabase,
    add_refused_table,
    has_tokens_table,
    passage_counts,
    refused_table,
    replace_vectors,
    uploaders_table,
)
from services.index.sqlite.file_documents import FileDocument
from services.index.stored_library import StoredLibrary


class SqliteLibrary(StoredLibrary[Connection]):
    """The stored documents of one file."""

    PASSAGES = "(SELECT count(*) FROM candor_passages p WHERE p.document = d.number)"
    VECTORS = "coalesce((SELECT length(b.passage_ids) / 8 FROM candor_bits b WHERE b.document = d.number), 0)"
    ITS_TABLE = "t.document_id = :id"

    def __init__(self, database: KnowledgeDatabase) -> None:
        super().__init__(database, FileDocument)

    def refuse_within(self, connection: Connection, passage_ids: Sequence[int]) -> None:
        """Notes that passages are not tried again."""
        add_refused_table(connection)
        connection.execute(
            "INSERT OR IGNORE INTO candor_refused SELECT passage_id, document FROM candor_passages"
            " WHERE passage_id IN :ids",
            {"ids": list(passage_ids)},
        )

    def _waiting(self, connection: Connection) -> str:
        refused = f"SELECT count(*) FROM {refused_table(connection)} r WHERE r.document = d.number"  # noqa: S608  (constant texts)
        return f"({self.PASSAGES} - {self.VECTORS} - ({refused}))"

    def refused(self, connection: Connection) -> str:
        """Returns the condition that a passage is not tried again."""
        return f"p.passage_id IN (SELECT passage_id FROM {refused_table(connection)})"  # noqa: S608  (constant texts)

    def owner(self, connection: Connection) -> str:
        """Returns whose upload `d` is."""
        uploaders = uploaders_table(connection)
        return f"coalesce((SELECT u.user_id FROM {uploaders} u WHERE u.document = d.number), '')"  # noqa: S608  (constant texts)

    def _counts(self, connection: Connection) -> tuple[int, int, int, bool]:
        refused = connection.number(f"SELECT count(*) FROM {refused_table(connection)}")  # noqa: S608  (constant texts)
        return *passage_counts(connection), refused, has_tokens_table(connection)

    def _forget_refusals(self, connection: Connection) -> None:
        connection.execute("DELETE FROM candor_refused")

    def _replace_vectors(self, connection: Connection, dimensions: int) -> None:
        replace_vectors(connection, dimensions)
