"""The port `ConversationIndex`: a second collection, in a file of its own, of the knowledge database's form.

A conversation is one document of it, in the category of its owner; so words, vectors and their search
are those of `lanes`. Beside the tables of every collection it has

    candor_waiting  the passages that have no vector yet
    candor_placed   the place of each passage: conversation, message, branch, role, model, date
    candor_words    the words as they are written, not their stems, for those that nobody wrote
    candor_pending  the conversations that have changed since they were indexed
    candor_named    titles, by which a part of one is found, with `candor_titles`, their trigrams
    candor_addresses  the addresses that lead to conversations elsewhere

Everything here can be made anew from the store. The last four are made where they are missing, as in a file
of an older Candor.
"""

import json
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import cast

from services.index import placed_passages, records
from services.index.conversation_terms import asked_text, indexed_text, similar_words
from services.index.relations import Value
from services.index.sqlite.connection import Connection
from services.index.sqlite.database import KnowledgeDatabase, generation_of, replace_vectors
from services.index.sqlite.file_documents import FileDocument
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.stored_passages import read_texts
from services.index.stems import WRITTEN, tokens
from services.index.terms import category_token, query_terms, quoted
from use_cases.conversations.search.model import (
    ConversationHead,
    FoundLanes,
    PassagePlace,
    PreparedConversation,
    TextConditions,
)
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import Authority, DateOrigin, PassageVectors, Vector
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.model import IndexIdentity, PassageDraft, PreparedDocument

_TABLES = f"""{placed_passages.TABLE}
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
_EVERY_PASSAGE = (
    "SELECT p.passage_id, d.category_key FROM candor_passages p"
    " JOIN candor_documents d ON d.number = p.document"
)
_MOST_UNKNOWN = 5
"""The unknown words of one query for which similar ones are looked up."""

_CHUNKER = "of the conversation"
"""The part of the identity that each conversation's stamp names itself."""


