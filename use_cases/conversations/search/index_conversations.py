"""The index of conversations, kept in step with the store: first the words, then the vectors.

No writer announces a change: before a search, the stamps of the stored conversations are
compared with those of the index, and what differs is indexed, what is gone is removed. So a process
that was killed between the two databases leaves nothing behind for long, and whatever writes to the
store need not know that there is a search.

Promises: a conversation that is gone from the store is gone from the index after the next update; work
that is stopped goes on where it stopped.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from loguru import logger

from use_cases.conversations.search.model import ConversationHead, IndexState
from use_cases.conversations.search.ports import ConversationIndex, SearchableConversations
from use_cases.conversations.search.prepare_conversation import prepare_conversation, stamp_of
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import LOCAL, Caller
from use_cases.kernel.ports import Embedder

EMBEDDED_AT_ONCE: Final = 64
"""The passages in one call of the embedder and one transaction."""


class IndexConversations:
    """Brings the index up to date."""

    def __init__(
        self,
        *,
        searchable: SearchableConversations,
        conversation_index: ConversationIndex,
        embedder: Embedder | None,
    ) -> None:
        self._searchable = searchable
        self._index = conversation_index
        self._embedder = embedder

    async def update(
        self, caller: Caller, most: int | None = None
    ) -> tuple[Sequence[ConversationHead], int]:
        """Index the words of the caller's changed conversations, the last used first, at most `most`.

        Returns all of the caller's conversations, and how many of them are not up to date yet.
        """
        # In this order: a conversation that is stored meanwhile is not taken for a removed one.
        stamps = await self._index.stamps(None if caller.owns_all else caller.user_id)
        heads = await self._searchable.heads(caller)
        gone = stamps.keys() - {head.chat_id for head in heads}
        if gone:
            await self._index.remove(gone)
        changed = [head for head in heads if stamps.get(head.chat_id) != stamp_of(head)]
        changed.sort(key=lambda head: head.updated_at, reverse=True)
        now = changed if most is None else changed[:most]
        for head in now:
            said = await self._searchable.texts(head.chat_id)
            await self._index.save(prepare_conversation(head, said))
        return heads, len(changed) - len(now)

    async def forget(self, chat_id: str) -> None:
        """Remove what was made of a conversation that was removed. Port `ConversationTraces`."""
        try:
            await self._index.remove([chat_id])
        except CandorError as error:
            logger.warning("still indexed: {}: {} {}", chat_id, error.code, error.detail)

    async def complete(self) -> AsyncGenerator[IndexState]:
        """Index everybody's words, then add all vectors; yields what is left to do after each step.

        Without an embedder it ends after the words. Raises the embedder's errors.
        """
        behind = 1
        while behind:
            _, behind = await self.update(LOCAL, EMBEDDED_AT_ONCE)
            yield IndexState(behind, await self._index.count_without_vectors(None))
        if self._embedder is None:
            return
        embedder, waiting = self._embedder, await self._index.count_without_vectors(None)
        if not waiting and await self._index.is_of(embedder.id, embedder.dimensions):
            return
        await self._index.begin_vectors(embedder.id, embedder.dimensions)
        while await self._embed(embedder):
            yield IndexState(0, await self._index.count_without_vectors(None))

    async def _embed(self, embedder: Embedder) -> int:
        """Add the vectors of some passages; return how many."""
        texts = await self._index.without_vectors(EMBEDDED_AT_ONCE)
        if not texts:
            return 0
        vectors = await embedder.embed_documents(list(texts.values()))
        await self._index.add_vectors(dict(zip(texts, vectors, strict=True)))
        return len(texts)
