"""Token vectors: which are made, where they stand, and that their signs give the cosines again."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.embeddings import vectors
from services.embeddings.local import LocalEmbedder
from tests.services.embeddings import reference

pytestmark = pytest.mark.anyio

TEXT = "Leave › Sick leave\nTell your manager before 9:30 — café, naïve, 日本語 \ud800."


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder(reference.installed().models)


async def test_a_passage_has_the_same_vector_with_its_tokens(embedder: LocalEmbedder) -> None:
    texts = [TEXT, "", "x " * 900]
    made = await embedder.embed_passages(texts)
    assert [one.vector for one in made] == list(await embedder.embed_documents(texts))
    assert [bool(one.tokens) for one in made] == [True, False, True]


async def test_tokens_are_the_content_words_in_their_places(embedder: LocalEmbedder) -> None:
    (made,) = await embedder.embed_passages([TEXT])
    (found,) = await embedder.compare_tokens("sick leave", [made.tokens])
    assert found is not None
    words = [TEXT[start:end] for start, end in found.places]
    assert words[:7] == ["Leave", "Sick", "leave", "manager", "9", "30", "café"]
    assert "your" not in words
    assert all(any(map(str.isalnum, word)) for word in words)


async def test_a_word_matches_itself_and_its_like_in_context(embedder: LocalEmbedder) -> None:
    made = await embedder.embed_passages(
        ["The river bank was flooded by heavy rain.", "The bank refused the loan.", ""]
    )
    question = "money from the bank"
    assert list(await embedder.question_words(question)) == ["money", "bank"]
    flood, loan, nothing = await embedder.compare_tokens(question, [one.tokens for one in made])
    assert nothing is None
    assert flood is not None
    assert loan is not None
    assert max(loan.cosines[0]) > max(flood.cosines[0])
    assert max(flood.cosines[1]) > 0.5
    assert len(flood.cosines[1]) == len(flood.places) == 5


def with_all_signs(rows: NDArray[np.float32], places: Sequence[tuple[int, int]]) -> bytes:
    """The form of tokens before, as its writer wrote it."""
    starts = np.array([start for start, _ in places], dtype="<u2")
    lengths = np.array([min(end - start, 255) for start, end in places], dtype=np.uint8)
    signs = np.packbits(rows > 0, axis=1)
    return b"\x01" + starts.tobytes() + lengths.tobytes() + signs.tobytes()


@pytest.mark.parametrize(("components", "length"), [(64, 8), (100, 13), (384, 16), (1000, 16)])
def test_the_cosines_of_signs_are_near_the_true_ones(components: int, length: int) -> None:
    rows = np.random.default_rng(3).standard_normal((200, components)).astype(np.float32)
    asked = rows[:5] + 0.7 * rows[5:10]
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    places = [(n, n + 1) for n in range(200)]
    packed = vectors.pack_tokens(rows, places)
    assert len(packed) == 1 + 200 * (3 + length)
    found, former = vectors.compare(asked, [packed, with_all_signs(rows, places)])
    assert found is not None
    assert found == former
    assert found.places == places
    true = asked @ (rows / np.linalg.norm(rows, axis=1, keepdims=True)).T
    assert np.abs(np.array(found.cosines) - true).mean() < 0.09
    assert abs((np.array(found.cosines) - true).mean()) < 0.02
    assert vectors.compare(asked, [b"", b"\x03" + packed[1:], packed[:-1], b"\x02"]) == [None] * 4


async def test_a_question_of_function_words_has_them_all(embedder: LocalEmbedder) -> None:
    (made,) = await embedder.embed_passages(["Who are we?"])
    assert list(await embedder.question_words("Who are we?")) == ["Who", "are", "we", "?"]
    assert await embedder.compare_tokens("Who are we?", [made.tokens]) == [None]
    assert await embedder.question_words("") == []


async def test_only_the_first_tokens_of_a_pasted_page_count(embedder: LocalEmbedder) -> None:
    assert len(await embedder.question_words("windmill sails " * 90)) == 64