class SqliteConversationIndex:
    """The collection in the file `path`; `in_memory` keeps what a running server needs often."""

    def __init__(self, path: Path, *, in_memory: bool) -> None:
        self._database = KnowledgeDatabase(path, _TABLES + _LATER_TABLES)
        self._lanes = SqliteLanes(self._database, in_memory=in_memory)
        self._loading = threading.Lock()
        self._written: tuple[int, Sequence[str]] | None = None

    async def close(self) -> None:
        """Closes the file."""
        await self._database.close()

    async def stamps(self, user_id: str | None) -> Mapping[str, str]:
        """Returns the stamps of the stored conversations, by id."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT uri, content_hash FROM candor_documents"
                " WHERE ?1 IS NULL OR category_key = ?1",
                (_category(user_id),),
            )
        )
        return dict(cast("list[tuple[str, str]]", rows))

    async def mark(self) -> str | None:
        """Returns the mark of the last `note`; None before the first."""
        found = await self._database.read(
            lambda connection: connection.value("SELECT value FROM candor_meta WHERE key = 'mark'")
        )
        return found if isinstance(found, str) else None

    async def note(
        self,
        mark: str,
        changed: Sequence[ConversationHead],
        gone: Collection[str],
        *,
        anew: bool = False,
    ) -> None:
        """Keeps the mark; conversations that have changed wait to be indexed, others are removed.

        `anew`: what has waited until now waits no longer, unless it is among the changed.
        """

        def work(connection: Connection) -> None:
            connection.execute(_LATER_TABLES)
            if anew:
                connection.execute("DELETE FROM candor_pending")
            _remove(connection, gone)
            connection.execute_many(
                "INSERT OR REPLACE INTO candor_pending VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        storable(one.chat_id),
                        _category(one.user_id),
                        one.updated_at.astimezone(UTC).isoformat(timespec="microseconds"),
                        mark,
                        storable(one.title.casefold()),
                        json.dumps(list(one.addresses)),
                    )
                    for one in changed
                ],
            )
            connection.execute("INSERT OR REPLACE INTO candor_meta VALUES ('mark', ?)", (mark,))

        if changed or self._database.path.exists():
            await self._database.write(work)

    async def pending(self, user_id: str | None, most: int | None) -> Mapping[str, str]:
        """Returns the conversations that wait to be indexed, the last used first, with their marks."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                "SELECT chat_id, mark FROM candor_pending WHERE ?1 IS NULL OR category_key = ?1"
                " ORDER BY updated_at DESC LIMIT ?2",
                (_category(user_id), -1 if most is None else most),
            )
        )
        return dict(cast("list[tuple[str, str]]", rows))

    async def count_pending(self, user_id: str | None) -> int:
        """Returns how many conversations wait to be indexed."""
        return await self._database.read(
            lambda connection: connection.number(
                "SELECT count(*) FROM candor_pending WHERE ?1 IS NULL OR category_key = ?1",
                (_category(user_id),),
            )
        )

    async def named(
        self, words: Sequence[str], address: str | None, user_id: str | None
    ) -> Sequence[str]:
        """Returns the conversations at an address, or whose title contains all the words."""
        owner = _category(user_id)
        return await self._database.read(
            lambda connection: _named(connection, list(map(storable, words)), address, owner)
        )

    async def save(self, conversation: PreparedConversation, mark: str | None = None) -> None:
        """Stores a conversation, or replaces it; passages with the text of before keep their vectors.

        With a mark only where it still waits with that: what another process has indexed meanwhile is
        at least as new.
        """

        def work(connection: Connection) -> None:
            taken = connection.rows(
                "DELETE FROM candor_pending WHERE chat_id = ?1 AND (?2 IS NULL OR mark = ?2) RETURNING 1",
                (storable(conversation.chat_id), mark),
            )
            if mark is not None and not taken:
                return
            stored = records.identity(connection)
            if stored is None:
                records.set_identity(connection, IndexIdentity("", 0, _CHUNKER))
            dimensions = stored.dimensions if stored else 0
            number = _number(connection, conversation.chat_id)
            _unplace(connection, number)
            _save(connection, conversation, dimensions)

        await self._database.write(work)

    async def remove(self, chat_ids: Collection[str]) -> None:
        """Removes conversations; nothing for unknown ones."""
        if self._database.path.exists():
            await self._database.write(lambda connection: _remove(connection, chat_ids))

    async def is_of(self, embedder: str, dimensions: int) -> bool:
        """Returns whether the vectors are this embedder's, or there are none yet."""
        stored = await self._database.read(records.identity)
        given = (embedder, dimensions)
        return stored is None or (stored.embedder, stored.dimensions) in (("", 0), given)

    async def begin_vectors(self, embedder: str, dimensions: int) -> None:
        """Prepares for the vectors of this embedder; another's are dropped."""
        given = IndexIdentity(embedder, dimensions, _CHUNKER)

        def work(connection: Connection) -> None:
            replace_vectors(connection, dimensions)
            records.set_identity(connection, given)
            connection.execute(f"INSERT OR IGNORE INTO candor_waiting {_EVERY_PASSAGE}")

        if await self._database.read(records.identity) != given:
            await self._database.write(work)

    async def count_without_vectors(self, user_id: str | None) -> int:
        """Returns how many passages have no vector."""
        return await self._database.read(
            lambda connection: connection.number(
                "SELECT count(*) FROM candor_waiting WHERE ?1 IS NULL OR category_key = ?1",
                (_category(user_id),),
            )
        )

    async def without_vectors(self, limit: int) -> Mapping[int, str]:
        """Returns the texts of some passages that have no vector, the newest first."""

        def work(connection: Connection) -> Mapping[int, str]:
            rows = connection.rows(
                "SELECT passage_id FROM candor_waiting ORDER BY passage_id DESC LIMIT ?", (limit,)
            )
            return read_texts(connection, [row[0] for row in rows])

        return await self._database.read(work)

    async def add_vectors(self, vectors: Mapping[int, Vector]) -> None:
        """Stores vectors by passage id; nothing for passages that are gone, or have one."""

        def work(connection: Connection) -> None:
            stored = records.identity(connection)
            dimensions = stored.dimensions if stored else 0
            given = {one: PassageVectors(vector) for one, vector in vectors.items()}
            FileDocument.add_vectors(connection, given, dimensions)
            connection.execute(
                "DELETE FROM candor_waiting WHERE passage_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(vectors)),),
            )

        await self._database.write(work)

    async def search(
        self, query: str, vector: Vector | None, conditions: TextConditions, *, limit: int
    ) -> FoundLanes:
        """Returns at most `limit` candidates of each lane."""
        owner, among = _category(conditions.user_id), placed_passages.among(conditions)
        # Where all is one owner's, the category would only be compared with every passage.
        category = owner if owner is not None and await self._has_others(owner) else None
        near: Sequence[Candidate] = ()
        if vector is not None:
            near = await self._lanes.nearest(vector, limit=limit, category=category, among=among)
        asked = asked_text(query)
        matching = await self._lanes.matching(asked, limit=limit, category=category, among=among)
        naming = await self._lanes.naming(query, limit=limit, category=category, among=among)
        similar = await self._database.read(
            lambda connection: self._similar(connection, query, owner)
        )
        resembling = await self._lanes.matching(
            " ".join(similar), limit=limit, category=category, among=among
        )
        return FoundLanes(near, (matching, naming, resembling), similar)

    async def places(self, passage_ids: Sequence[int]) -> Mapping[int, PassagePlace]:
        """Returns the places of these passages; ids that no longer exist are left out."""
        return await self._database.read(
            lambda connection: placed_passages.read_places(connection, passage_ids)
        )

    async def texts(self, passage_ids: Sequence[int]) -> Mapping[int, str]:
        """Returns the texts of these passages; ids that no longer exist are left out."""
        wanted: list[Value] = list(passage_ids)
        return await self._database.read(lambda connection: read_texts(connection, wanted))

    async def _has_others(self, category: str) -> bool:
        """Returns whether there are conversations of another owner."""
        found = await self._database.read(
            lambda connection: connection.value(
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM candor_documents WHERE category_key < ?1)"
                " OR EXISTS (SELECT 1 FROM candor_documents WHERE category_key > ?1)",
                (category,),
            )
        )
        return found is not None

    def _similar(self, connection: Connection, query: str, category: str | None) -> Sequence[str]:
        """Returns words of this owner that resemble those of the query which they never wrote."""
        unknown = [
            term for term in query_terms(query) if not _is_written(connection, term, category)
        ][:_MOST_UNKNOWN]
        if not unknown:
            return []
        written = self._words(connection)
        found = [
            word
            for term in unknown
            for token in tokens(term, WRITTEN)
            for word in [
                one
                for one in similar_words(token, written)
                if _is_written(connection, one, category)
            ][:_MOST_UNKNOWN]
        ]
        return list(dict.fromkeys(found))

    def _words(self, connection: Connection) -> Sequence[str]:
        with self._loading:
            generation = generation_of(connection)
            if self._written is None or self._written[0] != generation:
                rows = connection.rows("SELECT term FROM candor_written")
                self._written = generation, [str(term) for (term,) in rows]
            return self._written[1]


