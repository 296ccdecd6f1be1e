import pytest

from tests.fakes.embedder import WordEmbedder
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.text_similarity import TextSimilarity

pytestmark = pytest.mark.anyio


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
