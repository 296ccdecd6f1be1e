import struct
from collections.abc import Sequence

import pytest

from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import MemoryLibrary
from tests.use_cases.knowledge.bench import ROOT, Bench
from use_cases.kernel.errors import (
    CandorError,
    InvalidInput,
    RateLimited,
    StorageFull,
    StorageReadOnly,
    TooLarge,
    UpstreamTimeout,
)
from use_cases.kernel.model import Vector
from use_cases.knowledge.errors import DimensionMismatch, EmbedderUnavailable, SourceUnreadable
from use_cases.knowledge.model import Change, PreparedDocument, Saved

pytestmark = pytest.mark.anyio

THREE = {"a.md": "One.", "b.md": "Two.", "c.md": "Three."}


@pytest.fixture
async def bench() -> Bench:
    bench = Bench.of(THREE)
    await bench.ingest()
    return bench


class Choosy(WordEmbedder):
    """Refuses texts that hold one of these words."""

    def __init__(self, error: CandorError, *words: str) -> None:
        super().__init__()
        self._error = error
        self._words = words

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        if any(word in text for word in self._words for text in texts):
            raise self._error
        return await super().embed_documents(texts)


class FailingLibrary(MemoryLibrary):
    """Fails when the document of this name is saved."""

    def __init__(self, name: str, error: CandorError) -> None:
        super().__init__()
        self._name = name
        self._error = error

    async def save(self, document: PreparedDocument) -> Saved:
        if document.name == self._name:
            raise self._error
        return await super().save(document)


async def test_a_broken_file_is_reported_and_the_rest_goes_on() -> None:
    bench = Bench.of(THREE | {"b.md": "%PDF- but not really"})
    changes, report = await bench.ingest()
    assert changes == {"a.md": Change.ADDED, "b.md": Change.FAILED, "c.md": Change.ADDED}
    assert [(one.name, one.code, one.reason) for one in report.failures] == [
        ("b.md", "source_broken", "The fake reads no PDF.")
    ]
    assert report.failures[0].hint
    assert report.notices == ()


async def test_a_file_that_fails_keeps_its_stored_version_and_that_is_said(bench: Bench) -> None:
    bench.write("b.md", "%PDF- but not really")
    _, report = await bench.ingest()
    assert report.failures[0].code == "source_broken"
    assert report.notices == ("1 of the failed files keeps its stored version.",)
    assert bench.stored("b.md").prepared.text == "Two."


async def test_what_is_no_document_or_holds_no_text_is_skipped_and_named() -> None:
    bench = Bench.of(THREE | {"b.md": "", "d.bin": "\0\0"})
    changes, report = await bench.ingest()
    assert changes == {
        "a.md": Change.ADDED,
        "b.md": Change.SKIPPED,
        "c.md": Change.ADDED,
        "d.bin": Change.SKIPPED,
    }
    assert [(one.name, one.code, one.reason) for one in report.skipped] == [
        ("b.md", "source_empty", "/data/docs/b.md is empty."),
        ("d.bin", "source_binary", "The file holds zero bytes."),
    ]
    assert all(one.hint for one in report.skipped)
    assert report.failures == ()
    assert report.notices == ()


async def test_a_file_that_is_asked_for_by_name_is_not_skipped_but_fails() -> None:
    bench = Bench.of(THREE | {"d.bin": "\0\0"})
    changes, report = await bench.ingest(f"{ROOT}/d.bin")
    assert changes == {"d.bin": Change.FAILED}
    assert report.failures[0].code == "source_binary"


async def test_a_stored_file_that_is_skipped_has_not_gone(bench: Bench) -> None:
    bench.write("b.md", "")
    changes, report = await bench.ingest(prune=True)
    assert changes["b.md"] is Change.SKIPPED
    assert report.counts[Change.REMOVED] == 0
    assert report.notices == ("1 of the skipped files keeps its stored version.",)
    assert bench.stored("b.md").prepared.text == "Two."


async def test_a_text_that_the_embedder_refuses_is_stored_and_reported() -> None:
    bench = Bench.of(THREE)
    bench.embedder = Choosy(TooLarge("Too many tokens."), "Two")
    changes, report = await bench.ingest()
    assert set(changes.values()) == {Change.ADDED}
    assert [(one.name, one.code) for one in report.failures] == [("b.md", "too_large")]
    assert [bool(any(bench.stored(name).vectors)) for name in THREE] == [True, False, True]


async def test_two_refused_texts_with_others_between_do_not_end_the_run() -> None:
    bench = Bench.of({f"{number}.md": f"Text {number}." for number in range(9)})
    bench.embedder = Choosy(UpstreamTimeout("No answer."), "Text 1", "Text 2", "Text 5", "Text 6")
    _, report = await bench.ingest()
    assert len(report.failures) == 4


async def test_a_rate_limit_ends_the_run() -> None:
    bench = Bench.of(THREE)
    bench.embedder = Choosy(RateLimited("Slow down.", retry_after=20), "One")
    with pytest.raises(RateLimited) as caught:
        await bench.ingest()
    assert caught.value.retry_after == 20


@pytest.mark.parametrize("error", [StorageFull("Full."), StorageReadOnly("Read only.")])
async def test_trouble_with_the_storage_ends_the_run_and_keeps_what_came_before(
    error: CandorError,
) -> None:
    bench = Bench.of(THREE)
    bench.library = FailingLibrary("b.md", error)
    with pytest.raises(type(error)) as caught:
        await bench.ingest()
    assert caught.value is error
    assert bench.names() == {"a.md"}