def _category(user_id: str | None) -> str | None:
    """Returns the category of an owner's conversations: no two owners share one, whatever their case."""
    return None if user_id is None else sha256(user_id.encode()).hexdigest()


def _number(connection: Connection, chat_id: str) -> int | None:
    number = connection.value(
        "SELECT number FROM candor_documents WHERE uri = ?", (storable(chat_id),)
    )
    return number if isinstance(number, int) else None


def _save(
    connection: Connection,
    conversation: PreparedConversation,
    dimensions: int,
) -> None:
    text = conversation.text
    spans = [one.span for one in conversation.passages]
    document = PreparedDocument(
        uri=conversation.chat_id,
        name=conversation.chat_id,
        root="",
        title="",  # a passage of its own, or it would find every message
        category=_category(conversation.user_id) or "",
        updated=conversation.updated_at.date(),
        date_origin=DateOrigin.STATED,
        authority=Authority.NORMAL,
        superseded_by=None,
        media_type="text/markdown",
        content_hash=conversation.stamp,
        text=text,
        passages=[PassageDraft(place, span, span, "") for place, span in enumerate(spans)],
        vectors=[],
    )
    written = FileDocument(document, indexed_text)
    written.save(connection, dimensions)
    number = _number(connection, conversation.chat_id)
    title = storable(conversation.title.casefold())
    connection.execute("INSERT INTO candor_named VALUES (?, ?)", (number, title))
    connection.execute("INSERT INTO candor_titles (rowid, title) VALUES (?, ?)", (number, title))
    connection.execute_many(
        "INSERT INTO candor_addresses VALUES (?, ?)",
        [(storable(address), number) for address in conversation.addresses],
    )
    # Only the conversation as it is now: its history is in the store.
    connection.execute(
        "DELETE FROM candor_versions WHERE document = ?1 AND version_id <>"
        " (SELECT version_id FROM candor_documents WHERE number = ?1)",
        (number,),
    )
    ids = connection.rows(
        "SELECT passage_id FROM candor_passages WHERE document = ? ORDER BY ordinal", (number,)
    )
    places = [one.place for one in conversation.passages]
    placed_passages.write_places(connection, [row[0] for row in ids], places)
    connection.execute_many(
        "INSERT INTO candor_waiting VALUES (?, ?)",
        [
            (passage_id, document.category)
            for (passage_id,), vector in zip(ids, written.vectors, strict=True)
            if vector is None
        ],
    )
    connection.execute_many(
        "INSERT INTO candor_words (rowid, body) VALUES (?, ?)",
        [
            (passage_id, storable(span.cut(text)))
            for (passage_id,), span in zip(ids, spans, strict=True)
        ],
    )


