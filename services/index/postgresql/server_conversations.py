"""The index of conversations in PostgreSQL, in a schema of its own beside the knowledge.

`candor_written` counts the passages that have a word as it is written.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from services.index.conversation_index import StoredConversationIndex
from services.index.postgresql.knowledge_server import KnowledgeServer, ServerConnection
from services.index.postgresql.postings import count_terms
from services.index.postgresql.server_documents import ServerDocument
from services.index.postgresql.server_lanes import ServerLanes
from services.index.postgresql.server_library import replace_vectors
from services.index.stems import WRITTEN, tokens

_SCHEMA = "candor_conversations"
_CONNECTIONS = 4
_TABLES = """
CREATE TABLE candor_placed (
    passage_id bigint PRIMARY KEY REFERENCES candor_passages ON DELETE CASCADE,
    text_id text NOT NULL,
    content_type text NOT NULL,
    role text NOT NULL,
    model text NOT NULL,
    branch text NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    place integer NOT NULL
);
CREATE TABLE candor_waiting (
    passage_id bigint PRIMARY KEY REFERENCES candor_passages ON DELETE CASCADE,
    category_key text COLLATE "C" NOT NULL
);
CREATE TABLE candor_written (term text COLLATE "C" PRIMARY KEY, passages bigint NOT NULL);
CREATE TABLE candor_pending (
    chat_id text COLLATE "C" PRIMARY KEY,
    category_key text COLLATE "C" NOT NULL,
    updated_at text COLLATE "C" NOT NULL,
    mark text NOT NULL,
    title text NOT NULL,
    addresses text NOT NULL
);
CREATE TABLE candor_named (
    document bigint PRIMARY KEY REFERENCES candor_documents ON DELETE CASCADE, title text NOT NULL
);
CREATE TABLE candor_addresses (
    address text COLLATE "C" NOT NULL,
    document bigint NOT NULL REFERENCES candor_documents ON DELETE CASCADE
);
CREATE INDEX candor_addresses_by_address ON candor_addresses (address);
CREATE INDEX candor_addresses_by_document ON candor_addresses (document);
CREATE INDEX candor_documents_by_category ON candor_documents (category_key);
"""


class ServerConversationIndex(StoredConversationIndex[ServerConnection]):
    """The collection in the database at `url`."""

    PLACE_OF = "strpos"

    def __init__(self, url: str, *, busy_timeout: float = 30.0) -> None:
        self._server = KnowledgeServer(
            url,
            busy_timeout=busy_timeout,
            schema_name=_SCHEMA,
            own_tables=_TABLES,
            most_connections=_CONNECTIONS,
        )
        super().__init__(self._server, ServerLanes(self._server), ServerDocument)

    async def close(self) -> None:
        """Closes all connections."""
        await self._server.close()

    def _is_there(self) -> bool:
        return True

    def _replace_vectors(self, connection: ServerConnection, dimensions: int) -> None:
        replace_vectors(connection, dimensions)

    def _add_words(
        self, connection: ServerConnection, number: int, title: str, texts: Mapping[int, str]
    ) -> None:
        _count(connection, texts.values(), 1)

    def _remove_words(self, connection: ServerConnection, number: int) -> None:
        spans = connection.rows(
            "SELECT start, stop FROM candor_passages WHERE document = :number", {"number": number}
        )
        text = ServerDocument.text_of(connection, number)
        _count(
            connection,
            [text[start:stop] for start, stop in cast("list[tuple[int, int]]", spans)],
            -1,
        )

    def _is_written(self, connection: ServerConnection, term: str, category: str | None) -> bool:
        return bool(self._lanes.best_matches(connection, [term], 1, category, None))


def _count(connection: ServerConnection, texts: Iterable[str], sign: int) -> None:
    words = (set(tokens(text, WRITTEN)) for text in texts)
    count_terms(connection, "candor_written", words, sign)
