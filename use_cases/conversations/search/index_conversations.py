"""The index of conversations, kept in step with the store: cut into passages, first the words, then the vectors.

Promises: a passage belongs to one message, or is the title; every non-blank character of every shown text
is in one.

No writer announces a change: the store logs by itself which conversations have changed. Before a search
those since the last look are put on the index's list of what waits, with the place in the log, in one
transaction; then some of them are indexed. So a process that was killed at any moment leaves nothing
behind, and a look costs as much as has changed. Where the log does not go on from the last place, as after
a backup was restored, the stamps of all conversations are compared.

Promises: a conversation that is gone from the store is gone from the index after the next update; work
that is stopped goes on where it stopped.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from loguru import logger

from use_cases.conversations.search.model import (
    SHOWN,
    ConversationHead,
    IndexGaps,
    PassagePlace,
    PlacedPassage,
    PreparedConversation,
    SaidText,
)
from use_cases.conversations.search.ports import ConversationIndex, SearchableConversations
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import LOCAL, Caller, Span
from use_cases.kernel.ports import Embedder
from use_cases.kernel.text.plain_text import fit

PASSAGE_CHARACTERS = 1_000
"""The most in a passage: as much as the local embedder reads (256 tokens); what follows would be found
by its words alone.
"""

CHUNKER = f"messages-2:{PASSAGE_CHARACTERS}"
"""The identity of this cutting and its terms; another one makes every stored conversation outdated."""

_BORDER = "\n\n"


def prepare_conversation(head: ConversationHead, said: Sequence[SaidText]) -> PreparedConversation:
    """Cuts a conversation into passages; `said` are its texts, oldest first."""
    branches = branches_of(said, head.leaf_ids)
    title = SaidText(
        text_id="",
        parent_id=None,
        content_type=head.content_type,
        role="",
        text=head.title,
        created_at=head.updated_at,
        model=head.model,
    )
    texts = [one for one in (title, *said) if one.text]
    passages: list[PlacedPassage] = []
    start = 0
    for one in texts:
        for span in fit(one.text, 0, len(one.text), PASSAGE_CHARACTERS):
            place = PassagePlace(
                chat_id=head.chat_id,
                text_id=one.text_id,
                content_type=one.content_type,
                role=one.role,
                model=one.model,
                branch=branches.get(one.text_id, SHOWN),
                created_at=one.created_at,
                offset=span.start,
            )
            passages.append(PlacedPassage(Span(start + span.start, start + span.end), place))
        start += len(one.text) + len(_BORDER)
    return PreparedConversation(
        chat_id=head.chat_id,
        user_id=head.user_id,
        stamp=stamp_of(head),
        updated_at=head.updated_at,
        title=head.title,
        addresses=head.addresses,
        text=_BORDER.join(one.text for one in texts),
        passages=passages,
    )


def stamp_of(head: ConversationHead) -> str:
    """Returns the stamp of a conversation with that of its cutting."""
    return f"{CHUNKER} {head.stamp}"


def branches_of(said: Sequence[SaidText], shown: Sequence[str]) -> Mapping[str, str]:
    """Returns the branch of every text: the shown one, else the last message of the latest below it.

    The shown ones end at `shown`. What is no message is shown.
    Damaged parents (missing ones, circles) end a walk.
    """
    parents = {one.text_id: one.parent_id for one in said}
    with_children = set(parents.values())
    found: dict[str, str] = {}
    leaves = [
        one.text_id for one in reversed(said) if one.role and one.text_id not in with_children
    ]
    ends = [*((SHOWN, leaf) for leaf in shown), *((leaf, leaf) for leaf in leaves)]
    for branch, end in ends:
        at: str | None = end
        while at in parents and at not in found:
            found[at] = branch
            at = parents[at]
    return {**dict.fromkeys(parents, SHOWN), **found}


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
        self, caller: Caller, most: int | None = None, *, leave: str | None = None
    ) -> int:
        """Indexes the words of the caller's changed conversations, the last used first, at most `most`, and not
        the one to `leave`.

        Returns how many of them are not up to date yet.
        """
        await self._note_changes()
        owner = None if caller.owns_all else caller.user_id
        waiting = await self._index.pending(owner, most)
        for chat_id, mark in waiting.items():
            if chat_id == leave:
                continue
            for head in await self._searchable.heads(LOCAL, [chat_id]):
                said = await self._searchable.texts(chat_id)
                await self._index.save(prepare_conversation(head, said), mark)
        return await self._index.count_pending(owner) if waiting else 0

    async def _note_changes(self) -> None:
        """Puts on the list what has changed since the last look."""
        before = await self._index.mark()
        cutting, _, place = (before or "").partition(" ")
        found = await self._searchable.changes(place if cutting == CHUNKER else None)
        if found.chat_ids is not None and not found.chat_ids:
            return
        # In this order: a conversation that is stored meanwhile is not taken for a removed one.
        stamps = await self._index.stamps(found.chat_ids)
        heads = await self._searchable.heads(LOCAL, found.chat_ids)
        changed = [head for head in heads if stamps.get(head.chat_id) != stamp_of(head)]
        gone = {*stamps, *(found.chat_ids or ())} - {head.chat_id for head in heads}
        mark = f"{CHUNKER} {found.mark}"
        if changed or gone or mark != before:
            await self._index.note(mark, changed, gone, anew=found.chat_ids is None)

    async def forget(self, chat_id: str) -> None:
        """Removes what was made of a conversation that was removed. Port `ConversationTraces`."""
        try:
            await self._index.remove([chat_id])
        except CandorError as error:
            logger.warning("still indexed: {}: {} {}", chat_id, error.code, error.detail)

    async def complete(self) -> AsyncGenerator[IndexGaps]:
        """Indexes everybody's words, then adds all vectors; yields what is left to do after each step.

        Without an embedder it ends after the words. Raises the embedder's errors.
        """
        behind = 1
        while behind:
            behind = await self.update(LOCAL, EMBEDDED_AT_ONCE)
            yield IndexGaps(behind, await self._index.count_without_vectors(None))
        if self._embedder is None:
            return
        embedder, waiting = self._embedder, await self._index.count_without_vectors(None)
        if not waiting and await self._index.is_of(embedder.id, embedder.dimensions):
            return
        await self._index.begin_vectors(embedder.id, embedder.dimensions)
        while await self._embed(embedder):
            yield IndexGaps(0, await self._index.count_without_vectors(None))

    async def _embed(self, embedder: Embedder) -> int:
        """Adds the vectors of some passages; returns how many."""
        texts = await self._index.without_vectors(EMBEDDED_AT_ONCE)
        if not texts:
            return 0
        vectors = await embedder.embed_documents(list(texts.values()))
        await self._index.add_vectors(dict(zip(texts, vectors, strict=True)))
        return len(texts)
