"""A process that is killed at any moment leaves an index that the next run completes."""

import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.parts import (
    OTHER_EMBEDDER,
    PROCESSES,
    Index,
    Moment,
    ingested,
    reindexed,
    run_ingestion,
    run_killed,
    run_rebuild,
    run_until_embedded,
    write_documents,
)
from tests.faults.snapshots import integrity, snapshot
from tests.patience import PATIENCE
from tests.thoroughness import sample
from use_cases.knowledge.complete_vectors import SLICE
from use_cases.knowledge.model import Change

pytestmark = pytest.mark.anyio

DOCUMENTS = 60


@pytest.mark.exhaustive
async def test_an_ingestion_killed_at_any_moment_is_completed_by_the_next(
    tmp_path: Path,
) -> None:
    root, whole = tmp_path / "documents", tmp_path / "whole.sqlite"
    write_documents(root, DOCUMENTS)
    await ingested(whole, root)
    expected = await snapshot(whole)
    stored_at_death: set[int] = set()
    moments = sample(list(_moments(30)), 9)
    for number, moment in enumerate(moments):
        path = tmp_path / f"killed-{number}.sqlite"
        run_killed(run_ingestion, path, root, moment)
        assert not path.exists() or integrity(path) == "ok"
        report = await ingested(path, root)
        stored_at_death.add(report.counts[Change.UNCHANGED])
        assert sum(report.counts.values()) == DOCUMENTS
        assert report.counts[Change.CHANGED] == report.counts[Change.FAILED] == 0
        assert integrity(path) == "ok"
        assert await snapshot(path) == expected
    assert min(stored_at_death) < DOCUMENTS // 4
    assert max(stored_at_death) > DOCUMENTS * 3 // 4
    assert len(stored_at_death) > len(moments) // 3, "the moments must be spread over the run"


@pytest.mark.exhaustive
async def test_an_ingestion_killed_among_its_vectors_is_found_by_words_and_goes_on(
    tmp_path: Path,
) -> None:
    root, whole = tmp_path / "documents", tmp_path / "whole.sqlite"
    write_documents(root, 2 * DOCUMENTS)
    await ingested(whole, root)
    expected = await snapshot(whole)
    _, passages, *_ = expected.sizes
    for reports, added in ((1, SLICE), (5, 5 * SLICE)):
        path = tmp_path / f"killed-{reports}.sqlite"
        process = PROCESSES.Process(target=run_until_embedded, args=(path, root, reports))
        process.start()
        process.join(timeout=PATIENCE)
        assert process.exitcode == -signal.SIGKILL
        assert integrity(path) == "ok"
        killed = await snapshot(path)
        assert killed.by_words == expected.by_words
        assert killed.sizes[1:3] == (passages, added)
        report = await ingested(path, root)
        assert report.counts[Change.UNCHANGED] == 2 * DOCUMENTS
        assert await snapshot(path) == expected


@pytest.mark.exhaustive
async def test_a_rebuild_killed_at_any_moment_still_answers_and_is_completed_by_the_next(
    tmp_path: Path,
) -> None:
    root, whole, rebuilt = (tmp_path / name for name in ("documents", "whole.db", "rebuilt.db"))
    write_documents(root, DOCUMENTS)
    await ingested(whole, root)
    shutil.copy(whole, rebuilt)
    await reindexed(rebuilt, embedder=OTHER_EMBEDDER)
    expected = await snapshot(rebuilt, OTHER_EMBEDDER)
    assert expected.by_words == (await snapshot(whole)).by_words
    for number, moment in enumerate(sample(list(_moments(10)), 4)):
        path = tmp_path / f"killed-{number}.sqlite"
        shutil.copy(whole, path)
        run_killed(run_rebuild, path, moment)
        assert integrity(path) == "ok"
        assert await _found_by_words(path) == DOCUMENTS
        await reindexed(path, embedder=OTHER_EMBEDDER)
        assert integrity(path) == "ok"
        assert await snapshot(path, OTHER_EMBEDDER) == expected


async def test_two_processes_that_ingest_the_same_folder_end_as_one_does(tmp_path: Path) -> None:
    root = tmp_path / "documents"
    write_documents(root, DOCUMENTS)
    alone, shared = tmp_path / "alone.sqlite", tmp_path / "shared.sqlite"
    await ingested(alone, root)
    processes = [PROCESSES.Process(target=run_ingestion, args=(shared, root)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=PATIENCE)
    assert [process.exitcode for process in processes] == [0, 0]
    assert integrity(shared) == "ok"
    assert await snapshot(shared) == await snapshot(alone)


def _moments(count: int) -> Iterator[Moment]:
    """Random moments of a run: after so many documents were done, and so many seconds more.

    A sixth of them lies before the first document, where the file and its tables are made; the
    others lie one in each of as many equal parts of the run.
    """
    drawn = random.Random(20_260_314)
    early = count // 6
    for _ in range(early):
        yield 0, drawn.random() * 0.3
    for part in range(count - early):
        done = DOCUMENTS * (part + drawn.random()) / (count - early)
        yield 1 + int(done), drawn.random() * 0.01


async def _found_by_words(path: Path) -> int:
    """How many documents full text finds, by words of which every page and table has one."""
    index = Index.at(path)
    try:
        candidates = await index.lanes.matching("page table", limit=4_096)
        found = await index.lanes.passages([one.passage_id for one in candidates])
        return len({passage.document.document_id for passage in found.values()})
    finally:
        await index.database.close()
