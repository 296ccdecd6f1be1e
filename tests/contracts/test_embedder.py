"""What every `Embedder` promises; on the one of hashed words and on the real local model."""

import math
import struct

import pytest

from services.embeddings.local import LocalEmbedder
from tests.fakes.embedder import WordEmbedder
from tests.services.embeddings.reference import installed
from use_cases.kernel.model import Vector
from use_cases.kernel.ports import Embedder

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["fake", "local"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return WordEmbedder() if request.param == "fake" else LocalEmbedder(installed().models)


def numbers(vector: Vector) -> tuple[float, ...]:
    return struct.unpack(f"<{len(vector) // 4}f", vector)


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(numbers(one), numbers(other), strict=True))


async def test_every_text_has_a_unit_vector_of_the_stated_length(embedder: Embedder) -> None:
    texts = ["a word", "", "long " * 5000, "日本語", "\ud800 lone", "\0"]
    vectors = await embedder.embed_documents(texts)
    assert len(vectors) == len(texts)
    for vector in vectors:
        assert len(vector) == 4 * embedder.dimensions
        assert math.isclose(cosine(vector, vector), 1.0, abs_tol=1e-5)


async def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    assert list(await embedder.embed_documents([])) == []


async def test_order_is_kept_whatever_the_lengths(embedder: Embedder) -> None:
    texts = [f"number {n} " + "more words " * (n % 7) for n in range(20)]
    together = await embedder.embed_documents(texts)
    for index in (0, 6, 13):
        alone = await embedder.embed_query(texts[index])
        assert cosine(alone, together[index]) > 0.99999


async def test_like_texts_are_nearer_than_unlike_ones(embedder: Embedder) -> None:
    question = await embedder.embed_query("password rotation policy")
    near, far = await embedder.embed_documents(
        ["the policy on password rotation", "boats sail on blue lakes"]
    )
    assert cosine(question, near) > cosine(question, far) + 0.2


async def test_the_id_names_the_model(embedder: Embedder) -> None:
    assert ":" in embedder.id
    assert embedder.dimensions > 0
