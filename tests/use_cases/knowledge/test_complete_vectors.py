"""The second stage of an ingestion: passages that are stored without a vector get one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.fakes.documents import a_document
from tests.fakes.embedder import WordEmbedder
from tests.use_cases.knowledge.bench import Bench
from use_cases.kernel.errors import UpstreamFailed
from use_cases.kernel.model import Vector
from use_cases.knowledge.complete_vectors import (
    SHARED_SLICE,
    SHARED_WINDOW,
    SLICE,
    WINDOW,
    CompleteVectors,
    VectorProgress,
    in_turns,
)
from use_cases.knowledge.errors import EmbedderMismatch, EmbedderUnavailable
from use_cases.knowledge.indexing import Tally
from use_cases.knowledge.ingest_stages import ignore_report
from use_cases.knowledge.model import DocumentState, FileOutcome, WaitingDocument

pytestmark = pytest.mark.anyio


class Recorder(WordEmbedder):
    """Records the texts of every call; refuses those with the word `forbidden`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.calls.append(list(texts))
        if any("forbidden" in text for text in texts):
            raise UpstreamFailed("This text could not be embedded.")
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
        VectorProgress(done, total) for done in (0, 64, 128, 129, 193, 257, 321, 385)
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
    first = [len(text) for call in embedder.calls for text in call if "First" not in text]
    assert first[:WINDOW] == sorted(first[:WINDOW])


async def test_a_run_that_is_left_is_continued_by_the_next() -> None:
    bench = await with_texts(3, passages=WINDOW)
    stream = completion(bench).stream()
    async for step in stream:
        if isinstance(step, VectorProgress) and step.done > WINDOW:
            break
    await stream.aclose()
    missing = 2 * WINDOW + SLICE  # added were three slices, and the page that ended meanwhile
    assert await completion(bench).missing() == missing
    steps = [step async for step in completion(bench).stream()]
    assert steps[0] == VectorProgress(0, missing)
    assert await completion(bench).missing() == 0
    assert [step async for step in completion(bench).stream()] == []


async def test_runs_at_once_share_the_passages_and_none_ends_before_all_have_vectors() -> None:
    bench = await with_texts(1, passages=6 * SHARED_WINDOW)
    embedder = bench.embedder
    assert isinstance(embedder, Recorder)
    steps = dict[int, int]()

    async def run(number: int) -> None:
        async for _ in completion(bench).stream(shared=True):
            steps[number] = steps.get(number, 0) + 1
            await asyncio.sleep(0)
        assert await completion(bench).missing() == 0

    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(run(number))
    texts = [text for call in embedder.calls for text in call if "First" not in text]
    assert len(texts) == 6 * SHARED_WINDOW
    assert min(steps.values()) > 6
    assert not await bench.library.is_claimed()


async def test_it_is_due_while_passages_wait_but_not_at_once_after_a_failure() -> None:
    bench = await with_texts(1)
    vectors = completion(bench)
    assert await vectors.is_due()
    assert isinstance(bench.embedder, Recorder)
    bench.embedder.trouble = EmbedderUnavailable("It is away.")
    with pytest.raises(EmbedderUnavailable):
        _ = [step async for step in vectors.stream(shared=True)]
    assert not await vectors.is_due()
    assert await completion(bench).is_due()
    bench.embedder.trouble = None
    _ = [step async for step in vectors.stream(shared=True)]
    assert not await vectors.is_due()


async def test_a_refused_passage_stays_without_vector_and_its_document_is_named_once() -> None:
    bench = await with_texts(5, passages=20)
    await bench.library.save(a_document("bad.md", "forbidden one\ngood\nforbidden two"))
    steps = [step async for step in completion(bench).stream()]
    refused = [step for step in steps if isinstance(step, FileOutcome)]
    assert [(one.name, one.code) for one in refused] == [("bad.md", "upstream_failed")]
    assert [bool(vector) for vector in bench.stored("bad.md").vectors] == [False, True, False]
    assert await completion(bench).missing() == 2


async def test_a_refused_passage_is_tried_again_by_an_ingestion_and_by_nothing_else() -> None:
    bench = await with_texts(0)
    await bench.library.save(a_document("bad.md", "forbidden\ngood"))
    embedder, added = bench.embedder, completion(bench)
    assert isinstance(embedder, Recorder)
    _ = [step async for step in added.stream(shared=True)]
    assert (await bench.library.document("bad.md")).state is DocumentState.WORDS
    tried = len(embedder.calls)
    assert [step async for step in added.stream(shared=True)] == []
    assert len(embedder.calls) == tried
    tally = Tally()
    await added.run(tally, ignore_report)
    assert [one.name for one in tally.failures] == ["bad.md"]
    assert embedder.calls[tried:] == [["bad.md\nforbidden"]]


