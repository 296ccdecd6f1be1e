"""The port `ConversationIndex`: a second collection, of the form of a knowledge database.

A conversation is one document of it, in the category of its owner; so words, vectors and their search
are those of `lanes`. Beside the tables of every collection it has

    candor_waiting  the passages that have no vector yet
    candor_placed   the place of each passage: conversation, message, branch, role, model, date
    candor_written  the words as they are written, not their stems, for those that nobody wrote
    candor_pending  the conversations that have changed since they were indexed
    candor_named    titles, by which a part of one is found
    candor_addresses  the addresses that lead to conversations elsewhere

Everything here can be made anew from the store.
"""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC
from hashlib import sha256
from typing import ClassVar, Generic, cast

from services.index import placed_passages, records
from services.index.conversation_terms import asked_text, indexed_text, similar_words
from services.index.relations import C, Database, Named, Relations, Value
from services.index.stems import WRITTEN, tokens
from services.index.stored_document import DocumentToStore
from services.index.stored_lanes import FEW, StoredLanes, identified
from services.index.terms import numbered_names, query_terms, search_terms
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

_MOST_UNKNOWN = 5
"""The unknown words of one query for which similar ones are looked up."""
_ALL = 1_000_000_000
_OWNED = "(CAST(:owner AS text) IS NULL OR category_key = :owner)"

_CHUNKER = "of the conversation"
"""The part of the identity that each conversation's stamp names itself."""


