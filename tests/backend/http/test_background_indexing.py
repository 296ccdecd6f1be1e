"""The background indexing: completed at the start and when wanted; a failure ends nothing."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from loguru import logger

from backend.http.background_work import BackgroundIndexing
from services.index.sqlite.file_conversations import SqliteConversationIndex
from tests.fakes.embedder import WordEmbedder
from tests.patience import PATIENCE
from tests.use_cases.conversations.search.conversations_made_up import (
    MemoryConversations,
    head_of,
    said,
)
from use_cases.conversations.search.index_conversations import IndexConversations
from use_cases.kernel.errors import UpstreamFailed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[SqliteConversationIndex]:
    index = SqliteConversationIndex(tmp_path / "index.sqlite", in_memory=True)
    yield index
    await index.close()


async def test_it_goes_on_after_a_failure_when_it_is_wanted(
    index: SqliteConversationIndex,
) -> None:
    stored, embedder = MemoryConversations(), WordEmbedder()
    stored.put(head_of("c1"), said("m1", "heliotrope"))
    attempts = count(1)
    made = IndexConversations(searchable=stored, conversation_index=index, embedder=embedder)

    def next_attempt() -> AsyncIterator[object]:
        attempt = next(attempts)
        embedder.trouble = UpstreamFailed("Broken.") if attempt <= 2 else None
        if attempt == 3:
            raise ZeroDivisionError("a mistake")
        return made.complete()

    indexing, lines = BackgroundIndexing("not indexed", next_attempt), list[str]()
    sink = logger.add(lambda line: lines.append(str(line)), format="{message}")
    try:
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(indexing.run)
                while len(lines) < 2 or await index.count_without_vectors(None):
                    indexing.begin()
                    await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()
    finally:
        logger.remove(sink)
    assert "not indexed: upstream_failed: Broken." in lines[0]
    assert "a mistake" in lines[1]
    assert set(await index.stamps(None)) == {"c1"}
