"""The second stage of an ingestion: passages that are stored without a vector get one."""

from collections.abc import Sequence

import pytest

from tests.fakes.documents import a_document
from tests.fakes.embedder import WordEmbedder
from tests.use_cases.knowledge.bench import Bench
from use_cases.kernel.errors import TooLarge
from use_cases.kernel.model import Vector
from use_cases.knowledge.complete_vectors import SLICE, WINDOW, CompleteVectors, VectorProgress
from use_cases.knowledge.errors import EmbedderMismatch, EmbedderUnavailable
from use_cases.knowledge.model import FileOutcome

pytestmark = pytest.mark.anyio


class Recorder(WordEmbedder):
    """Records the texts of every call; refuses those with the word `forbidden`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.calls.append(list(texts))
        if any("forbidden" in text for text in texts):
            raise TooLarge("Too many tokens.")
        return await super().embed_documents(texts)


def completion(bench: Bench) -> CompleteVectors:
    return CompleteVectors(library=bench.library, embedder=bench.embedder, chunks=bench.chunks)


async def with_texts(count: int, passages: int = 1) -> Bench:
    """A library of `count` documents without vectors."""
    bench = Bench.of({})
    bench.embedder = None
    await bench.upload().run("first.md", b"# First")
    for number in range(count):
        lines = [f"Valve v{number} holds{' water' * (part * 7 % 40)}." for part in range(passages)]
        await bench.library.save(a_document(f"{number}.md", "\n".join(lines), title=f"T{number}"))
    bench.embedder = Recorder()
    return bench


async def test_every_passage_gets_the_vector_of_its_title_headings_and_text() -> None:
    bench = await with_texts(2, passages=SLICE * 3)
    progress = [step async for step in completion(bench).stream()]
    total = 2 * SLICE * 3 + 1
    assert progress == [
        VectorProgress(done, total) for done in (0, 64, 128, 192, 256, 320, 384, 385)
    ]
    for number in range(2):
        found = bench.stored(f"{number}.md")
        texts = [f"T{number}\n{line}" for line in found.prepared.text.split("\n")]
        assert list(found.vectors) == list(await WordEmbedder().embed_passages(texts))


async def test_texts_of_like_length_share_a_call() -> None:
    bench = await with_texts(1, passages=SLICE * 4)
    embedder = bench.embedder
    assert isinstance(embedder, Recorder)
    async for _ in completion(bench).stream():
        pass
    assert all(len(call) <= SLICE for call in embedder.calls)
    first = [len(text) for call in embedder.calls[: WINDOW // SLICE] for text in call]
    assert first == sorted(first)


async def test_a_run_that_is_left_is_continued_by_the_next() -> None:
    bench = await with_texts(3, passages=WINDOW)
    stream = completion(bench).stream()
    async for step in stream:
        if isinstance(step, VectorProgress) and step.done > WINDOW:
            break
    await stream.aclose()
    assert await completion(bench).missing() == 2 * WINDOW + 1
    steps = [step async for step in completion(bench).stream()]
    assert steps[0] == VectorProgress(0, 2 * WINDOW + 1)
    assert await completion(bench).missing() == 0
    assert [step async for step in completion(bench).stream()] == []


async def test_a_refused_passage_stays_without_vector_and_its_document_is_named_once() -> None:
    bench = await with_texts(5, passages=20)
    await bench.library.save(a_document("bad.md", "forbidden one\ngood\nforbidden two"))
    steps = [step async for step in completion(bench).stream()]
    refused = [step for step in steps if isinstance(step, FileOutcome)]
    assert [(one.name, one.code) for one in refused] == [("bad.md", "too_large")]
    assert [bool(vector) for vector in bench.stored("bad.md").vectors] == [False, True, False]
    assert await completion(bench).missing() == 2


async def test_three_refusals_in_a_row_end_the_run() -> None:
    bench = await with_texts(0)
    await bench.library.save(a_document("bad.md", "\n".join(["forbidden"] * 9)))
    with pytest.raises(TooLarge):
        _ = [step async for step in completion(bench).stream()]


async def test_who_stands_back_ends_when_another_adds_the_same_vectors() -> None:
    bench = await with_texts(3, passages=WINDOW)
    stream = completion(bench).stream(stand_back=True)
    assert await anext(stream) == VectorProgress(0, 3 * WINDOW + 1)
    assert await anext(stream) == VectorProgress(SLICE, 3 * WINDOW + 1)
    (lacking, *_) = await bench.library.without_vectors(after=0, limit=1)
    (vector,) = await WordEmbedder().embed_passages(["x"])
    await bench.library.add_vectors({lacking.passage_id: vector})
    assert [step async for step in stream] == []
    assert await completion(bench).missing() == 3 * WINDOW + 1 - SLICE


async def test_a_document_replaced_meanwhile_gets_the_vectors_of_its_new_text() -> None:
    bench = await with_texts(1)
    stream = completion(bench).stream()
    await anext(stream)
    await anext(stream)
    await bench.library.save(a_document("0.md", "New text.", title="New"))
    _ = [step async for step in stream]
    (expected,) = await WordEmbedder().embed_passages(["New\nNew text."])
    assert list(bench.stored("0.md").vectors) == [expected]


async def test_without_an_embedder_or_with_another_one_nothing_is_added() -> None:
    bench = await with_texts(1)
    bench.embedder = None
    with pytest.raises(EmbedderUnavailable):
        await anext(completion(bench).stream())
    bench.embedder = WordEmbedder()
    await bench.upload().run("first.md", b"# Other")
    bench.embedder = WordEmbedder("fake:others")
    with pytest.raises(EmbedderMismatch):
        await anext(completion(bench).stream())