class StoredConversationIndex(ABC, Generic[C]):
    """The collection in one database."""

    PLACE_OF: ClassVar[str]
    """The function that finds a text in another: 0 where it is not there."""

    def __init__(
        self, database: Database[C], lanes: StoredLanes[C], documents: type[DocumentToStore[C]]
    ) -> None:
        self._database = database
        self._lanes = lanes
        self._documents = documents
        self._loading = threading.Lock()
        self._written: tuple[Value, Sequence[str]] | None = None

    async def stamps(self, chat_ids: Collection[str] | None = None) -> Mapping[str, str]:
        """Returns the stamps of the stored conversations, or of those of them that are named, by id."""
        named = "" if chat_ids is None else " WHERE uri IN :ids"
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"SELECT uri, content_hash FROM candor_documents{named}",  # noqa: S608  (constant text)
                {} if chat_ids is None else {"ids": [storable(one) for one in chat_ids]},
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

        def work(connection: C) -> None:
            self._complete(connection)
            if anew:
                connection.execute("DELETE FROM candor_pending")
            self._remove(connection, gone)
            connection.execute_many(
                "INSERT INTO candor_pending VALUES (:chat, :owner, :updated, :mark, :title, :addresses)"
                " ON CONFLICT (chat_id) DO UPDATE SET category_key = excluded.category_key,"
                " updated_at = excluded.updated_at, mark = excluded.mark, title = excluded.title,"
                " addresses = excluded.addresses",
                [
                    {
                        "chat": storable(one.chat_id),
                        "owner": _category(one.user_id),
                        "updated": one.updated_at.astimezone(UTC).isoformat(
                            timespec="microseconds"
                        ),
                        "mark": mark,
                        "title": storable(one.title.casefold()),
                        "addresses": json.dumps(list(one.addresses)),
                    }
                    for one in changed
                ],
            )
            connection.execute(
                "INSERT INTO candor_meta VALUES ('mark', :mark)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                {"mark": mark},
            )

        if changed or self._is_there():
            await self._database.write(work)

    async def pending(self, user_id: str | None, most: int | None) -> Mapping[str, str]:
        """Returns the conversations that wait to be indexed, the last used first, with their marks."""
        rows = await self._database.read(
            lambda connection: connection.rows(
                f"SELECT chat_id, mark FROM candor_pending WHERE {_OWNED}"  # noqa: S608  (constant text)
                " ORDER BY updated_at DESC LIMIT :most",
                {"owner": _category(user_id), "most": _ALL if most is None else most},
            )
        )
        return dict(cast("list[tuple[str, str]]", rows))

    async def count_pending(self, user_id: str | None) -> int:
        """Returns how many conversations wait to be indexed."""
        return await self._database.read(
            lambda connection: connection.number(
                f"SELECT count(*) FROM candor_pending WHERE {_OWNED}",  # noqa: S608  (constant text)
                {"owner": _category(user_id)},
            )
        )

    async def named(
        self, words: Sequence[str], address: str | None, user_id: str | None
    ) -> Sequence[str]:
        """Returns the conversations at an address, or whose title contains all the words."""
        owner = _category(user_id)
        return await self._database.read(
            lambda connection: self._named(connection, list(map(storable, words)), address, owner)
        )

    async def save(self, conversation: PreparedConversation, mark: str | None = None) -> None:
        """Stores a conversation, or replaces it; passages with the text of before keep their vectors.

        With a mark only where it still waits with that: what another process has indexed meanwhile is
        at least as new.
        """
        written = self._to_store(conversation)

        def work(connection: C) -> None:
            taken = connection.rows(
                "DELETE FROM candor_pending WHERE chat_id = :chat"
                " AND (CAST(:mark AS text) IS NULL OR mark = :mark) RETURNING 1",
                {"chat": storable(conversation.chat_id), "mark": mark},
            )
            if mark is not None and not taken:
                return
            stored = records.identity(connection)
            if stored is None:
                records.set_identity(connection, IndexIdentity("", 0, _CHUNKER))
            dimensions = stored.dimensions if stored else 0
            self._unplace(connection, _number(connection, conversation.chat_id))
            written.save(connection, dimensions)
            self._place(connection, conversation, written)

        await self._database.write(work)

    async def remove(self, chat_ids: Collection[str]) -> None:
        """Removes conversations; nothing for unknown ones."""
        if self._is_there():
            await self._database.write(lambda connection: self._remove(connection, chat_ids))

    async def is_of(self, embedder: str, dimensions: int) -> bool:
        """Returns whether the vectors are this embedder's, or there are none yet."""
        stored = await self._database.read(records.identity)
        given = (embedder, dimensions)
        return stored is None or (stored.embedder, stored.dimensions) in (("", 0), given)

    async def begin_vectors(self, embedder: str, dimensions: int) -> None:
        """Prepares for the vectors of this embedder; another's are dropped."""
        given = IndexIdentity(embedder, dimensions, _CHUNKER)

        def work(connection: C) -> None:
            self._replace_vectors(connection, dimensions)
            records.set_identity(connection, given)
            connection.execute(
                "INSERT INTO candor_waiting SELECT p.passage_id, d.category_key FROM candor_passages p"
                " JOIN candor_documents d ON d.number = p.document WHERE true ON CONFLICT DO NOTHING"
            )

        if await self._database.read(records.identity) != given:
            await self._database.write(work)

    async def count_without_vectors(self, user_id: str | None) -> int:
        """Returns how many passages have no vector."""
        return await self._database.read(
            lambda connection: connection.number(
                f"SELECT count(*) FROM candor_waiting WHERE {_OWNED}",  # noqa: S608  (constant text)
                {"owner": _category(user_id)},
            )
        )

    async def without_vectors(self, limit: int) -> Mapping[int, str]:
        """Returns the texts of some passages that have no vector, the newest first."""

        def work(connection: C) -> Mapping[int, str]:
            rows = connection.rows(
                "SELECT passage_id FROM candor_waiting ORDER BY passage_id DESC LIMIT :limit",
                {"limit": limit},
            )
            return self._documents.texts(
                connection, [row[0] for row in cast("list[tuple[int]]", rows)]
            )

        return await self._database.read(work)

    async def add_vectors(self, vectors: Mapping[int, Vector]) -> None:
        """Stores vectors by passage id; nothing for passages that are gone, or have one."""

        def work(connection: C) -> None:
            stored = records.identity(connection)
            dimensions = stored.dimensions if stored else 0
            given = {one: PassageVectors(vector) for one, vector in vectors.items()}
            self._documents.add_vectors(connection, given, dimensions)
            connection.execute(
                "DELETE FROM candor_waiting WHERE passage_id IN :ids", {"ids": list(vectors)}
            )

        await self._database.write(work)

    async def search(
        self, query: str, vector: Vector | None, conditions: TextConditions, *, limit: int
    ) -> FoundLanes:
        """Returns at most `limit` candidates of each lane."""
        owner, among = _category(conditions.user_id), placed_passages.among(conditions)
        lanes = self._lanes

        def work(connection: C) -> FoundLanes:
            # Where all is one owner's, the category would only be compared with every passage.
            category = owner if owner is not None and _has_others(connection, owner) else None

            def match(terms: Sequence[str], most: int = limit) -> Sequence[Candidate]:
                return lanes.best_matches(connection, terms, most, category, among) if terms else []

            near: Sequence[Candidate] = ()
            if vector is not None:
                near = lanes.find_nearest(connection, vector, limit, category, among)
            similar = self._similar(connection, query, owner)
            found = (
                match(search_terms(asked_text(query))),
                identified(match(numbered_names(query), FEW + 1), limit),
                match(search_terms(" ".join(similar))),
            )
            return FoundLanes(near, found, similar)

        return await self._database.read(work)

    async def places(self, passage_ids: Sequence[int]) -> Mapping[int, PassagePlace]:
        """Returns the places of these passages; ids that no longer exist are left out."""
        return await self._database.read(
            lambda connection: placed_passages.read_places(connection, passage_ids)
        )

    async def texts(self, passage_ids: Sequence[int]) -> Mapping[int, str]:
        """Returns the texts of these passages; ids that no longer exist are left out."""
        return await self._database.read(
            lambda connection: self._documents.texts(connection, passage_ids)
        )

    def _similar(self, connection: C, query: str, category: str | None) -> Sequence[str]:
        """Returns words of this owner that resemble those of the query which they never wrote."""
        unknown = [
            term for term in query_terms(query) if not self._is_written(connection, term, category)
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
                if self._is_written(connection, one, category)
            ][:_MOST_UNKNOWN]
        ]
        return list(dict.fromkeys(found))

    def _words(self, connection: C) -> Sequence[str]:
        with self._loading:
            generation = connection.value("SELECT value FROM candor_meta WHERE key = 'generation'")
            if self._written is None or self._written[0] != generation:
                rows = connection.rows("SELECT term FROM candor_written")
                self._written = generation, [str(term) for (term,) in rows]
            return self._written[1]

    def _to_store(self, conversation: PreparedConversation) -> DocumentToStore[C]:
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
            text=conversation.text,
            passages=[PassageDraft(place, span, span, "") for place, span in enumerate(spans)],
            vectors=[],
        )
        return self._documents(document, indexed_text)

    def _place(
        self, connection: C, conversation: PreparedConversation, written: DocumentToStore[C]
    ) -> None:
        """Stores what this collection has beside the tables of every one."""
        number, title = written.number, storable(conversation.title.casefold())
        connection.execute(
            "INSERT INTO candor_named VALUES (:number, :title)", {"number": number, "title": title}
        )
        connection.execute_many(
            "INSERT INTO candor_addresses VALUES (:address, :number)",
            [
                {"address": storable(address), "number": number}
                for address in conversation.addresses
            ],
        )
        # Only the conversation as it is now: its history is in the store.
        connection.execute(
            "DELETE FROM candor_versions WHERE document = :number AND version_id <>"
            " (SELECT version_id FROM candor_documents WHERE number = :number)",
            {"number": number},
        )
        placed_passages.write_places(
            connection, written.ids, [one.place for one in conversation.passages]
        )
        connection.execute_many(
            "INSERT INTO candor_waiting VALUES (:id, :owner)",
            [
                {"id": passage_id, "owner": written.document.category}
                for passage_id, vector in zip(written.ids, written.vectors, strict=True)
                if vector is None
            ],
        )
        texts = {
            passage_id: storable(one.span.cut(conversation.text))
            for passage_id, one in zip(written.ids, conversation.passages, strict=True)
        }
        self._add_words(connection, number, title, texts)

    def _unplace(self, connection: C, number: int | None) -> None:
        """Deletes what this collection has beside the tables of every one; places cascade."""
        self._complete(connection)
        if number is None:
            return
        self._remove_words(connection, number)
        for table in ("candor_named", "candor_addresses"):
            connection.execute(
                f"DELETE FROM {table} WHERE document = :number",  # noqa: S608  (names from this line)
                {"number": number},
            )
        # So that it is replaced, whatever its stamp.
        connection.execute(
            "UPDATE candor_documents SET content_hash = '' WHERE number = :number",
            {"number": number},
        )

    def _remove(self, connection: C, chat_ids: Collection[str]) -> None:
        for name in chat_ids:
            number = _number(connection, name)
            if number is not None:
                self._unplace(connection, number)
                self._documents.remove(connection, number)
        self._complete(connection)
        connection.execute(
            "DELETE FROM candor_pending WHERE chat_id IN :chats",
            {"chats": [storable(name) for name in chat_ids]},
        )

    def _named(
        self, connection: C, words: Sequence[str], address: str | None, owner: str | None
    ) -> Sequence[str]:
        """Returns the indexed ones, by an index, and those that still wait, one by one."""
        values: dict[str, Value] = {f"word{place}": word for place, word in enumerate(words)}
        has_words = " AND ".join(f"{self.PLACE_OF}(title, :{name}) > 0" for name in values)
        found, more = self._titled(words, has_words or "1 = 0")
        waits = has_words or "1 = 0"
        if address is not None:
            found, more = "SELECT document FROM candor_addresses WHERE address = :address", {}
            waits = f"{self.PLACE_OF}(addresses, :written) > 0"
            values = {"address": address, "written": json.dumps(address)}
        rows = connection.rows(
            f"SELECT uri FROM candor_documents WHERE number IN ({found}) AND {_OWNED}"  # noqa: S608  (constant text)
            f" UNION SELECT chat_id FROM candor_pending WHERE {waits} AND {_OWNED}",
            {**values, **more, "owner": owner},
        )
        return [str(uri) for (uri,) in rows]

    def _titled(self, words: Sequence[str], has_words: str) -> tuple[str, Named]:
        """Returns the query for the documents whose title has the words, and its further values."""
        return f"SELECT document FROM candor_named WHERE {has_words}", {}  # noqa: S608  (constant text)

    @abstractmethod
    def _is_there(self) -> bool:
        """Returns whether anything was ever stored: then a removal has something to do."""

    def _complete(self, connection: C) -> None:
        """Makes the tables that an older Candor had not."""

    @abstractmethod
    def _replace_vectors(self, connection: C, dimensions: int) -> None:
        """Drops all vectors, and makes room for others of this length."""

    @abstractmethod
    def _add_words(self, connection: C, number: int, title: str, texts: Mapping[int, str]) -> None:
        """Adds the words of a conversation as they are written, and of its title; texts by passage id."""

    @abstractmethod
    def _remove_words(self, connection: C, number: int) -> None:
        """Removes what `_add_words` added, before the passages go."""

    @abstractmethod
    def _is_written(self, connection: C, term: str, category: str | None) -> bool:
        """Returns whether a passage of this owner has the term."""


def _category(user_id: str | None) -> str | None:
    """Returns the category of an owner's conversations: no two owners share one, whatever their case."""
    return None if user_id is None else sha256(user_id.encode()).hexdigest()


def _has_others(connection: Relations, category: str) -> bool:
    """Returns whether there are conversations of another owner."""
    found = connection.value(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM candor_documents WHERE category_key < :owner)"
        " OR EXISTS (SELECT 1 FROM candor_documents WHERE category_key > :owner)",
        {"owner": category},
    )
    return found is not None


def _number(connection: Relations, chat_id: str) -> int | None:
    number = connection.value(
        "SELECT number FROM candor_documents WHERE uri = :uri", {"uri": storable(chat_id)}
    )
    return number if isinstance(number, int) else None
