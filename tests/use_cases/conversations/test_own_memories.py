"""The summaries of a person's conversations, found by meaning and by words."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.store.store import Store
from services.store.stored_conversations import SqlMemoryTexts, SqlSummaries
from tests.contracts.keeping import ANNA, BORIS, NOON, at_minute
from tests.fakes.embedder import WordEmbedder
from tests.templates import migrated_store
from tests.use_cases.conversations.attaching import make_conversations, remove_conversation
from use_cases.conversations.model import ConversationSummary
from use_cases.conversations.recall import OwnMemories
from use_cases.kernel.errors import UpstreamFailed
from use_cases.kernel.model import LOCAL, Caller, Vector

pytestmark = pytest.mark.anyio

BACKUPS = "The database of the shop is backed up every night."


@dataclass(frozen=True, slots=True)
class Remembering:
    store: Store
    summaries: SqlSummaries
    texts: SqlMemoryTexts
    embedder: WordEmbedder
    own: OwnMemories

    async def summarise(self, caller: Caller, chat_id: str, text: str, minute: int = 0) -> None:
        await self.summaries.begin(caller, chat_id, "run")
        await self.summaries.keep(
            ConversationSummary(chat_id=chat_id, text=text, made_at=at_minute(minute))
        )


@pytest.fixture
async def memories(tmp_path: Path) -> AsyncGenerator[Remembering]:
    store = Store(migrated_store(tmp_path / "candor.sqlite"))
    await make_conversations(store)
    texts, embedder = SqlMemoryTexts(store), WordEmbedder()
    own = OwnMemories(memory_texts=texts, embedder=embedder)
    yield Remembering(store, SqlSummaries(store), texts, embedder, own)
    await store.close()


async def test_a_persons_own_summaries_are_found(memories: Remembering) -> None:
    await memories.summarise(ANNA, "chat_anna", BACKUPS)
    await memories.summarise(BORIS, "chat_boris", BACKUPS)
    [found] = await memories.own.search("Is the database of the shop backed up?", "anna")
    assert (found.memory_id, found.text, found.created_at) == ("chat_anna", BACKUPS, NOON)
    assert 0.6 < found.score <= 1
    [other] = await memories.own.search("Bananas are yellow.", "anna")
    assert other.score < 0.38
    assert await memories.own.search("database", "nobody") == ()
    assert await memories.own.search(" ", "anna") == ()


async def test_a_summary_is_embedded_once_and_again_when_it_was_changed(
    memories: Remembering,
) -> None:
    await memories.summarise(ANNA, "chat_anna", BACKUPS)
    for _ in range(2):
        await memories.own.search("database", "anna")
    assert memories.embedder.embedded.count(BACKUPS) == 1
    await memories.summaries.edit(ANNA, "chat_anna", "Bananas are yellow.", at_minute(5))
    [found] = await memories.own.search("Bananas are yellow.", "anna")
    assert (found.text, found.created_at) == ("Bananas are yellow.", at_minute(5))
    assert found.score == pytest.approx(1)
    [stored] = await memories.texts.texts("anna", memories.embedder.id)
    assert stored.vector is not None
    [foreign] = await memories.texts.texts("anna", "another:embedder")
    assert foreign.vector is None


@pytest.mark.parametrize("broken", [True, False])
async def test_without_meaning_words_find_them(memories: Remembering, broken: bool) -> None:
    await memories.summarise(ANNA, "chat_anna", BACKUPS)
    memories.embedder.trouble = UpstreamFailed("It is down.")
    embedder = memories.embedder if broken else None
    own = OwnMemories(memory_texts=memories.texts, embedder=embedder)
    [found] = await own.search("Is the database backed up?", "anna")
    assert found.score == pytest.approx(0.6)
    [half] = await own.search("Is the database yellow?", "anna")
    assert half.score == pytest.approx(0.3)
    [none] = await own.search("Is it?", "anna")
    assert none.score == 0


async def test_vectors_of_another_length_are_no_match(memories: Remembering) -> None:
    await memories.summarise(ANNA, "chat_anna", BACKUPS)
    wrong: Vector = b"\0" * 8
    await memories.texts.keep(memories.embedder.id, {"chat_anna": (BACKUPS, wrong)})
    [found] = await memories.own.search("shops", "anna")
    assert found.score == pytest.approx(0.6)


async def test_a_deleted_conversation_is_forgotten(memories: Remembering) -> None:
    await memories.summarise(ANNA, "chat_anna", BACKUPS)
    await memories.own.search("database", "anna")
    await remove_conversation(memories.store, "chat_anna")
    await memories.texts.keep("fake:words", {"chat_anna": (BACKUPS, b"\0" * 8)})
    assert await memories.own.search("database", "anna") == ()


async def test_a_conversation_without_a_summary_is_no_memory(memories: Remembering) -> None:
    await memories.summaries.begin(LOCAL, "chat_anna", "run")
    assert await memories.own.search("database", "anna") == ()
