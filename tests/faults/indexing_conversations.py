"""Indexing conversations in a process of its own that is killed at any moment."""

from pathlib import Path

import anyio

from services.index.sqlite.file_conversations import SqliteConversationIndex
from tests.fakes.embedder import WordEmbedder
from tests.faults.parts import Moment, until
from tests.use_cases.conversations.search.conversations_made_up import (
    MemoryConversations,
    head_of,
    said,
)
from use_cases.conversations.search.index_conversations import IndexConversations

CONVERSATIONS = 150
MESSAGES = 3


def stored_conversations() -> MemoryConversations:
    """Conversations, each with a word of its own in every message."""
    stored = MemoryConversations()
    for number in range(CONVERSATIONS):
        texts = [said(f"m{number}-{turn}", f"word{number}x{turn}") for turn in range(MESSAGES)]
        stored.put(head_of(f"c{number}"), *texts)
    return stored


def run_indexing(path: Path, killed_at: Moment) -> None:
    """Index until the system kills this process, so many seconds after so many steps."""
    anyio.run(complete_index, path, stored_conversations(), killed_at)


async def complete_index(
    path: Path, stored: MemoryConversations, killed_at: Moment | None = None
) -> None:
    """Index everything, words and vectors."""
    index = SqliteConversationIndex(path, in_memory=False)
    indexing = IndexConversations(
        searchable=stored, conversation_index=index, embedder=WordEmbedder()
    )
    await until(killed_at, indexing.complete())
    await index.close()
