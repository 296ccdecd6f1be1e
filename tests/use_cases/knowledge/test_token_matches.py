"""Matches token by token, through the real index and the real local model."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.embeddings.local import LocalEmbedder
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from tests.fakes.documents import a_document, identity_of
from tests.fakes.embedder import WordEmbedder
from tests.fakes.reranker import WordReranker
from tests.services.embeddings import reference
from use_cases.kernel.model import Passage
from use_cases.kernel.ports import TokenMatch
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.hybrid_search import SearchKnowledge
from use_cases.knowledge.model import RetrievalPolicy
from use_cases.knowledge.prepare_document import embedding_texts
from use_cases.knowledge.token_matches import MatchTokens, TextSimilarity

pytestmark = pytest.mark.anyio

TEXT = "Holiday is twenty days.\nThe pump starts by itself.\nReport sickness to the office."


@dataclass
class Stored:
    """One document in a real index, and what compares it."""

    library: SqliteLibrary
    lanes: SqliteLanes
    embedder: LocalEmbedder
    matches: MatchTokens

    async def passages(self, name: str = "leave.md") -> Sequence[Passage]:
        found = await self.lanes.passages(await self.lanes.within(name))
        return sorted(found.values(), key=lambda passage: passage.span.start)


@pytest.fixture
async def stored(tmp_path: Path) -> AsyncIterator[Stored]:
    database = KnowledgeDatabase(tmp_path / "knowledge.sqlite")
    library, lanes = SqliteLibrary(database), SqliteLanes(database, in_memory=False)
    embedder = LocalEmbedder(reference.installed().models)
    document = a_document("leave.md", TEXT, title="Leave", section="Leave › How much")
    vectors = list(await embedder.embed_passages(embedding_texts(document)))
    vectors[1] = replace(vectors[1], tokens=b"")
    await library.prepare(identity_of(embedder))
    await library.save(replace(document, vectors=vectors))
    matches = MatchTokens(lanes=lanes, vocabulary=lanes, token_embedder=embedder)
    yield Stored(library, lanes, embedder, matches)
    await database.close()


async def test_the_words_that_mean_the_same_match_and_score(stored: Stored) -> None:
    passages = await stored.passages()
    matches = await stored.matches.match("How many days of vacation are there?", passages)
    first, none, last = matches
    assert none is None
    assert first is not None
    assert last is not None
    assert first.words == ["days", "vacation"]
    assert first.score > last.score
    words = [span.cut(TEXT) for span in first.spans if span is not None]
    assert words == ["Holiday", "twenty", "days"]
    assert list(first.spans[:1]) == [None]
    best = [words[row.index(max(row))] for row in (row[-3:] for row in first.cosines)]
    assert best == ["days", "Holiday"]
    ids = [one.passage_id for one in passages]
    scores = await stored.matches.scores("How many days of vacation are there?", [*ids, 99])
    assert scores == {ids[0]: first.score, ids[2]: last.score}


async def test_a_reading_is_matched_by_all_of_its_passages(stored: Stored) -> None:
    passages = await stored.passages()
    question = "How many days of vacation are there?"
    assert await stored.matches.match_readings(question, passages) == [None] * 3  # one has none
    document = a_document("whole.md", TEXT, title="Leave")
    vectors = await stored.embedder.embed_passages(embedding_texts(document))
    await stored.library.save(replace(document, vectors=vectors))
    passages = await stored.passages("whole.md")
    parts = [one for one in await stored.matches.match(question, passages) if one is not None]
    whole, *others = await stored.matches.match_readings(question, passages)
    assert whole is not None
    assert others == [whole, whole]
    assert list(whole.spans) == [span for one in parts for span in one.spans]
    for row, of_parts in zip(
        whole.cosines, zip(*(one.cosines for one in parts), strict=True), strict=True
    ):
        assert list(row) == [cosine for part in of_parts for cosine in part]


async def test_search_orders_by_them_and_says_so(stored: Stored) -> None:
    lanes, embedder = stored.lanes, stored.embedder
    for policy, reranker, rescored in (
        (RetrievalPolicy(), None, True),
        (RetrievalPolicy(rescored_passages=0), None, False),
        (RetrievalPolicy(), WordReranker(), False),
    ):
        search = SearchKnowledge(
            lanes=lanes,
            embedder=embedder,
            matches=stored.matches,
            policy=policy,
            reranker=reranker,
        )
        for within in (None, "leave.md"):
            hits = (await search.search("days of vacation", document=within)).hits
            assert hits[0].passage.text == "Holiday is twenty days."
            assert {hit.passage.text[:6] for hit in hits if hit.tokens} == (
                {"Holida", "Report"} if rescored else set()
            )


async def test_a_rare_word_weighs_more(stored: Stored) -> None:
    passages = await stored.passages()
    (match, *_) = await stored.matches.match("vacation in the office", passages)
    assert match is not None
    assert dict(zip(match.words, match.weights, strict=True)).keys() == {"vacation", "office"}
    assert match.weights[0] > match.weights[1] > 0


async def test_without_words_token_vectors_or_their_embedder_nothing_matches(
    stored: Stored, tmp_path: Path
) -> None:
    passages, lanes = await stored.passages(), stored.lanes
    for question in ("", "  "):
        assert await stored.matches.match(question, passages) == [None] * 3
    for embedder in (None, LocalEmbedder(tmp_path)):  # the second one is not installed
        matches = MatchTokens(lanes=lanes, vocabulary=lanes, token_embedder=embedder)
        assert await matches.match("holiday", passages) == [None] * 3
    await stored.library.reset(identity_of(stored.embedder))
    assert await lanes.tokens([passage.passage_id for passage in passages]) == {}
    assert await stored.matches.match("holiday", passages) == [None] * 3


async def test_token_vectors_go_with_their_passage(stored: Stored) -> None:
    ids = [passage.passage_id for passage in await stored.passages()]
    assert set(await stored.lanes.tokens(ids)) == {ids[0], ids[2]}
    await stored.library.remove((await stored.library.document("leave.md")).ref.document_id)
    assert await stored.lanes.tokens(ids) == {}


def test_the_score_is_the_weighted_mean_of_the_best() -> None:
    match = TokenMatch(["a", "b"], [3.0, 1.0], [None, None], [[0.5, 1.0], [0.2, -1.0]])
    assert match.score == pytest.approx((3 * 1.0 + 1 * 0.2) / 4)
    assert TokenMatch([], [], [None], []).score == 0
    assert TokenMatch(["a"], [1.0], [], [[]]).score == 0


async def test_the_similarity_is_that_of_the_vectors() -> None:
    found = TextSimilarity(embedder=WordEmbedder())
    for metric in ("cosine", "dot_product"):
        assert await found.similarity("pump valve", "valve pump", metric) == pytest.approx(1)
        assert await found.similarity("pump valve", "pump filter", metric) == pytest.approx(0.5)
        assert await found.similarity("pump", "filter", metric) == 0
    assert await found.similarity("pump", "pump", "euclidean") == 1
    assert await found.similarity("pump", "filter", "euclidean") == pytest.approx(1 / (1 + 2**0.5))


async def test_without_an_embedder_there_is_no_similarity() -> None:
    with pytest.raises(EmbedderUnavailable):
        await TextSimilarity(embedder=None).similarity("a", "b", "cosine")
