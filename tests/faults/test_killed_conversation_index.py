"""An indexing of conversations that is killed at any moment is completed by the next."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.index.sqlite.file_conversations import SqliteConversationIndex
from tests.fakes.clock import FixedClock
from tests.fakes.embedder import WordEmbedder
from tests.faults.indexing_conversations import (
    CONVERSATIONS,
    MESSAGES,
    complete_index,
    run_indexing,
    stored_conversations,
)
from tests.faults.parts import run_killed
from tests.faults.snapshots import integrity
from tests.thoroughness import sample
from tests.use_cases.conversations.search.conversations_made_up import NOON, MemoryConversations
from use_cases.conversations.search.index_conversations import IndexConversations
from use_cases.conversations.search.search_conversations import SearchConversations
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio

STEPS = 12


@pytest.mark.exhaustive
async def test_it_is_completed_by_the_next_and_what_is_gone_is_never_found(tmp_path: Path) -> None:
    drawn = random.Random(20_261_123)
    moments = [(step, drawn.random() * 0.05) for step in range(STEPS) for _ in range(2)]
    for number, moment in enumerate(sample(moments, 3)):
        path = tmp_path / f"killed-{number}.sqlite"
        run_killed(run_indexing, path, moment)
        assert not path.exists() or integrity(path) == "ok"
        stored = stored_conversations()
        gone = f"c{drawn.randrange(CONVERSATIONS)}"
        del stored.stored[gone]
        assert await _found(path, stored, [gone]) == []
        await complete_index(path, stored)
        assert integrity(path) == "ok"
        kept = [f"c{drawn.randrange(CONVERSATIONS)}" for _ in range(5)]
        expected = [f"m{one[1:]}-{MESSAGES - 1}" for one in kept if one != gone]
        assert await _found(path, stored, kept) == expected


async def _found(path: Path, stored: MemoryConversations, chats: Sequence[str]) -> list[str]:
    """The messages that are found by the word of the last message of these conversations."""
    index = SqliteConversationIndex(path, in_memory=False)
    embedder = WordEmbedder()
    searching = SearchConversations(
        searchable=stored,
        index_conversations=IndexConversations(
            searchable=stored, conversation_index=index, embedder=embedder
        ),
        conversation_index=index,
        embedder=embedder,
        clock=FixedClock(NOON),
    )
    found: list[str] = []
    for chat in chats:
        word = f"word{chat[1:]}x{MESSAGES - 1}"
        page = await searching.search(Caller("anna"), word)
        own = [one for one in page.results if one.snippet == word]
        found += [one.text_id or "" for one in own]
    await index.close()
    return found
