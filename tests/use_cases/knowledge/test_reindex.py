from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import Stored
from tests.fakes.plain_reader import PlainReader
from tests.fakes.sources import MemorySources
from tests.use_cases.knowledge.bench import ROOT, Bench
from use_cases.kernel.errors import StorageFull, UpstreamFailed
from use_cases.kernel.model import DateOrigin
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.model import Change, ChunkPolicy, IndexIdentity, ParsedDocument, SourceFile

pytestmark = pytest.mark.anyio

TWO = {"policies/leave.md": "# Leave\n\nTwenty days.", "notes/pump.md": "# Pumps\n\nIn winter."}


@pytest.fixture
async def bench() -> Bench:
    bench = Bench.of(TWO)
    await bench.ingest()
    return bench


def lengths_of(found: Stored) -> tuple[int, ...]:
    return tuple(len(one.vector) for one in found.vectors if one is not None)


async def test_another_embedder_takes_the_place_of_the_first(bench: Bench) -> None:
    bench.embedder = WordEmbedder("fake:others", 32)
    changes, report = await bench.reindex()
    assert changes == {"policies/leave.md": Change.CHANGED, "notes/pump.md": Change.CHANGED}
    assert report.notices == ()
    assert bench.library.identity == IndexIdentity("fake:others", 32, "structure-1:800:1600")
    assert {lengths_of(found) for found in bench.library.stored.values()} == {(128,)}
    assert all(len(found.versions) == 1 for found in bench.library.stored.values())


async def test_after_it_an_ingestion_finds_nothing_to_do(bench: Bench) -> None:
    bench.embedder = WordEmbedder("fake:others")
    await bench.reindex()
    changes, _ = await bench.ingest()
    assert set(changes.values()) == {Change.UNCHANGED}


async def test_another_way_of_cutting_cuts_anew() -> None:
    bench = Bench.of({"long.md": "Word. " * 200})
    await bench.ingest()
    assert len(bench.stored("long.md").passage_ids) == 2
    bench.chunks = ChunkPolicy(passage_characters=300)
    await bench.reindex()
    assert len(bench.stored("long.md").passage_ids) > 3


async def test_a_category_given_by_hand_is_kept() -> None:
    bench = Bench.of(TWO)
    await bench.ingest(category="runbooks")
    bench.embedder = WordEmbedder("fake:others")
    await bench.reindex()
    assert bench.stored("policies/leave.md").ref.category == "runbooks"
    changes, _ = await bench.ingest(category="runbooks")
    assert set(changes.values()) == {Change.UNCHANGED}


async def test_a_document_keeps_the_name_and_root_it_was_ingested_under(bench: Bench) -> None:
    await bench.reindex()
    assert bench.names() == {"policies/leave.md", "notes/pump.md"}
    assert bench.stored("policies/leave.md").prepared.root == f"file://{ROOT}/"


async def test_an_upload_is_read_again_from_its_bytes() -> None:
    bench = Bench.of({})
    await bench.upload().run("a.md", b"# Leave\n\nTwenty days.", category="policies")
    before = bench.stored("a.md").ref
    bench.embedder = WordEmbedder("fake:others", 32)
    bench.clock.move(86_400)
    changes, _ = await bench.reindex()
    assert changes == {"a.md": Change.CHANGED}
    assert bench.stored("a.md").ref == before
    assert lengths_of(bench.stored("a.md")) == (128,)
    again = await bench.upload().run("a.md", b"# Leave\n\nTwenty days.", category="policies")
    assert again.change is Change.UNCHANGED


async def test_a_document_without_its_source_keeps_its_text_and_is_told(bench: Bench) -> None:
    bench.delete("notes/pump.md")
    changes, report = await bench.reindex()
    assert changes == {"policies/leave.md": Change.CHANGED, "notes/pump.md": Change.FAILED}
    assert report.failures[0].code == "source_unreadable"
    assert report.failures[0].hint
    assert report.notices == (
        "1 document could not be rebuilt; the stored text and passages stay.",
    )
    assert bench.stored("notes/pump.md").prepared.text == "# Pumps\n\nIn winter."
    assert len(bench.stored("notes/pump.md").vectors) == 1


async def test_an_interrupted_rebuild_goes_on_where_it_stopped() -> None:
    bench = Bench.of({f"{number:03}.md": f"# P{number}\n\nText {number}." for number in range(30)})
    await bench.ingest()
    bench.embedder = WordEmbedder("fake:others")
    stream = bench.rebuilding().stream()
    await anext(stream)
    await stream.aclose()
    done = sum(bool(found.content_hash) for found in bench.library.stored.values())
    assert 0 < done < 30
    changes, report = await bench.reindex()
    assert len(changes) == 30 - done
    assert report.notices == (
        f"{done} documents were up to date and skipped; --fresh rebuilds all.",
    )
    assert all(found.vectors for found in bench.library.stored.values())


async def test_a_fresh_rebuild_does_all(bench: Bench) -> None:
    bench.delete("notes/pump.md")
    await bench.reindex()
    changes, _ = await bench.reindex()
    assert changes == {"notes/pump.md": Change.FAILED}
    changes, _ = await bench.reindex(fresh=True)
    assert changes == {"policies/leave.md": Change.CHANGED, "notes/pump.md": Change.FAILED}


