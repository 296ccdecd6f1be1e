"""Vectors that were made lately are not made again, and those that are kept are bounded."""

import pytest

from services.models.offline.similarity import Similarities
from tests.fakes.embedder import WordEmbedder
from use_cases.knowledge.errors import EmbedderUnavailable

pytestmark = pytest.mark.anyio


async def test_the_same_text_is_nearest_and_is_embedded_once() -> None:
    embedder = WordEmbedder()
    similarities = Similarities(embedder)
    near, far, again = await similarities.of("rotate keys", ["rotate keys", "lunch", "rotate keys"])
    assert near == again == pytest.approx(1.0)
    assert far < near
    embedder.embedded.clear()
    assert await similarities.of("rotate keys", ["lunch", "rotate keys"]) == [far, near]
    assert "lunch" not in embedder.embedded


async def test_those_used_last_are_kept() -> None:
    embedder = WordEmbedder()
    similarities = Similarities(embedder, most=2)
    await similarities.of("q", ["one", "two"])
    await similarities.of("q", ["one"])
    await similarities.of("q", ["three"])
    embedder.embedded.clear()
    await similarities.of("q", ["one", "three"])
    assert not {"one", "three"} & set(embedder.embedded)
    await similarities.of("q", ["two"])
    assert "two" in embedder.embedded


async def test_more_texts_than_are_kept_have_their_similarities() -> None:
    found = await Similarities(WordEmbedder(), most=1).of("one", ["one", "two", "three"])
    assert found[0] == pytest.approx(1.0)
    assert len(found) == 3


async def test_without_an_embedder_or_when_it_fails_nothing_is_near() -> None:
    assert await Similarities(None).of("q", ["one", "two"]) == [0.0, 0.0]
    broken = WordEmbedder()
    broken.trouble = EmbedderUnavailable("The weights are missing.")
    assert await Similarities(broken).of("q", ["one"]) == [0.0]


async def test_half_a_character_is_a_text_too() -> None:
    assert len(await Similarities(WordEmbedder()).of("q", ["\ud800"])) == 1
