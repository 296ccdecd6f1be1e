"""The port `Library` over the knowledge in PostgreSQL."""

from collections.abc import Callable, Collection, Sequence
from typing import cast

from services.index.postgresql.knowledge_server import KnowledgeServer, ServerConnection
from services.index.postgresql.server_documents import ServerDocument
from services.index.relations import T
from services.index.stored_library import Claim, StoredLibrary

_NEIGHBOURS = "m = 16, ef_construction = 64"


class ServerLibrary(StoredLibrary[ServerConnection]):
    """The stored documents of one knowledge database."""

    PASSAGES = "d.passages"
    VECTORS = "d.vectors"
    ITS_TABLE = "t.document = (SELECT d.number FROM candor_documents d WHERE d.document_id = :id)"

    def __init__(self, database: KnowledgeServer) -> None:
        super().__init__(database, ServerDocument)
        self._server = database

    async def keep_claims(self, holder: str, seconds: float) -> None:
        """Lets the holder's claims last so long from now on."""
        await self._server.note(
            lambda connection: connection.execute(
                f"UPDATE candor_claims SET until = {_UNTIL} WHERE holder = :holder",  # noqa: S608  (constant text)
                {"holder": holder, "seconds": seconds},
            )
        )

    async def release_claims(self, holder: str, passage_ids: Collection[int] | None = None) -> None:
        """Ends the holder's claims of these passages, or all of them."""
        of_these = "" if passage_ids is None else " AND passage_id IN :ids"
        await self._server.note(
            lambda connection: connection.execute(
                f"DELETE FROM candor_claims WHERE holder = :holder{of_these}",  # noqa: S608  (constant texts)
                {"holder": holder, "ids": list(passage_ids or ())},
            )
        )

    async def _claiming(self, work: Callable[[ServerConnection], T]) -> T:
        return await self._server.note(work)

    def _claims(self, connection: ServerConnection) -> Sequence[Claim]:
        rows = connection.rows(
            "SELECT passage_id, document_id, holder, until > clock_timestamp() FROM candor_claims"
        )
        return [Claim(*row) for row in cast("list[tuple[int, str, str, bool]]", rows)]

    def _hold(
        self,
        connection: ServerConnection,
        document_id: str,
        passage_ids: Sequence[int],
        holder: str,
        seconds: float,
    ) -> None:
        connection.execute(
            f"INSERT INTO candor_claims SELECT unnest(CAST(:ids AS bigint[])), :document, :holder, {_UNTIL}"
            " ON CONFLICT (passage_id) DO UPDATE SET holder = excluded.holder, until = excluded.until",
            {
                "ids": list(passage_ids),
                "document": document_id,
                "holder": holder,
                "seconds": seconds,
            },
        )
        connection.execute(_FORGET_CLAIMS)

    def refuse_within(self, connection: ServerConnection, passage_ids: Sequence[int]) -> None:
        """Notes that passages are not tried again."""
        connection.execute(
            "UPDATE candor_passages SET refused = true WHERE passage_id IN :ids",
            {"ids": list(passage_ids)},
        )
        connection.execute(_COUNT_REFUSED)

    def _waiting(self, connection: ServerConnection) -> str:
        return "(d.passages - d.vectors - d.refused)"

    def refused(self, connection: ServerConnection) -> str:
        """Returns the condition that a passage is not tried again."""
        return "p.refused"

    def owner(self, connection: ServerConnection) -> str:
        """Returns whose upload `d` is."""
        return "d.owner"

    def _counts(self, connection: ServerConnection) -> tuple[int, int, int, bool]:
        rows = connection.rows(
            "SELECT coalesce(sum(passages), 0)::bigint, coalesce(sum(vectors), 0)::bigint,"
            " coalesce(sum(refused), 0)::bigint, EXISTS (SELECT FROM candor_tokens)"
            " FROM candor_documents"
        )
        return cast("tuple[int, int, int, bool]", rows[0])

    def _forget_refusals(self, connection: ServerConnection) -> None:
        _forget_refusals(connection)

    def _replace_vectors(self, connection: ServerConnection, dimensions: int) -> None:
        replace_vectors(connection, dimensions)


_UNTIL = "clock_timestamp() + :seconds * interval '1 second'"
_FORGET_CLAIMS = "DELETE FROM candor_claims WHERE until < clock_timestamp() - interval '1 minute'"
"""Of passages that are gone, or have their vectors: what waits is found without them."""
_COUNT_REFUSED = (
    "UPDATE candor_documents d SET refused = (SELECT count(*) FROM candor_passages p"
    " WHERE p.document = d.number AND p.refused)"
    " WHERE d.refused > 0 OR EXISTS (SELECT FROM candor_passages p WHERE p.document = d.number AND p.refused)"
)


def _forget_refusals(connection: ServerConnection) -> None:
    connection.execute(
        "UPDATE candor_passages SET refused = false WHERE refused;"
        "UPDATE candor_documents SET refused = 0 WHERE refused > 0"
    )


def replace_vectors(connection: ServerConnection, dimensions: int) -> None:
    """Drops all vectors; creates a new table for vectors of this length (0: it stays empty)."""
    connection.execute("DROP TABLE IF EXISTS candor_vectors; DELETE FROM candor_tokens")
    _forget_refusals(connection)
    connection.execute("UPDATE candor_documents SET vectors = 0 WHERE vectors > 0")
    connection.execute(
        "CREATE TABLE candor_vectors (passage_id bigint PRIMARY KEY REFERENCES candor_passages"
        ' ON DELETE CASCADE, category_key text COLLATE "C" NOT NULL,'
        f" embedding vector({dimensions or 1}) NOT NULL);"
        "CREATE INDEX candor_vectors_by_category ON candor_vectors (category_key);"
        + neighbours_index(dimensions or 1)
    )


def neighbours_index(dimensions: int) -> str:
    """Returns the statement that makes the graph of the nearest vectors."""
    return (
        "CREATE INDEX candor_vectors_by_direction ON candor_vectors"
        f" USING hnsw ((embedding::halfvec({dimensions})) halfvec_ip_ops) WITH ({_NEIGHBOURS})"
    )
