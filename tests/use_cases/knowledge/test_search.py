"""The search: what it shows, in what order, and what it says when a part is missing."""

from datetime import date

import pytest

from tests.fakes.documents import a_document, identity_of
from tests.fakes.embedder import WordEmbedder
from tests.fakes.lanes import MemoryLanes
from tests.fakes.library import MemoryLibrary
from tests.fakes.reranker import WordReranker
from use_cases.kernel.errors import (
    CandorError,
    RateLimited,
    StorageBusy,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.model import CategoryUnknown, SearchResult
from use_cases.knowledge.errors import EmbedderMismatch, EmbedderUnavailable
from use_cases.knowledge.hybrid_search import EMPTY_LIBRARY, NO_VECTORS, SearchKnowledge
from use_cases.knowledge.model import RetrievalPolicy

pytestmark = pytest.mark.anyio


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
async def library(embedder: WordEmbedder) -> MemoryLibrary:
    library = MemoryLibrary()
    await library.prepare(identity_of(embedder))
    for name, category, text in (
        ("rotation.md", "policies", "passwords rotate every 90 days\nkeys rotate every year"),
        ("canteen.md", "domain", "the canteen opens at noon\nlunch costs 5 euro"),
        ("outage.md", "runbooks", "restart the proxy when passwords fail"),
    ):
        vectors = await embedder.embed_documents(text.split("\n"))
        await library.save(a_document(name, text, category=category, vectors=vectors))
    return library


@pytest.fixture
def search(library: MemoryLibrary, embedder: WordEmbedder) -> SearchKnowledge:
    return SearchKnowledge(lanes=MemoryLanes(library), embedder=embedder)


def texts(result: SearchResult) -> list[str]:
    return [hit.passage.text for hit in result.hits]


async def test_the_best_passage_comes_first_with_the_account_of_both_lanes(
    search: SearchKnowledge,
) -> None:
    result = await search.search("How often do passwords rotate?")
    assert result.query == "How often do passwords rotate?"
    assert texts(result)[0] == "passwords rotate every 90 days"
    assert result.notices == []
    best = result.hits[0]
    assert best.vector is not None
    assert best.bm25 is not None
    assert (best.vector.rank, best.bm25.rank) == (1, 1)
    assert best.score == best.vector.contribution + best.bm25.contribution == 2 / 61
    assert best.rerank is None


async def test_what_is_asked_for_by_its_name_is_not_lost_between_the_lanes(
    search: SearchKnowledge, library: MemoryLibrary, embedder: WordEmbedder
) -> None:
    text = "FIN-01 april\n" + "\n".join(f"when reviewed FIN-{n}0 last" for n in range(1, 9))
    vectors = await embedder.embed_documents(text.split("\n"))
    await library.save(a_document("kpis.md", text, category="domain", vectors=vectors))
    result = await search.search("When was FIN-01 reviewed last?")
    best = next(hit for hit in result.hits if hit.passage.text == "FIN-01 april")
    assert best.name is not None
    assert best.name.contribution == 1 / 61


async def test_of_two_versions_the_one_in_force_comes_first_and_the_other_is_marked(
    library: MemoryLibrary, embedder: WordEmbedder
) -> None:
    for year, text in ((2022, "badges rotate every month"), (2025, "badges rotate every week")):
        vectors = await embedder.embed_documents([text])
        made = a_document(f"badges-{year}.md", text, vectors=vectors, updated=date(year, 1, 1))
        await library.save(made)
    search = SearchKnowledge(lanes=MemoryLanes(library), embedder=embedder)
    result = await search.search("badges rotate every month")
    assert texts(result)[0] == "badges rotate every week"
    assert texts(result)[-1] == "badges rotate every month"
    newer = result.hits[-1].replaced_by
    assert newer is not None
    assert newer.name == "badges-2025.md"
    assert [hit.superseded for hit in result.hits].count(True) == 1
    alone = await search.search("badges rotate every month", limit=1)
    assert texts(alone) == ["badges rotate every week"]
    reranked = SearchKnowledge(
        lanes=MemoryLanes(library), embedder=embedder, reranker=WordReranker()
    )
    again = await reranked.search("badges rotate every month", limit=2)
    assert texts(again) == ["badges rotate every week", "badges rotate every month"]


async def test_a_category_keeps_the_others_out(search: SearchKnowledge) -> None:
    result = await search.search("passwords", category=" Runbooks ")
    assert texts(result) == ["restart the proxy when passwords fail"]
    with pytest.raises(CategoryUnknown, match=r"no category 'nowhere'\. There are: "):
        await search.search("passwords", category="nowhere")
    everywhere = await search.search("passwords", category="  ")
    assert len(everywhere.hits) == 5


async def test_the_limit_is_the_policys_unless_another_is_asked_for(
    library: MemoryLibrary, embedder: WordEmbedder
) -> None:
    policy = RetrievalPolicy(final_results_limit=2)
    search = SearchKnowledge(lanes=MemoryLanes(library), embedder=embedder, policy=policy)
    assert len((await search.search("passwords")).hits) == 2
    assert len((await search.search("passwords", limit=4)).hits) == 4
    assert len((await search.search("passwords", limit=0)).hits) == 0


async def test_a_limit_above_the_depth_deepens_the_lanes(
    library: MemoryLibrary, embedder: WordEmbedder
) -> None:
    policy = RetrievalPolicy(vector_search_limit=1, bm25_search_limit=1)
    search = SearchKnowledge(lanes=MemoryLanes(library), embedder=embedder, policy=policy)
    assert len((await search.search("canteen lunch", limit=4)).hits) == 4


async def test_of_one_document_all_is_given_what_matches_first(search: SearchKnowledge) -> None:
    found = await search.search("keys rotate", document="rotation.md")
    assert texts(found) == ["keys rotate every year", "passwords rotate every 90 days"]
    one = await search.search("keys rotate", document="rotation.md", limit=1)
    assert texts(one) == ["keys rotate every year"]
    assert texts(await search.search("lunch", document="nowhere.md")) == []
    other = await search.search("lunch", document="canteen.md", category="policies")
    assert texts(other) == []


@pytest.mark.parametrize("query", ["", "  ", "\n\t"])
async def test_an_empty_question_finds_nothing(
    search: SearchKnowledge, embedder: WordEmbedder, query: str
) -> None:
    assert await search.search(query) == SearchResult(query)
    assert embedder.embedded[-1] == "restart the proxy when passwords fail"


async def test_an_empty_library_says_so(embedder: WordEmbedder) -> None:
    search = SearchKnowledge(lanes=MemoryLanes(MemoryLibrary()), embedder=embedder)
    result = await search.search("anything")
    assert (list(result.hits), list(result.notices)) == ([], [EMPTY_LIBRARY])


async def test_without_an_embedder_full_text_is_searched_and_it_says_so(
    library: MemoryLibrary,
) -> None:
    search = SearchKnowledge(lanes=MemoryLanes(library), embedder=None)
    result = await search.search("passwords rotate")
    assert texts(result)[0] == "passwords rotate every 90 days"
    assert result.hits[0].vector is None
    assert result.notices == ["Search used full text only: no embedder is configured."]


async def test_where_some_passages_have_no_vectors_yet_it_says_so(
    search: SearchKnowledge, library: MemoryLibrary
) -> None:
    await library.save(a_document("new.md", "passwords rotate daily\nin the new office"))
    result = await search.search("passwords rotate daily")
    assert texts(result)[0] == "passwords rotate every 90 days"
    assert "passwords rotate daily" in texts(result)
    assert result.notices == [
        "2 of 7 passages have no vectors yet: search finds those by full text alone."
    ]


async def test_an_index_without_vectors_is_searched_by_full_text(embedder: WordEmbedder) -> None:
    library = MemoryLibrary()
    await library.prepare(identity_of(None))
    await library.save(a_document("a.md", "apple"))
    search = SearchKnowledge(lanes=MemoryLanes(library), embedder=embedder)
    result = await search.search("apple")
    assert texts(result) == ["apple"]
    assert result.notices == [NO_VECTORS]
    assert embedder.embedded == []


@pytest.mark.parametrize(
    "trouble",
    [
        EmbedderUnavailable("The weights are missing."),
        UpstreamFailed("The weights are missing."),
        UpstreamTimeout("The weights are missing."),
        RateLimited("The weights are missing."),
    ],
)
async def test_an_embedder_that_fails_costs_its_lane_only(
    search: SearchKnowledge, embedder: WordEmbedder, trouble: CandorError
) -> None:
    embedder.trouble = trouble
    result = await search.search("passwords rotate")
    assert texts(result)[0] == "passwords rotate every 90 days"
    assert result.notices == ["Search used full text only: the weights are missing."]


async def test_vectors_of_two_embedders_are_never_compared(library: MemoryLibrary) -> None:
    other = WordEmbedder("other:model", 64)
    search = SearchKnowledge(lanes=MemoryLanes(library), embedder=other)
    with pytest.raises(EmbedderMismatch) as caught:
        await search.search("passwords")
    assert "fake:words" in caught.value.detail
    assert "other:model" in caught.value.detail
    assert "candor reindex" in caught.value.hint


async def test_the_same_model_with_another_length_is_another_embedder(
    library: MemoryLibrary,
) -> None:
    search = SearchKnowledge(lanes=MemoryLanes(library), embedder=WordEmbedder(dimensions=32))
    with pytest.raises(EmbedderMismatch):
        await search.search("passwords")


async def test_a_reranker_orders_what_was_fused(
    library: MemoryLibrary, embedder: WordEmbedder
) -> None:
    reranker = WordReranker()
    search = SearchKnowledge(
        lanes=MemoryLanes(library),
        embedder=embedder,
        reranker=reranker,
        policy=RetrievalPolicy(reranker_top_n=2, reranker_candidates=3),
    )
    result = await search.search("proxy passwords fail")
    assert len(reranker.asked[0]) == 3
    assert reranker.asked[0][0].endswith("\nrestart the proxy when passwords fail")
    assert len(result.hits) == 2
    best = result.hits[0]
    assert best.rerank is not None
    assert (best.rerank.rank, best.score) == (1, 1.0)
    assert best.bm25 is not None


async def test_a_reranker_that_fails_leaves_the_fused_order(
    search: SearchKnowledge, library: MemoryLibrary, embedder: WordEmbedder
) -> None:
    reranker = WordReranker()
    reranker.trouble = UpstreamFailed("boom")
    lanes = MemoryLanes(library)
    reranked = SearchKnowledge(lanes=lanes, embedder=embedder, reranker=reranker)
    result = await reranked.search("passwords")
    assert list(result.hits) == list((await search.search("passwords")).hits)
    assert result.notices == [
        "The reranker fake-reranker failed (upstream_failed): results are in the order of the fused scores."
    ]


async def test_nothing_found_is_not_sent_to_the_reranker(embedder: WordEmbedder) -> None:
    library = MemoryLibrary()
    await library.prepare(identity_of(None))
    await library.save(a_document("a.md", "apple"))
    reranker = WordReranker()
    search = SearchKnowledge(lanes=MemoryLanes(library), embedder=embedder, reranker=reranker)
    assert (await search.search("zebra")).hits == []
    assert reranker.asked == []


async def test_an_error_of_the_storage_is_not_hidden(
    library: MemoryLibrary, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object, **__: object) -> None:
        raise StorageBusy("busy")

    lanes = MemoryLanes(library)
    monkeypatch.setattr(lanes, "matching", busy)
    with pytest.raises(StorageBusy):
        await SearchKnowledge(lanes=lanes, embedder=embedder).search("passwords")
