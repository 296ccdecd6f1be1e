"""The index of conversations in a file of its own.

`candor_words` and `candor_titles` are full texts of FTS5: words as they are written, and the trigrams of titles.
What later versions added is made where it is missing, as in a file of an older Candor.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from services.index.conversation_index import StoredConversationIndex
from services.index.relations import Named
from services.index.sqlite.connection import Connection
from services.index.sqlite.database import KnowledgeDatabase, replace_vectors
from services.index.sqlite.file_documents import FileDocument
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.stems import WRITTEN
from services.index.terms import category_token, quoted

_PLACED = """
CREATE TABLE candor_placed (
    passage_id INTEGER PRIMARY KEY REFERENCES candor_passages ON DELETE CASCADE,
    text_id TEXT NOT NULL,
    content_type TEXT NOT NULL,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    branch TEXT NOT NULL,
    created_at TEXT NOT NULL,
    place INTEGER NOT NULL
);
"""
_TABLES = f"""{_PLACED}
CREATE TABLE candor_waiting (
    passage_id INTEGER PRIMARY KEY REFERENCES candor_passages ON DELETE CASCADE,
    category_key TEXT NOT NULL
);
CREATE VIRTUAL TABLE candor_words USING fts5(
    body, content='', contentless_delete=1, detail=none, tokenize='{" ".join(WRITTEN)}'
);
CREATE VIRTUAL TABLE candor_written USING fts5vocab(candor_words, row);
"""
_LATER_TABLES = """
CREATE TABLE IF NOT EXISTS candor_pending (
    chat_id TEXT PRIMARY KEY,
    category_key TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    mark TEXT NOT NULL,
    title TEXT NOT NULL,
    addresses TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS candor_named (
    document INTEGER PRIMARY KEY REFERENCES candor_documents (number) ON DELETE CASCADE, title TEXT NOT NULL
);
CREATE VIRTUAL TABLE IF NOT EXISTS candor_titles USING fts5(
    title, content='', contentless_delete=1, tokenize='trigram'
);
CREATE TABLE IF NOT EXISTS candor_addresses (
    address TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES candor_documents (number) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS candor_addresses_by_address ON candor_addresses (address);
CREATE INDEX IF NOT EXISTS candor_addresses_by_document ON candor_addresses (document);
CREATE INDEX IF NOT EXISTS candor_documents_by_category ON candor_documents (category_key);
"""
_TRIGRAM = 3


class SqliteConversationIndex(StoredConversationIndex[Connection]):
    """The collection in the file `path`; `in_memory` keeps what a running server needs often."""

    PLACE_OF = "instr"

    def __init__(self, path: Path, *, in_memory: bool) -> None:
        self._file = KnowledgeDatabase(path, _TABLES + _LATER_TABLES)
        super().__init__(self._file, SqliteLanes(self._file, in_memory=in_memory), FileDocument)

    async def close(self) -> None:
        """Closes the file."""
        await self._file.close()

    def _is_there(self) -> bool:
        return self._file.path.exists()

    def _complete(self, connection: Connection) -> None:
        connection.execute(_LATER_TABLES)

    def _replace_vectors(self, connection: Connection, dimensions: int) -> None:
        replace_vectors(connection, dimensions)

    def _add_words(
        self, connection: Connection, number: int, title: str, texts: Mapping[int, str]
    ) -> None:
        connection.execute(
            "INSERT INTO candor_titles (rowid, title) VALUES (?, ?)", (number, title)
        )
        connection.execute_many(
            "INSERT INTO candor_words (rowid, body) VALUES (?, ?)", list(texts.items())
        )

    def _remove_words(self, connection: Connection, number: int) -> None:
        connection.execute("DELETE FROM candor_titles WHERE rowid = ?", (number,))
        connection.execute(
            "DELETE FROM candor_words WHERE rowid IN"
            " (SELECT passage_id FROM candor_passages WHERE document = ?)",
            (number,),
        )

    def _titled(self, words: Sequence[str], has_words: str) -> tuple[str, Named]:
        # Words of two letters have no trigram; beside longer ones the caller looks for them.
        long = [quoted(word) for word in words if len(word) >= _TRIGRAM]
        if not long:
            return super()._titled(words, has_words)
        found = "SELECT rowid FROM candor_titles WHERE candor_titles MATCH :titles"
        return found, {"titles": " AND ".join(long)}

    def _is_written(self, connection: Connection, term: str, category: str | None) -> bool:
        mine = "" if category is None else f' AND category : "{category_token(category)}"'
        found = connection.value(
            "SELECT 1 FROM candor_fts WHERE candor_fts MATCH ? LIMIT 1",
            (f"{{title body}} : {quoted(term)}{mine}",),
        )
        return found is not None