async def test_a_document_that_is_refused_whole_stops_no_other() -> None:
    bench = await with_texts(2)
    await bench.library.save(a_document("bad.md", "\n".join(["forbidden"] * 9)))
    steps = [step async for step in completion(bench).stream()]
    assert [step.name for step in steps if isinstance(step, FileOutcome)] == ["bad.md"]
    assert await completion(bench).missing() == 9
    assert (await bench.library.document("1.md")).state is DocumentState.READY


async def test_three_refusals_in_a_row_end_the_run_where_nothing_is_embedded() -> None:
    bench = await with_texts(9)
    assert isinstance(bench.embedder, Recorder)
    bench.embedder.trouble = UpstreamFailed("The provider is gone.")
    added = completion(bench)
    with pytest.raises(UpstreamFailed):
        _ = [step async for step in added.stream()]
    assert added.trouble is bench.embedder.trouble
    assert bench.library.refused == set()
    bench.embedder.trouble = None
    _ = [step async for step in added.stream()]
    assert (added.trouble, await added.missing()) == (None, 0)


async def test_a_shared_run_ends_when_another_adds_the_same_vectors() -> None:
    bench = await with_texts(1, passages=3 * SHARED_WINDOW)
    total = 3 * SHARED_WINDOW + 1
    stream = completion(bench).stream(shared=True)
    assert await anext(stream) == VectorProgress(0, total)
    assert await anext(stream) == VectorProgress(SHARED_SLICE, total)
    first = min(bench.stored("0.md").passage_ids)
    (vector,) = await WordEmbedder().embed_passages(["x"])
    await bench.library.add_vectors({first: vector})
    # The other document ends with the second slice, so that both slices are added.
    assert [step async for step in stream] == []
    assert await completion(bench).missing() == total - SHARED_SLICE - 1


async def test_another_owners_page_waits_for_one_slice_of_a_book() -> None:
    bench = await with_texts(0)
    embedder = bench.embedder
    assert isinstance(embedder, Recorder)
    _ = [step async for step in completion(bench).stream()]
    book = "\n".join(f"Line {number}" for number in range(10 * SHARED_SLICE))
    await bench.library.save(a_document("book.md", book, owner="ann"))
    stream = completion(bench).stream(shared=True)
    for _ in range(3):  # nothing, and two slices
        await anext(stream)
    await bench.library.save(a_document("page.md", "A page.", owner="bob"))
    embedder.calls.clear()
    await anext(stream)
    (call,) = embedder.calls
    assert call == ["page.md\nA page."]
    assert (await bench.library.document("page.md")).state is DocumentState.READY
    assert (await bench.library.document("book.md")).vectors == 2 * SHARED_SLICE
    await bench.library.save(a_document("own.md", "Her own page.", owner="ann"))
    await anext(stream)
    assert (await bench.library.document("own.md")).state is DocumentState.READY
    _ = [step async for step in stream]
    assert await completion(bench).missing() == 0


async def test_a_document_that_is_removed_while_it_waits_is_no_longer_embedded() -> None:
    bench = await with_texts(0)
    embedder = bench.embedder
    assert isinstance(embedder, Recorder)
    await bench.library.save(a_document("book.md", "\n".join("Line" for _ in range(99))))
    stream = completion(bench).stream(shared=True)
    for _ in range(2):
        await anext(stream)
    await bench.library.remove((await bench.library.document("book.md")).ref.document_id)
    embedder.calls.clear()
    _ = [step async for step in stream]
    assert embedder.calls == [["First\n# First"]]


async def test_a_run_ends_where_what_it_has_in_hand_is_gone() -> None:
    bench = await with_texts(0)
    await bench.library.save(a_document("book.md", "\n".join("Line" for _ in range(2 * SLICE))))
    stream = completion(bench).stream()
    for _ in range(2):
        await anext(stream)
    await bench.library.remove((await bench.library.document("book.md")).ref.document_id)
    _ = [step async for step in stream]
    assert not await bench.library.is_claimed()


def test_owners_take_turns_and_each_owners_documents() -> None:
    waiting = [
        WaitingDocument(name, owner, 9 - place)
        for place, (name, owner) in enumerate(
            [
                ("a1", "ann"),
                ("a2", "ann"),
                ("b1", "bob"),
                ("a3", "ann"),
                ("c1", "cy"),
                ("b2", "bob"),
            ]
        )
    ]

    def names(served: dict[tuple[str, ...], int]) -> list[str]:
        return [one.document_id for one in in_turns(waiting, served)]

    assert names({}) == ["a1", "b1", "c1", "a2", "b2", "a3"]
    served = {("ann",): 4, ("ann", "a1"): 4, ("ann", "a3"): 1, ("bob",): 3, ("bob", "b1"): 3}
    assert names(served) == ["c1", "b2", "a2", "b1", "a3", "a1"]
    assert names({}) == names({("dan",): 7})
    waiting[3] = replace(waiting[3], lost=True)
    assert names(served) == ["a3", "c1", "b2", "a2", "b1", "a1"]


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
