"""The needs of the search over conversations."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from use_cases.conversations.search.model import (
    Changes,
    ConversationHead,
    FoundLanes,
    PassagePlace,
    PreparedConversation,
    SaidText,
    TextConditions,
)
from use_cases.kernel.model import Caller, Vector


class SearchableConversations(Protocol):
    """The searchable conversations of the store."""

    async def heads(
        self, caller: Caller, chat_ids: Collection[str] | None = None
    ) -> Sequence[ConversationHead]:
        """Returns the caller's conversations, or those of them that are named."""
        ...

    async def changes(self, since: str | None) -> Changes:
        """Returns the conversations of all users that have changed since the mark of an earlier call."""
        ...

    async def texts(self, chat_id: str) -> Sequence[SaidText]:
        """Returns all texts of a conversation, of every branch, oldest first; none where it is gone."""
        ...


class ConversationIndex(Protocol):
    """The collection of conversations: words, vectors, and the places of passages.

    Every write is one transaction. `user_id` None means everybody's.
    """

    async def stamps(self, chat_ids: Collection[str] | None = None) -> Mapping[str, str]:
        """Returns the stamps of the stored conversations, or of those of them that are named, by id."""
        ...

    async def mark(self) -> str | None:
        """Returns the mark of the last `note`; None before the first."""
        ...

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
        ...

    async def pending(self, user_id: str | None, most: int | None) -> Mapping[str, str]:
        """Returns at most so many conversations that wait, the last used first, with their marks."""
        ...

    async def count_pending(self, user_id: str | None) -> int:
        """Returns how many conversations wait to be indexed."""
        ...

    async def named(
        self, words: Sequence[str], address: str | None, user_id: str | None
    ) -> Sequence[str]:
        """Returns the conversations at an address, or whose title contains all the words.

        Words are in lower case (`str.casefold`); short ones beside longer ones may be left out.
        """
        ...

    async def save(self, conversation: PreparedConversation, mark: str | None = None) -> None:
        """Stores a conversation, or replaces it; it waits no longer. Passages with the text of before
        keep their vectors. With a mark only where it still waits with that mark.
        """
        ...

    async def remove(self, chat_ids: Collection[str]) -> None:
        """Removes conversations with their texts, words and vectors; nothing for unknown ones."""
        ...

    async def is_of(self, embedder: str, dimensions: int) -> bool:
        """Returns whether the vectors are this embedder's, or there are none yet."""
        ...

    async def begin_vectors(self, embedder: str, dimensions: int) -> None:
        """Prepares for the vectors of this embedder; another's are dropped."""
        ...

    async def count_without_vectors(self, user_id: str | None) -> int:
        """Returns how many passages have no vector."""
        ...

    async def without_vectors(self, limit: int) -> Mapping[int, str]:
        """Returns the texts of some passages that have no vector, by passage id."""
        ...

    async def add_vectors(self, vectors: Mapping[int, Vector]) -> None:
        """Stores vectors by passage id; nothing for passages that are gone.

        Raises `DimensionMismatch` when they are not of the length that `begin_vectors` said.
        """
        ...

    async def search(
        self, query: str, vector: Vector | None, conditions: TextConditions, *, limit: int
    ) -> FoundLanes:
        """Returns at most `limit` candidates of each lane: meaning, words, names, similar words."""
        ...

    async def places(self, passage_ids: Sequence[int]) -> Mapping[int, PassagePlace]:
        """Returns the places of these passages; ids that no longer exist are left out."""
        ...

    async def texts(self, passage_ids: Sequence[int]) -> Mapping[int, str]:
        """Returns the texts of these passages; ids that no longer exist are left out."""
        ...
