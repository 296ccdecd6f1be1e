"""The search over conversations: levels, filters, order, pages, owners, and what is not indexed yet."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.index.sqlite.file_conversations import SqliteConversationIndex
from tests.fakes.clock import FixedClock
from tests.fakes.embedder import WordEmbedder
from tests.use_cases.conversations.search.conversations_made_up import (
    NOON,
    MemoryConversations,
    head_of,
    said,
)
from use_cases.conversations.search.index_conversations import IndexConversations
from use_cases.conversations.search.model import (
    ContentType,
    FoundTexts,
    SearchFilter,
    SortBy,
    SortDir,
    Status,
)
from use_cases.conversations.search.search_conversations import SearchConversations
from use_cases.kernel.errors import InvalidInput, UpstreamFailed
from use_cases.kernel.model import LOCAL, Caller
from use_cases.knowledge.errors import EmbedderUnavailable

pytestmark = pytest.mark.anyio

ANNA = Caller("anna")
BORIS = Caller("boris")


@dataclass
class Desk:
    """The search over conversations in memory, with a real index."""

    store: MemoryConversations
    embedder: WordEmbedder
    indexing: IndexConversations
    searching: SearchConversations

    async def found(
        self, query: str, only: SearchFilter | None = None, caller: Caller = ANNA, **page: Any
    ) -> FoundTexts:
        """Search."""
        return await self.searching.search(caller, query, only, **page)

    async def ids(
        self, query: str, only: SearchFilter | None = None, caller: Caller = ANNA, **page: Any
    ) -> list[str]:
        """The messages (or conversations) that are found, in their order."""
        found = await self.found(query, only, caller, **page)
        return [one.text_id or one.conversation.chat_id for one in found.results]

    async def complete(self) -> list[tuple[int, int]]:
        """Index everything; return what was left after each step."""
        return [(one.conversations, one.passages) async for one in self.indexing.complete()]


def desk_over(
    store: MemoryConversations, index: SqliteConversationIndex, embedder: WordEmbedder | None
) -> Desk:
    """The use cases over these parts."""
    indexing = IndexConversations(searchable=store, conversation_index=index, embedder=embedder)
    searching = SearchConversations(
        searchable=store,
        index_conversations=indexing,
        conversation_index=index,
        embedder=embedder,
        clock=FixedClock(NOON),
    )
    return Desk(store, embedder or WordEmbedder(), indexing, searching)


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[SqliteConversationIndex]:
    index = SqliteConversationIndex(tmp_path / "index.sqlite", in_memory=True)
    yield index
    await index.close()


@pytest.fixture
def desk(index: SqliteConversationIndex) -> Desk:
    store = MemoryConversations()
    store.put(
        head_of(
            "c1",
            title="Staging certificates",
            source="chatgpt",
            urls=["https://chatgpt.com/share/1"],
            leaf_id="a1",
            minute=1,
        ),
        said("q1", "How do I rotate the staging certificate?"),
        said("a1", "Delete the secret.", "q1", role="assistant", model="gpt-4o", minute=1),
        said("a2", "Renew it by hand.", "q1", role="assistant", model="o3", minute=2),
    )
    store.put(
        head_of("c2", title="Words", locked=True, minute=2),
        said("w1", "その言葉は staging です", minute=3),
        said("w2", "错误修复", role="assistant", minute=4),
    )
    store.put(head_of("b1", user_id="boris"), said("b", "My staging password is secret"))
    return desk_over(store, index, WordEmbedder())


async def test_an_address_comes_first_then_a_title_then_words(desk: Desk) -> None:
    share = (await desk.found(" https://ChatGPT.com/share/1/?utm=x ")).results[0]
    assert (share.conversation.chat_id, share.text_id, share.score) == ("c1", None, 1.0)
    assert share.snippet == "Staging certificates"
    assert await desk.ids("https://chatgpt.com/share/2") != ["c1"]
    found = await desk.found("staging certificates")
    assert [one.text_id for one in found.results][:2] == [None, "q1"]
    assert [one.score for one in found.results] == sorted(
        (one.score for one in found.results), reverse=True
    )
    assert (await desk.found("CERTIFICATES")).results[0].score == 0.9


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("rotate", ["q1"]),
        ("言葉", ["w1"]),
        ("修复", ["w2"]),
        ("stagng", ["w1", "q1", "c1"]),
        ("certificats", ["q1", "c1"]),
        ("renewal", ["a2"]),
        ("nothing of this", []),
        ("  ", []),
        ("password", []),
    ],
)
async def test_words_are_found_at_once(desk: Desk, query: str, found: list[str]) -> None:
    assert sorted(await desk.ids(query)) == sorted(found)


async def test_a_result_says_where_it_stands(desk: Desk) -> None:
    (hit,) = (await desk.found("renew")).results
    assert (hit.text_id, hit.branch, hit.role) == ("a2", "a2", "assistant")
    assert hit.snippet == "Renew it by hand."
    assert hit.created_at == NOON + timedelta(minutes=2)
    assert 0 < hit.score <= 0.85


async def test_everybody_finds_their_own_alone(desk: Desk) -> None:
    await desk.complete()
    assert await desk.ids("staging password secret", caller=BORIS) == ["b"]
    assert "b" not in await desk.ids("staging password secret")
    assert {"b", "q1"} <= set(await desk.ids("staging password secret", caller=LOCAL))
    assert await desk.ids("staging", caller=Caller("Anna")) == []


@pytest.mark.parametrize(
    ("only", "found"),
    [
        (SearchFilter(sources=["ChatGPT"]), {"c1", "q1", "a1", "a2"}),
        (SearchFilter(status=Status.COMPLETED), {"w1"}),
        (SearchFilter(status=Status.IN_PROGRESS), {"c1", "q1", "a1", "a2"}),
        (SearchFilter(roles=["assistant"]), {"a1", "a2"}),
        (SearchFilter(models=["o3"]), {"a2"}),
        (SearchFilter(content_types=[ContentType.PROJECT_DRAFT]), set[str]()),
        (SearchFilter(since=NOON + timedelta(minutes=2)), {"a2", "w1"}),
        (SearchFilter(until=NOON + timedelta(minutes=1)), {"q1"}),
        (SearchFilter(sources=["grok"]), set[str]()),
    ],
)
async def test_filters(desk: Desk, only: SearchFilter, found: set[str]) -> None:
    await desk.complete()
    assert set(await desk.ids("staging rotate secret renew", only)) == found


async def test_filters_hold_for_titles_too(desk: Desk) -> None:
    assert await desk.ids("words", SearchFilter(until=NOON)) == []
    assert await desk.ids("words", SearchFilter(roles=["user"])) == []
    assert await desk.ids("certificates", SearchFilter(roles=["user"])) == ["q1"]
    assert await desk.ids("words", SearchFilter(content_types=[ContentType.FILE])) == []
    assert await desk.ids("words", SearchFilter(since=NOON)) == ["c2"]


async def test_order_and_pages(desk: Desk) -> None:
    first = await desk.found("staging", sort_by=SortBy.UPDATED, limit=1)
    assert (first.results[0].conversation.chat_id, first.total, first.has_more) == ("c2", 3, True)
    for by, direction, chats in (
        (SortBy.UPDATED, SortDir.ASC, ["c1", "c1", "c2"]),
        (SortBy.TITLE, SortDir.DESC, ["c2", "c1", "c1"]),
        (SortBy.TITLE, SortDir.ASC, ["c1", "c1", "c2"]),
        (SortBy.IMPORTED, SortDir.DESC, ["c2", "c1", "c1"]),
    ):
        found = await desk.found("staging", sort_by=by, sort_dir=direction)
        assert [one.conversation.chat_id for one in found.results] == chats
    last = await desk.found("staging", offset=2, limit=2)
    assert (len(last.results), last.has_more) == (1, False)
    assert (await desk.found("staging", offset=9)).results == []
    assert first.by_type == {ContentType.IMPORTED_CHAT: 1, ContentType.CHAT: 2}
    for limit in (0, 101):
        with pytest.raises(InvalidInput):
            await desk.found("staging", limit=limit)


async def test_meaning_is_searched_as_soon_as_there_are_vectors(desk: Desk) -> None:
    before = await desk.found("rotate")
    assert not before.is_current
    assert before.notices == ["7 passages have no vectors yet: only their words find them."]
    assert await desk.complete() == [(0, 9), (0, 0)]
    after = await desk.found("rotate")
    assert (after.is_current, after.notices) == (True, [])
    assert await desk.complete() == [(0, 0)]


async def test_a_change_is_found_and_what_is_gone_is_not(desk: Desk) -> None:
    await desk.complete()
    desk.store.put(head_of("c1", minute=5), said("n", "Entirely new"))
    desk.embedder.embedded.clear()
    assert await desk.ids("entirely") == ["n"]
    assert await desk.ids("rotate secret renew") == []
    await desk.complete()
    assert "Entirely new" in desk.embedder.embedded
    del desk.store.stored["c1"]
    assert await desk.ids("entirely") == []
    assert await desk.indexing.update(ANNA) == 0


async def test_a_removed_one_leaves_the_index_at_once(
    desk: Desk, index: SqliteConversationIndex
) -> None:
    await desk.complete()
    await desk.indexing.forget("c1")
    assert set(await index.stamps()) == {"c2", "b1"}


async def test_a_search_indexes_few_and_says_how_many_are_left(desk: Desk) -> None:
    found = await desk.found("staging", index_at_once=1)
    assert [one.text_id for one in found.results] == [None, "w1"]
    assert found.notices[0] == "1 conversations are still being indexed."
    assert not found.is_current
    assert desk.store.read == ["c2"]


async def test_without_an_embedder_words_alone_are_searched(
    desk: Desk, index: SqliteConversationIndex
) -> None:
    without = desk_over(desk.store, index, None)
    assert await without.complete() == [(0, 9)]
    found = await without.found("rotate")
    assert [one.text_id for one in found.results] == ["q1"]
    assert "no embedder is configured" in found.notices[0]


@pytest.mark.parametrize(
    "trouble", [EmbedderUnavailable("The files are missing."), UpstreamFailed("Broken.")]
)
async def test_an_embedder_in_trouble_costs_the_meaning_alone(
    desk: Desk, trouble: EmbedderUnavailable
) -> None:
    desk.embedder.trouble = trouble
    found = await desk.found("rotate")
    assert [one.text_id for one in found.results] == ["q1"]
    reason = trouble.detail[:1].lower() + trouble.detail[1:]
    assert found.notices[0] == f"Search used words only: {reason}"
    with pytest.raises(type(trouble)):
        await desk.complete()


async def test_another_embedder_makes_its_own_vectors(
    desk: Desk, index: SqliteConversationIndex
) -> None:
    await desk.complete()
    other = desk_over(desk.store, index, WordEmbedder("fake:other", 32))
    found = await other.found("rotate")
    assert "another embedder's" in found.notices[0]
    assert await other.complete() == [(0, 0), (0, 0)]
    assert (await other.found("rotate")).notices == []


async def test_a_message_is_one_result_with_its_best_passage(desk: Desk) -> None:
    long = "\n".join(["filler " * 100] * 5 + ["the xylophone " * 50] + ["filler " * 100] * 5)
    desk.store.put(replace(head_of("long"), user_id="anna"), said("l", long))
    (hit,) = (await desk.found("xylophone filler")).results
    assert "xylophone" in hit.snippet


async def test_similar_words_are_named_and_shown(desk: Desk) -> None:
    found = await desk.found("stagng", SearchFilter(roles=["user"], sources=["chatgpt"]))
    assert "Searched for similar words too: staging." in found.notices
    assert "staging" in found.results[0].snippet
