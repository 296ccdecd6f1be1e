"""Several files and folders in one ingestion: one summary, and nothing pruned beyond them."""

from collections.abc import Mapping

import pytest

from tests.fakes.sources import MemorySources
from tests.use_cases.knowledge.bench import Bench, outcomes
from use_cases.knowledge.errors import SourceBinary, SourceNotFound, SourceUnreadable
from use_cases.knowledge.model import Change, IngestReport

pytestmark = pytest.mark.anyio

FILES = {
    "/a/README.md": b"# A",
    "/a/policies/leave.md": b"# Leave",
    "/b/README.md": b"# B",
    "/top.md": b"# Top",
}


@pytest.fixture
def bench() -> Bench:
    return Bench(MemorySources(FILES))


async def ingest(
    bench: Bench, *roots: str, prune: bool = False
) -> tuple[Mapping[str, Change], IngestReport]:
    stream = bench.ingestion().stream(*roots, prune=prune)
    return outcomes([item async for item in stream])


async def test_files_and_folders_are_one_run_with_one_report(bench: Bench) -> None:
    changes, report = await ingest(bench, "/a", "/b/", "/top.md")
    assert changes == {
        "/a/README.md": Change.ADDED,
        "/a/policies/leave.md": Change.ADDED,
        "/b/README.md": Change.ADDED,
        "/top.md": Change.ADDED,
    }
    assert report.counts[Change.ADDED] == 4
    assert bench.names() == {"README.md", "policies/leave.md", "top.md"}


async def test_together_they_give_what_they_give_one_by_one(bench: Bench) -> None:
    for root in ("/a", "/b", "/top.md"):
        await ingest(bench, root)
    changes, _ = await ingest(bench, "/top.md", "/b", "/a")
    assert set(changes.values()) == {Change.UNCHANGED}


async def test_a_file_of_two_roots_is_done_once_as_the_first_names_it(bench: Bench) -> None:
    changes, _ = await ingest(bench, "/a/policies", "/a", "/a/README.md", "/a")
    assert changes == {"/a/policies/leave.md": Change.ADDED, "/a/README.md": Change.ADDED}
    assert bench.names() == {"leave.md", "README.md"}


async def test_a_path_that_is_not_there_is_a_failure_and_the_rest_goes_on(bench: Bench) -> None:
    changes, report = await ingest(bench, "/nowhere", "/a", "/no.md")
    assert list(changes.values()) == [Change.FAILED, Change.ADDED, Change.ADDED, Change.FAILED]
    assert [failed.name for failed in report.failures] == ["/nowhere", "/no.md"]
    assert {failed.code for failed in report.failures} == {"source_not_found"}


async def test_a_single_path_that_is_not_there_is_an_error(bench: Bench) -> None:
    with pytest.raises(SourceNotFound):
        await ingest(bench, "/nowhere")


async def test_of_several_a_file_that_is_no_document_is_skipped(bench: Bench) -> None:
    bench.sources.content["/photo.png"] = b"pixels"
    bench.sources.broken["/photo.png"] = SourceBinary("It is an image.")
    changes, _ = await ingest(bench, "/top.md", "/photo.png")
    assert changes == {"/top.md": Change.ADDED, "/photo.png": Change.SKIPPED}
    alone, _ = await ingest(bench, "/photo.png")
    assert alone == {"photo.png": Change.FAILED}


async def test_a_root_that_has_gone_is_not_pruned(bench: Bench) -> None:
    await ingest(bench, "/a", "/b")
    del bench.sources.content["/a/README.md"], bench.sources.content["/a/policies/leave.md"]
    _, report = await ingest(bench, "/a", "/b", prune=True)
    assert report.counts[Change.REMOVED] == 0
    assert "policies/leave.md" in bench.names()


async def test_each_root_is_pruned_by_what_was_seen_of_it(bench: Bench) -> None:
    bench.sources.content["/b/deep/old.md"] = b"# Old"
    await ingest(bench, "/a", "/b")
    del bench.sources.content["/a/policies/leave.md"], bench.sources.content["/b/deep/old.md"]
    bench.sources.broken["/b/deep"] = SourceUnreadable("'deep' cannot be listed.")
    changes, report = await ingest(bench, "/a", "/b", prune=True)
    assert changes["policies/leave.md"] is Change.REMOVED
    assert "deep/old.md" in bench.names()
    assert any(notice.startswith("1 files or folders in '/b'") for notice in report.notices)


async def test_what_two_roots_hold_goes_only_if_neither_is_in_doubt(bench: Bench) -> None:
    await ingest(bench, "/a")
    del bench.sources.content["/a/policies/leave.md"]
    bench.sources.folders.add("/a/policies")  # empty: perhaps on purpose, perhaps not mounted
    _, report = await ingest(bench, "/a", "/a/policies", prune=True)
    assert report.counts[Change.REMOVED] == 0
    changes, _ = await ingest(bench, "/a", prune=True)
    assert changes["policies/leave.md"] is Change.REMOVED


async def test_a_moved_folder_is_noticed_with_the_command_that_removes_the_old_one(
    bench: Bench,
) -> None:
    await ingest(bench, "/a")
    bench.sources.content = {
        "/new place/README.md": b"# A",
        "/new place/policies/leave.md": b"# Leave",
    }
    _, report = await ingest(bench, "/new place")
    assert report.notices == (
        "2 of the added documents are stored from /a too. If that folder was moved or renamed,"
        " remove its documents: candor documents remove --folder /a",
    )
    assert (await ingest(bench, "/new place"))[1].notices == ()


async def test_a_few_equal_files_do_not_make_a_moved_folder(bench: Bench) -> None:
    for number in range(5):
        bench.sources.content[f"/a/{number}.md"] = f"# Page {number}".encode()
    await ingest(bench, "/a")
    bench.sources.content["/other/README.md"] = b"# A"
    assert (await ingest(bench, "/other"))[1].notices == ()