async def test_a_document_that_the_library_refuses_fails_alone() -> None:
    bench = Bench.of(THREE)
    bench.library = FailingLibrary("b.md", InvalidInput("Too many columns."))
    changes, report = await bench.ingest()
    assert changes == {"a.md": Change.ADDED, "b.md": Change.FAILED, "c.md": Change.ADDED}
    assert report.failures[0].reason == "Too many columns."


async def test_vectors_of_a_wrong_length_end_the_run() -> None:
    class Short(WordEmbedder):
        async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
            return [struct.pack("<3f", 1, 0, 0) for _ in texts]

    bench = Bench.of(THREE)
    bench.embedder = Short()
    with pytest.raises(DimensionMismatch) as caught:
        await bench.ingest()
    assert "3 dimensions where 64 were expected" in caught.value.detail
    assert (await bench.library.statistics()).vectors == 0


async def test_too_few_vectors_are_the_embedders_failure() -> None:
    class Forgetful(WordEmbedder):
        async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
            return (await super().embed_documents(texts))[1:]

    bench = Bench.of({"a.md": "One."})
    bench.embedder = Forgetful()
    _, report = await bench.ingest()
    assert report.failures[0].code == "upstream_failed"
    assert report.failures[0].reason == "fake:words gave 0 vectors for 1 texts."


async def test_without_an_embedder_documents_are_stored_for_full_text() -> None:
    bench = Bench.of(THREE)
    bench.embedder = None
    changes, report = await bench.ingest()
    assert set(changes.values()) == {Change.ADDED}
    assert report.notices == (
        "No vectors for 3 passages: no embedder is configured. Search goes by full text alone there.",
    )
    changes, report = await bench.ingest()
    assert set(changes.values()) == {Change.UNCHANGED}


async def test_an_embedder_that_goes_away_leaves_the_rest_to_full_text() -> None:
    bench = Bench.of(THREE)
    bench.embedder = Choosy(EmbedderUnavailable("The weights are not installed."), "One")
    changes, report = await bench.ingest()
    assert set(changes.values()) == {Change.ADDED}
    assert bench.stored("c.md").vectors == ()
    assert ": the weights are not installed." in report.notices[0]


async def test_a_later_run_with_an_embedder_fills_the_vectors_in() -> None:
    bench = Bench.of(THREE)
    bench.embedder = None
    await bench.ingest()
    bench.embedder = WordEmbedder()
    changes, report = await bench.ingest()
    assert set(changes.values()) == {Change.UNCHANGED}
    assert report.notices == ()
    assert len(bench.stored("c.md").vectors) == 1
    assert len(bench.stored("c.md").versions) == 1


async def test_a_run_without_an_embedder_keeps_the_vectors_of_unchanged_documents(
    bench: Bench,
) -> None:
    bench.embedder = None
    bench.write("b.md", "Two and a half.")
    changes, _ = await bench.ingest()
    assert changes["a.md"] is Change.UNCHANGED
    assert changes["b.md"] is Change.CHANGED
    assert len(bench.stored("a.md").vectors) == 1
    assert bench.stored("b.md").vectors == ()


async def test_only_pruning_removes_what_has_gone(bench: Bench) -> None:
    bench.delete("b.md")
    await bench.ingest()
    assert bench.names() == {"a.md", "b.md", "c.md"}
    changes, report = await bench.ingest(prune=True)
    assert changes == {
        "a.md": Change.UNCHANGED,
        "c.md": Change.UNCHANGED,
        "b.md": Change.REMOVED,
    }
    assert report.notices == ()
    assert bench.names() == {"a.md", "c.md"}


async def test_pruning_leaves_other_roots_and_uploads_alone() -> None:
    bench = Bench.of(THREE)
    bench.sources.content["/data/docs-2/z.md"] = b"Other."
    await bench.ingest("/data/docs-2")
    await bench.upload().run("up.md", b"Uploaded.")
    await bench.ingest()
    bench.delete("a.md")
    await bench.ingest(prune=True)
    assert bench.names() == {"b.md", "c.md", "z.md", "up.md"}


async def test_an_empty_root_prunes_nothing_and_says_so(bench: Bench) -> None:
    bench.sources.content.clear()
    bench.sources.folders.add(ROOT)
    _, report = await bench.ingest(prune=True)
    assert bench.names() == {"a.md", "b.md", "c.md"}
    assert report.notices == (
        "No file was found in '/data/docs', so none of its 3 stored documents was removed. If the"
        " folder is empty on purpose, remove them: candor documents remove --folder /data/docs",
    )


async def test_a_folder_that_cannot_be_listed_prunes_nothing_and_that_is_said() -> None:
    bench = Bench.of(THREE | {"deep/d.md": "Four."})
    await bench.ingest()
    bench.delete("deep/d.md")
    bench.sources.broken[f"{ROOT}/deep"] = SourceUnreadable("'deep' cannot be listed.")
    _, report = await bench.ingest(prune=True)
    assert "deep/d.md" in bench.names()
    assert report.notices == (
        "1 files or folders in '/data/docs' could not be opened, so none of the 1 documents that"
        " seem to have gone was removed.",
    )


async def test_a_document_that_another_process_removed_counts_as_removed(bench: Bench) -> None:
    bench.delete("b.md")
    stream = bench.ingestion().stream(ROOT, prune=True)
    await anext(stream)
    await bench.library.remove(bench.stored("b.md").ref.document_id)
    *_, report = [item async for item in stream]
    assert bench.names() == {"a.md", "c.md"}
    assert report


async def test_what_concerns_everything_ends_the_run_while_reading_too() -> None:
    bench = Bench.of(THREE)
    bench.sources.broken[f"{ROOT}/b.md"] = StorageFull("Full.")
    with pytest.raises(StorageFull):
        await bench.ingest()
