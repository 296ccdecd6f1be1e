"""What every `Reranker` promises; Cohere answers from a recorded wire."""

import httpx
import pytest
import respx

from services.rerank import CohereReranker
from tests.fakes.reranker import WordReranker
from use_cases.knowledge.ports import Reranker

pytestmark = pytest.mark.anyio

TEXTS = ["boats on lakes", "apple pie", "an apple a day"]


@pytest.fixture(params=["fake", "cohere"])
def reranker(request: pytest.FixtureRequest, respx_mock: respx.MockRouter) -> Reranker:
    if request.param == "fake":
        return WordReranker()
    respx_mock.post("https://api.cohere.com/v2/rerank").mock(side_effect=_answer)
    return CohereReranker("key")


def _answer(request: httpx.Request) -> httpx.Response:
    top_n = int(request.content.partition(b'"top_n":')[2].split(b"}")[0].split(b",")[0])
    order = [(1, 0.9), (2, 0.8), (0, 0.1)][:top_n]
    results = [{"index": index, "relevance_score": score} for index, score in order]
    return httpx.Response(200, json={"id": "1", "results": results})


async def test_the_best_come_first_with_their_places_in_the_list(reranker: Reranker) -> None:
    order = await reranker.rerank("apple pie", TEXTS, top_n=3)
    assert [index for index, _ in order] == [1, 2, 0]
    relevances = [relevance for _, relevance in order]
    assert relevances == sorted(relevances, reverse=True)


async def test_no_more_than_asked_for_are_returned(reranker: Reranker) -> None:
    assert len(await reranker.rerank("apple pie", TEXTS, top_n=2)) == 2
    assert len(await reranker.rerank("apple pie", TEXTS, top_n=50)) == 3


async def test_it_has_a_name(reranker: Reranker) -> None:
    assert reranker.name
