"""Vectors kept between runs are the embedder's own, computed once."""

from pathlib import Path

import pytest

from benchmarks.vector_cache import VectorCache
from tests.fakes.embedder import WordEmbedder

pytestmark = pytest.mark.anyio


async def test_only_new_texts_are_embedded_again(tmp_path: Path) -> None:
    inner, file = WordEmbedder(), tmp_path / "cache" / "vectors.sqlite"
    first = VectorCache(inner, file)
    known = await first.embed_documents(["the sails", "the brake"])
    first.close()
    second = VectorCache(inner, file)
    again = await second.embed_documents(["the brake", "the cap", "the sails", "the cap"])
    second.close()
    assert inner.embedded == ["the sails", "the brake", "the cap"]
    assert again == await WordEmbedder().embed_documents(
        ["the brake", "the cap", "the sails", "the cap"]
    )
    assert [again[2], again[0]] == list(known)


async def test_another_embedder_and_a_question_are_not_taken_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "vectors.sqlite"
    cache = VectorCache(WordEmbedder(), file)
    await cache.embed_documents(["the sails"])
    cache.close()
    other = WordEmbedder(id="fake:other", dimensions=8)
    cache = VectorCache(other, file)
    assert (cache.id, cache.dimensions) == ("fake:other", 8)
    assert len((await cache.embed_documents(["the sails"]))[0]) == 8 * 4
    await cache.embed_query("the sails")
    cache.close()
    assert other.embedded == ["the sails", "the sails"]
