"""Texts of others as vectors."""

import pytest

from tests.fakes.embedder import WordEmbedder
from use_cases.kernel.errors import InvalidInput
from use_cases.knowledge.embed_texts import EmbedTexts

pytestmark = pytest.mark.anyio


async def test_each_text_has_its_vector() -> None:
    embedder = WordEmbedder()
    embedding = EmbedTexts(embedder=embedder)
    one, two = await embedding.run(["password rotation", "leave\x00 policy "])
    assert [one, two] == await embedder.embed_documents(["password rotation", "leave policy"])
    assert (embedding.model, embedding.dimensions) == ("fake:words", 64)


@pytest.mark.parametrize(
    ("texts", "detail"),
    [
        ([], "There are 0 texts to embed; 1 to 256 are possible."),
        (["a"] * 257, "There are 257 texts to embed; 1 to 256 are possible."),
        (["a", " \ud800"], "The text at place 1 is empty."),
    ],
)
async def test_what_cannot_be_embedded_is_refused(texts: list[str], detail: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await EmbedTexts(embedder=WordEmbedder()).run(texts)
    assert refused.value.detail == detail