@pytest.mark.parametrize(
    "trouble", [EmbedderUnavailable("No weights."), UpstreamFailed("The provider answered 401.")]
)
async def test_an_embedder_that_does_not_work_gives_nothing_up(
    bench: Bench, trouble: EmbedderUnavailable | UpstreamFailed
) -> None:
    before = dict(bench.library.stored)
    bench.embedder = broken = WordEmbedder("fake:others")
    broken.trouble = trouble
    with pytest.raises(type(trouble)):
        await bench.reindex()
    assert bench.library.stored == before


async def test_without_an_embedder_there_is_nothing_to_rebuild_with(bench: Bench) -> None:
    before = dict(bench.library.stored)
    bench.embedder = None
    with pytest.raises(EmbedderUnavailable, match="nothing was changed"):
        await bench.reindex()
    assert bench.library.stored == before


async def test_an_embedder_that_goes_away_on_the_way_ends_the_run_and_it_can_be_resumed(
    bench: Bench,
) -> None:
    bench.embedder = embedder = WordEmbedder("fake:others")
    stream = bench.rebuilding().stream()
    await anext(stream)
    embedder.trouble = EmbedderUnavailable("The provider does not answer.")
    with pytest.raises(EmbedderUnavailable):
        _ = [item async for item in stream]
    embedder.trouble = None
    changes, report = await bench.reindex()
    assert changes == {}
    assert report.notices == ("2 documents were up to date and skipped; --fresh rebuilds all.",)
    assert all(found.vectors for found in bench.library.stored.values())


async def test_a_document_removed_meanwhile_is_passed_over() -> None:
    bench = Bench.of({f"{number:03}.md": f"# P{number}\n\nText {number}." for number in range(30)})
    await bench.ingest()
    stream = bench.rebuilding().stream()
    await anext(stream)
    await bench.library.remove(bench.stored("029.md").ref.document_id)
    changes = [item async for item in stream]
    assert len(changes) == 29  # 28 documents after the first, and the report
    assert "029.md" not in bench.names()


async def test_an_upload_without_its_bytes_is_told() -> None:
    bench = Bench.of({})
    await bench.upload().run("a.md", b"One.")
    await bench.reindex()
    number, stored = next(iter(bench.library.stored.items()))
    without = replace(stored, prepared=replace(stored.prepared, original=None))
    bench.library.stored[number] = without
    _, report = await bench.reindex()
    assert report.failures[0].reason == "The uploaded file was not kept."
    assert report.failures[0].hint == "Upload it again."


async def test_a_file_that_did_not_change_keeps_its_date(bench: Bench) -> None:
    bench.sources.modified = date(2026, 5, 5)
    await bench.reindex()
    assert bench.stored("notes/pump.md").ref.updated == date(2026, 1, 2)


async def test_a_file_that_changed_has_its_new_date_and_text(bench: Bench) -> None:
    bench.sources.modified = date(2026, 5, 5)
    bench.write("notes/pump.md", "# Pumps\n\nIn spring.")
    await bench.reindex()
    assert bench.stored("notes/pump.md").ref.updated == date(2026, 5, 5)
    assert bench.stored("notes/pump.md").prepared.text == "# Pumps\n\nIn spring."
    assert bench.stored("policies/leave.md").ref.updated == date(2026, 1, 2)


async def test_a_date_that_is_no_longer_stated_is_the_files(bench: Bench) -> None:
    number, stored = next(iter(bench.library.stored.items()))
    stated = replace(stored.ref, updated=date(2020, 1, 1), date_origin=DateOrigin.STATED)
    bench.library.stored[number] = replace(stored, ref=stated)
    await bench.reindex()
    found = bench.stored(stored.ref.name).ref
    assert (found.updated, found.date_origin) == (date(2026, 1, 2), DateOrigin.FILE)


async def test_a_date_that_is_stated_is_kept_without_asking_the_file() -> None:
    bench = Bench.of(TWO)
    use_case = bench.rebuilding(DatedReader())
    await bench.ingest()
    async for _ in use_case.stream():
        pass
    found = bench.stored("notes/pump.md").ref
    assert (found.updated, found.date_origin) == (date(2025, 7, 1), DateOrigin.STATED)


async def test_a_file_that_becomes_a_folder_on_the_way_is_told(bench: Bench) -> None:
    bench.write("notes/pump.md", "# Pumps\n\nIn spring.")
    bench.sources = Vanishing(bench.sources.content)
    _, report = await bench.reindex()
    assert [(one.name, one.code) for one in report.failures] == [
        ("notes/pump.md", "source_not_found")
    ]


class DatedReader(PlainReader):
    """States a date for every document."""

    async def parse(
        self,
        name: str,
        content: bytes,
        description: bytes | None = None,
        *,
        chunks: ChunkPolicy | None = None,
    ) -> ParsedDocument:
        parsed = await super().parse(name, content, description, chunks=chunks)
        return replace(parsed, stated=replace(parsed.stated, updated=date(2025, 7, 1)))


class Vanishing(MemorySources):
    """Gives files to read, and none to list."""

    async def files(self, root: str) -> AsyncIterator[SourceFile]:
        for file in ():
            yield file


async def test_what_concerns_everything_ends_a_rebuild_while_reading_too(bench: Bench) -> None:
    bench.sources.broken[f"{ROOT}/notes/pump.md"] = StorageFull("Full.")
    with pytest.raises(StorageFull):
        await bench.reindex()
