"""The port `Library` over the file of a knowledge database."""

import threading
import time
from collections.abc import Callable, Collection, Sequence

from services.index.relations import T
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
from services.index.stored_library import Claim, StoredLibrary


class SqliteLibrary(StoredLibrary[Connection]):
    """The stored documents of one file. Claims are those of this process."""

    PASSAGES = "(SELECT count(*) FROM candor_passages p WHERE p.document = d.number)"
    VECTORS = "coalesce((SELECT length(b.passage_ids) / 8 FROM candor_bits b WHERE b.document = d.number), 0)"
    ITS_TABLE = "t.document_id = :id"

    def __init__(self, database: KnowledgeDatabase) -> None:
        super().__init__(database, FileDocument)
        self._claimed: dict[int, tuple[str, str, float]] = {}
        self._claims_lock = threading.Lock()

    async def keep_claims(self, holder: str, seconds: float) -> None:
        """Lets the holder's claims last so long from now on."""
        until = time.monotonic() + seconds
        with self._claims_lock:
            for passage_id, (document_id, held_by, _) in self._claimed.items():
                if held_by == holder:
                    self._claimed[passage_id] = document_id, holder, until

    async def release_claims(self, holder: str, passage_ids: Collection[int] | None = None) -> None:
        """Ends the holder's claims of these passages, or all of them."""
        with self._claims_lock:
            self._claimed = {
                passage_id: claim
                for passage_id, claim in self._claimed.items()
                if claim[1] != holder or (passage_ids is not None and passage_id not in passage_ids)
            }

    async def _claiming(self, work: Callable[[Connection], T]) -> T:
        def alone(connection: Connection) -> T:
            with self._claims_lock:
                return work(connection)

        return await self._database.read(alone)

    def _claims(self, connection: Connection) -> Sequence[Claim]:
        now = time.monotonic()
        return [
            Claim(passage_id, document_id, holder, until > now)
            for passage_id, (document_id, holder, until) in list(self._claimed.items())
        ]

    def _hold(
        self,
        connection: Connection,
        document_id: str,
        passage_ids: Sequence[int],
        holder: str,
        seconds: float,
    ) -> None:
        until = time.monotonic() + seconds
        self._claimed |= dict.fromkeys(passage_ids, (document_id, holder, until))

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
