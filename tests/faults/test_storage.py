"""A disk that is full, a database that cannot be written, vectors that do not fit."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.parts import (
    OTHER_EMBEDDER,
    CheapEmbedder,
    Index,
    fill,
    ingested,
    ingested_by_nobody,
    reindexed,
    write_documents,
)
from tests.faults.snapshots import Snapshot, integrity, snapshot
from use_cases.kernel.errors import StorageFull, StorageReadOnly
from use_cases.knowledge.errors import DimensionMismatch, EmbedderMismatch
from use_cases.knowledge.model import Change

pytestmark = pytest.mark.anyio


async def test_a_disk_that_fills_up_stops_the_run_and_loses_nothing(
    tmp_path: Path, small_disk: Path
) -> None:
    root, path = tmp_path / "documents", small_disk / "index.sqlite"
    write_documents(root, 20)
    await ingested(path, root)
    before = await snapshot(path)
    write_documents(root, 60)
    index = Index.at(path)
    stream = index.ingest(CheapEmbedder()).stream(str(root))
    await anext(stream)
    fill(small_disk)
    with pytest.raises(StorageFull) as caught:
        await _finish(stream)
    await index.database.close()
    assert "Free some space and run the same command again" in caught.value.hint
    await _completes_once_there_is_room(path, root, before)


async def test_a_disk_that_is_full_already_is_told_as_such(
    tmp_path: Path, small_disk: Path
) -> None:
    root, path = tmp_path / "documents", small_disk / "index.sqlite"
    write_documents(root, 20)
    await ingested(path, root)
    before = await snapshot(path)
    write_documents(root, 60)
    fill(small_disk)
    with pytest.raises(StorageFull):
        await ingested(path, root)
    await _completes_once_there_is_room(path, root, before)


async def _completes_once_there_is_room(path: Path, root: Path, before: Snapshot) -> None:
    (path.parent / "filling").unlink()
    assert integrity(path) == "ok"
    after = await snapshot(path)
    assert set(before.documents) <= set(after.documents)
    report = await ingested(path, root)
    assert report.counts[Change.FAILED] == 0
    whole = root.with_name("whole.sqlite")
    await ingested(whole, root)
    assert await snapshot(path) == await snapshot(whole)


async def test_a_database_that_cannot_be_written_stops_the_run_unchanged(open_folder: Path) -> None:
    root, path = open_folder / "documents", open_folder / "store" / "index.sqlite"
    write_documents(root, 20)
    await ingested(path, root)
    before = await snapshot(path)
    write_documents(root, 25)
    for each in (*path.parent.iterdir(), path.parent):
        each.chmod(0o555)
    error = ingested_by_nobody(path, root)
    path.parent.chmod(0o755)
    assert isinstance(error, StorageReadOnly)
    assert error.hint == "Check the permissions of the file and its folder."
    assert await snapshot(path) == before


async def test_a_vector_of_the_wrong_length_stops_the_run_and_leaves_the_texts(
    tmp_path: Path,
) -> None:
    root, path = tmp_path / "documents", tmp_path / "index.sqlite"
    write_documents(root, 20)
    with pytest.raises(DimensionMismatch) as caught:
        await ingested(path, root, embedder=CheapEmbedder(dimensions=16, given=15))
    assert "15 dimensions where 16 were expected" in caught.value.detail
    assert "candor reindex" in caught.value.hint
    index = Index.at(path)
    found = await index.library.statistics()
    assert (found.documents, found.vectors) == (20, 0)
    await index.database.close()


async def test_the_index_of_another_embedder_is_not_touched(tmp_path: Path) -> None:
    root, path = tmp_path / "documents", tmp_path / "index.sqlite"
    write_documents(root, 20)
    await ingested(path, root)
    before = await snapshot(path)
    write_documents(root, 25)
    other = OTHER_EMBEDDER
    with pytest.raises(EmbedderMismatch) as caught:
        await ingested(path, root, embedder=other)
    assert "candor reindex" in caught.value.hint
    assert await snapshot(path) == before
    await reindexed(path, embedder=other)
    report = await ingested(path, root, embedder=other)
    assert report.counts[Change.UNCHANGED] == 20
    assert report.counts[Change.ADDED] == 5


@pytest.mark.exhaustive
async def test_a_rebuild_by_another_process_stops_a_running_ingestion(tmp_path: Path) -> None:
    root, path = tmp_path / "documents", tmp_path / "index.sqlite"
    write_documents(root, 200)
    other = OTHER_EMBEDDER
    index = Index.at(path)
    stream = index.ingest(CheapEmbedder()).stream(str(root))
    await anext(stream)
    await reindexed(path, embedder=other)
    with pytest.raises(EmbedderMismatch):
        await _finish(stream)
    await index.database.close()
    await ingested(path, root, embedder=other)
    elsewhere = tmp_path / "whole.sqlite"
    await ingested(elsewhere, root, embedder=other)
    assert await snapshot(path, other) == await snapshot(elsewhere, other)


async def _finish(stream: AsyncIterator[object]) -> None:
    async for _ in stream:
        pass
