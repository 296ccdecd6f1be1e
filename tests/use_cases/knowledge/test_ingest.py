import pytest

from tests.fakes.embedder import WordEmbedder
from tests.use_cases.knowledge.bench import ROOT, Bench
from use_cases.knowledge.errors import EmbedderMismatch
from use_cases.knowledge.ingest_stages import Stage, StageReport
from use_cases.knowledge.model import Change, ChunkPolicy, IngestProgress, IngestReport

pytestmark = pytest.mark.anyio

TWO = {"policies/leave.md": "# Leave\n\nTwenty days.", "notes/pump.md": "# Pumps\n\nIn winter."}


@pytest.fixture
async def bench() -> Bench:
    bench = Bench.of(TWO)
    await bench.ingest()
    return bench


async def test_new_files_are_added_with_passages_and_vectors() -> None:
    bench = Bench.of(TWO)
    changes, report = await bench.ingest()
    assert changes == {"policies/leave.md": Change.ADDED, "notes/pump.md": Change.ADDED}
    assert report.passages == 2
    stored = bench.stored("policies/leave.md")
    assert (stored.ref.title, stored.ref.category) == ("Leave", "policies")
    assert len(stored.vectors) == len(stored.passage_ids) == 1
    assert isinstance(bench.embedder, WordEmbedder)
    assert "Leave\n# Leave\n\nTwenty days." in bench.embedder.embedded


async def test_a_second_run_changes_nothing_and_embeds_nothing(bench: Bench) -> None:
    before = dict(bench.library.stored)
    bench.embedder = WordEmbedder()
    changes, report = await bench.ingest()
    assert set(changes.values()) == {Change.UNCHANGED}
    assert report.passages == 0
    assert bench.embedder.embedded == []
    assert bench.library.stored == before


async def test_a_changed_file_replaces_its_document_and_keeps_the_old_text(bench: Bench) -> None:
    first = bench.stored("notes/pump.md").ref
    bench.write("notes/pump.md", "# Pumps\n\nIn spring.")
    changes, _ = await bench.ingest()
    assert changes == {"policies/leave.md": Change.UNCHANGED, "notes/pump.md": Change.CHANGED}
    second = bench.stored("notes/pump.md").ref
    assert second.document_id == first.document_id
    assert await bench.library.text(first.document_id, first.version_id) == "# Pumps\n\nIn winter."
    assert (
        await bench.library.text(second.document_id, second.version_id) == "# Pumps\n\nIn spring."
    )


async def test_progress_counts_up_to_the_total_and_the_report_comes_last() -> None:
    bench = Bench.of(TWO)
    items = [item async for item in bench.ingestion().stream(ROOT)]
    steps = [item for item in items if isinstance(item, IngestProgress)]
    assert [(step.done, step.total) for step in steps] == [(1, 2), (2, 2)]
    assert len(items) == 3


async def test_who_watches_sees_every_stage_of_a_large_document() -> None:
    sections = (f"# Section {number}\n\n{'Some text. ' * 60}" for number in range(150))
    bench = Bench.of({"book.md": "\n\n".join(sections)})
    told: list[StageReport] = []
    report = [item async for item in bench.ingestion().stream(ROOT, watch=told.append)][-1]
    assert isinstance(report, IngestReport)
    assert report.passages == 150
    assert told == [
        StageReport(stage=Stage.FOUND, documents=1),
        StageReport(stage=Stage.READING, name="book.md"),
        StageReport(stage=Stage.CUTTING, name="book.md"),
        StageReport(stage=Stage.SAVING, name="book.md"),
        StageReport(stage=Stage.STARTING_MODEL, total=150),
        *(StageReport(stage=Stage.EMBEDDING, done=done, total=150) for done in (64, 128, 150)),
    ]


async def test_all_texts_are_stored_before_the_first_vector() -> None:
    bench = Bench.of(TWO)
    stored_at: list[int] = []

    def watch(report: StageReport) -> None:
        if report.stage in (Stage.STARTING_MODEL, Stage.EMBEDDING):
            stored_at.append(len(bench.library.stored))

    async for _ in bench.ingestion().stream(ROOT, watch=watch):
        pass
    assert stored_at == [2, 2]


async def test_without_waiting_texts_are_stored_and_the_next_run_adds_the_vectors() -> None:
    bench = Bench.of(TWO)
    *_, report = [item async for item in bench.ingestion().stream(ROOT, wait=False)]
    assert isinstance(report, IngestReport)
    assert report.notices == (
        "No vectors yet for 2 passages: search goes by full text alone there, until a running"
        " server or the next ingestion has added them.",
    )
    assert isinstance(bench.embedder, WordEmbedder)
    assert bench.embedder.embedded == []
    changes, report = await bench.ingest()
    assert set(changes.values()) == {Change.UNCHANGED}
    assert report.notices == ()
    assert len(bench.embedder.embedded) == 2
    assert (await bench.library.statistics()).vectors == 2
    *_, report = [item async for item in bench.ingestion().stream(ROOT, wait=False)]
    assert isinstance(report, IngestReport)
    assert report.notices == ()


async def test_a_rebuild_tells_its_stages_too(bench: Bench) -> None:
    told: list[StageReport] = []
    async for _ in bench.rebuilding().stream(fresh=True, watch=told.append):
        pass
    stages = [report.stage for report in told]
    assert stages[0] is Stage.FOUND
    assert set(stages) == set(Stage) - {Stage.CUTTING}
    assert told[0].documents == 2


async def test_a_single_file_can_be_ingested_and_leaves_its_neighbours_alone() -> None:
    bench = Bench.of({"a.md": "One.", "a.md.bak": "Two."})
    await bench.ingest()
    changes, _ = await bench.ingest(f"{ROOT}/a.md", prune=True)
    assert changes == {"a.md": Change.UNCHANGED}
    assert bench.names() == {"a.md", "a.md.bak"}


async def test_a_category_by_hand_wins_and_is_a_change(bench: Bench) -> None:
    changes, _ = await bench.ingest(category="runbooks")
    assert set(changes.values()) == {Change.CHANGED}
    assert bench.stored("policies/leave.md").ref.category == "runbooks"


async def test_a_new_description_beside_a_table_is_a_change() -> None:
    bench = Bench.of({"stock.csv": "part,stock"})
    await bench.ingest()
    bench.write("tables.yaml", "stock: parts in store")
    changes, _ = await bench.ingest()
    assert changes["stock.csv"] is Change.CHANGED


async def test_another_way_of_cutting_is_refused(bench: Bench) -> None:
    bench.chunks = ChunkPolicy(passage_characters=400)
    with pytest.raises(EmbedderMismatch):
        await bench.ingest()


async def test_a_run_that_is_left_keeps_what_was_stored_and_the_next_completes_it() -> None:
    files = {f"{number:03}.md": f"# Page {number}\n\nText {number}." for number in range(30)}
    bench = Bench.of(files)
    stream = bench.ingestion().stream(ROOT)
    await anext(stream)
    await stream.aclose()
    begun = bench.names()
    assert 0 < len(begun) < 30
    changes, _ = await bench.ingest()
    assert {name for name, change in changes.items() if change is Change.UNCHANGED} == begun
    assert bench.names() == set(files)
    assert all(found.vectors for found in bench.library.stored.values())


async def test_the_report_tells_the_seconds() -> None:
    bench = Bench.of(TWO)
    stream = bench.ingestion().stream(ROOT)
    await anext(stream)
    bench.clock.move(2.5)
    *_, report = [item async for item in stream]
    assert not isinstance(report, IngestProgress)
    assert report.seconds == 2.5
