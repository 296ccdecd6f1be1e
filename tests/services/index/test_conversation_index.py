"""The second collection: owners apart, conditions, words nobody wrote, vectors afterwards."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from services.index.sqlite.file_conversations import SqliteConversationIndex
from tests.fakes.embedder import WordEmbedder
from tests.postgres import conversation_index, needs_any_server
from tests.use_cases.conversations.search.conversations_made_up import NOON, head_of, said
from use_cases.conversations.search.index_conversations import prepare_conversation, stamp_of
from use_cases.conversations.search.model import (
    ContentType,
    ConversationHead,
    SaidText,
    TextConditions,
)
from use_cases.conversations.search.ports import ConversationIndex
from use_cases.kernel.fusion import Candidate
from use_cases.knowledge.errors import DimensionMismatch

pytestmark = pytest.mark.anyio

EMBEDDER = WordEmbedder()


class Side:
    """An index with the ways that the tests use it in."""

    def __init__(self, index: ConversationIndex) -> None:
        self.index = index

    async def put(self, head: ConversationHead, *texts: SaidText) -> None:
        """Store a conversation."""
        await self.index.save(prepare_conversation(head, texts))

    async def embed(self, embedder: WordEmbedder = EMBEDDER) -> list[str]:
        """Add all vectors; return the texts that were embedded."""
        await self.index.begin_vectors(embedder.id, embedder.dimensions)
        texts = await self.index.without_vectors(100)
        vectors = await embedder.embed_documents(list(texts.values()))
        await self.index.add_vectors(dict(zip(texts, vectors, strict=True)))
        return list(texts.values())

    async def ids(self, candidates: Sequence[Candidate]) -> list[str]:
        """The messages of these passages, in their order."""
        places = await self.index.places([one.passage_id for one in candidates])
        return [places[one.passage_id].text_id for one in candidates]

    async def words(self, query: str, conditions: TextConditions | None = None) -> set[str]:
        """The messages that words find."""
        found = await self.index.search(query, None, conditions or TextConditions(), limit=10)
        assert not found.near
        return {one for lane in found.others for one in await self.ids(lane) if one}

    async def near(self, query: str, conditions: TextConditions | None = None) -> list[str]:
        """The messages that vectors find."""
        vector = await EMBEDDER.embed_query(query)
        found = await self.index.search(query, vector, conditions or TextConditions(), limit=10)
        near = await self.ids([one for one in found.near if one.score > 0.1])
        return [one for one in near if one]


@pytest.fixture(
    params=["exact", "bits", pytest.param("postgresql", marks=needs_any_server)],
)
async def side(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Side]:
    if request.param == "postgresql":
        async with conversation_index() as server:
            yield Side(server)
        return
    monkeypatch.setattr("services.index.sqlite.file_lanes.SMALL", 0)
    index = SqliteConversationIndex(
        tmp_path / "conversations.sqlite", in_memory=request.param == "bits"
    )
    yield Side(index)
    await index.close()


async def a_talk(side: Side) -> None:
    """One conversation of Anna's, in two models, and one of Boris's."""
    await side.put(
        head_of("c1", leaf_id="a1", source="chatgpt"),
        said("q1", "How do I rotate the staging certificate?"),
        said("a1", "Delete the secret; cert-manager issues it.", "q1", role="assistant", minute=1),
        said("a2", "Renew by hand.", "q1", role="assistant", model="GPT-4o", minute=2),
    )
    await side.put(head_of("b1", user_id="Anna"), said("b", "My staging password", minute=3))


async def test_an_index_that_was_never_written_is_empty(side: Side) -> None:
    assert await side.index.stamps() == {}
    assert await side.words("anything") == set()
    assert await side.index.is_of("any", 3)
    assert await side.index.count_without_vectors(None) == 0
    await side.index.remove(["c1"])
    assert not await side.index.places([1])


async def test_no_two_owners_share_a_collection_whatever_their_case(side: Side) -> None:
    await a_talk(side)
    await side.embed()
    anna, other = TextConditions(user_id="anna"), TextConditions(user_id="Anna")
    assert await side.words("staging", anna) == {"q1"}
    assert await side.words("staging", other) == {"b"}
    assert await side.words("staging") == {"q1", "b"}
    assert await side.words("pasword", anna) == set()
    assert set(await side.near("staging", anna)) == {"q1"}
    assert set(await side.near("staging", other)) == {"b"}
    assert set(await side.index.stamps()) == {"c1", "b1"}
    assert set(await side.index.stamps(["c1", "unknown"])) == {"c1"}
    assert await side.words("staging", TextConditions(user_id="")) == set()


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (TextConditions(roles=["Assistant"]), {"a1", "a2"}),
        (TextConditions(models=["gpt-4o"]), {"a2"}),
        (TextConditions(content_types=[ContentType.FILE]), set[str]()),
        (TextConditions(since=NOON + timedelta(minutes=1)), {"a1", "a2", "b"}),
        (TextConditions(until=NOON + timedelta(minutes=1)), {"q1"}),
        (TextConditions(chat_ids=["b1"]), {"b"}),
        (TextConditions(chat_ids=[]), set[str]()),
        (TextConditions(chat_ids=["c1"], roles=["user", "tool"]), {"q1"}),
    ],
)
async def test_conditions_hold_for_words_and_meaning(
    side: Side, conditions: TextConditions, found: set[str]
) -> None:
    await a_talk(side)
    await side.embed()
    query = "staging certificate secret renew hand password"
    assert await side.words(query, conditions) == found
    assert set(await side.near(query, conditions)) == found


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("query", "similar"),
    [
        ("stagng", ["staging"]),
        ("certificates", []),  # of one stem with what was written
        ("ertific", ["certificate"]),
        ("staging", []),
        ("言葉", []),
        ("修复", []),
        ("日本語の言葉は", []),
        ("Straße", []),
        ('"(*)^', []),
        ("x" * 10_000, []),
    ],
)
async def test_words_that_nobody_wrote_find_similar_ones(
    side: Side, query: str, similar: list[str]
) -> None:
    await side.put(
        head_of("c1"),
        said("m", "The staging certificate, その言葉です, 错误修复了, die Straße"),
    )
    found = await side.index.search(query, None, TextConditions(user_id="anna"), limit=10)
    assert list(found.similar) == similar
    if len(query) < 20 and "(" not in query:
        assert await side.words(query, TextConditions(user_id="anna")) == {"m"}


async def test_a_place_says_where_a_passage_stands(side: Side) -> None:
    await a_talk(side)
    found = await side.index.search("renew", None, TextConditions(), limit=1)
    passage_id = found.others[0][0].passage_id
    place = (await side.index.places([passage_id, 999]))[passage_id]
    assert (place.chat_id, place.text_id, place.branch) == ("c1", "a2", "a2")
    assert (place.content_type, place.role, place.model) == (
        ContentType.CHAT,
        "assistant",
        "GPT-4o",
    )
    assert place.created_at == NOON + timedelta(minutes=2)
    assert await side.index.texts([passage_id, 999]) == {passage_id: "Renew by hand."}


async def test_what_grew_keeps_its_vectors_and_nothing_of_before(side: Side) -> None:
    await a_talk(side)
    await side.embed()
    grown = head_of("c1", leaf_id="a1")
    await side.put(
        grown, said("q1", "How do I rotate the staging certificate?"), said("n", "Newly said.")
    )
    assert (await side.index.stamps(["c1"])) == {"c1": stamp_of(grown)}
    assert await side.index.count_without_vectors("anna") == 1
    assert await side.near("staging", TextConditions(user_id="anna")) == ["q1"]
    assert await side.embed() == ["Newly said."]
    assert await side.index.count_without_vectors(None) == 0
    assert await side.words("renew secret") == set()


async def test_a_removed_conversation_leaves_nothing(side: Side, tmp_path: Path) -> None:
    await a_talk(side)
    await side.embed()
    await side.index.remove(["c1", "unknown"])
    assert await side.words("rotate certificate secret renew") == set()
    assert await side.near("rotate certificate secret") == []
    assert set(await side.index.stamps()) == {"b1"}
    await side.index.remove(["b1"])
    assert await side.index.count_without_vectors(None) == 0
    assert await side.index.without_vectors(10) == {}


async def test_vectors_of_another_embedder_are_dropped(side: Side) -> None:
    await a_talk(side)
    await side.embed()
    other = WordEmbedder("fake:other", 128)
    assert not await side.index.is_of(other.id, other.dimensions)
    assert len(await side.embed(other)) == 6
    assert await side.index.is_of(other.id, other.dimensions)
    texts = await side.index.without_vectors(10)
    assert texts == {}


async def test_vectors_come_too_late_or_in_the_wrong_length(side: Side) -> None:
    await a_talk(side)
    await side.index.begin_vectors(EMBEDDER.id, EMBEDDER.dimensions)
    texts = await side.index.without_vectors(1)
    (passage_id,) = texts
    vector = await EMBEDDER.embed_query("?")
    await side.index.add_vectors({passage_id: vector})
    await side.index.add_vectors({passage_id: vector, 999: vector})
    assert await side.index.count_without_vectors(None) == 5
    with pytest.raises(DimensionMismatch):
        await side.index.add_vectors({passage_id: vector[:8]})