def _unplace(connection: Connection, number: int | None) -> None:
    """Deletes what this collection has beside the tables of every one; places cascade."""
    connection.execute(_LATER_TABLES)
    connection.execute("DELETE FROM candor_titles WHERE rowid = ?", (number,))
    for table in ("candor_named", "candor_addresses"):
        connection.execute(f"DELETE FROM {table} WHERE document = ?", (number,))  # noqa: S608  (names from this line)
    connection.execute(
        "DELETE FROM candor_words WHERE rowid IN"
        " (SELECT passage_id FROM candor_passages WHERE document = ?)",
        (number,),
    )
    # So that it is replaced, whatever its stamp.
    connection.execute("UPDATE candor_documents SET content_hash = '' WHERE number = ?", (number,))


def _remove(connection: Connection, chat_ids: Collection[str]) -> None:
    for name in chat_ids:
        number = _number(connection, name)
        if number is not None:
            _unplace(connection, number)
            FileDocument.remove(connection, number)
    connection.execute(_LATER_TABLES)
    connection.execute_many(
        "DELETE FROM candor_pending WHERE chat_id = ?", [(storable(name),) for name in chat_ids]
    )


def _named(
    connection: Connection, words: Sequence[str], address: str | None, owner: str | None
) -> Sequence[str]:
    """Returns the indexed ones, by an index, and those that still wait, one by one."""
    values: dict[str, Value] = {f"word{place}": word for place, word in enumerate(words)}
    has_words = " AND ".join(f"instr(title, :{name})" for name in values) or "0"
    waits = has_words
    # Words of two letters have no trigram; beside longer ones the caller looks for them.
    long = [quoted(word) for word in words if len(word) >= _TRIGRAM]
    found = "SELECT rowid FROM candor_titles WHERE candor_titles MATCH :titles"
    if address is not None:
        found = "SELECT document FROM candor_addresses WHERE address = :address"
        waits = ":address IN (SELECT value FROM json_each(addresses))"
    elif not long:
        found = f"SELECT document FROM candor_named WHERE {has_words}"  # noqa: S608  (constant text)
    owned = "(:owner IS NULL OR category_key = :owner)"
    rows = connection.rows(
        f"SELECT uri FROM candor_documents WHERE number IN ({found}) AND {owned}"  # noqa: S608  (constant text)
        f" UNION SELECT chat_id FROM candor_pending WHERE {waits} AND {owned}",
        {**values, "owner": owner, "titles": " AND ".join(long), "address": address},
    )
    return [str(uri) for (uri,) in rows]


def _is_written(connection: Connection, term: str, category: str | None) -> bool:
    mine = "" if category is None else f' AND category : "{category_token(category)}"'
    found = connection.value(
        "SELECT 1 FROM candor_fts WHERE candor_fts MATCH ? LIMIT 1",
        (f"{{title body}} : {quoted(term)}{mine}",),
    )
    return found is not None
