"""Files that cannot be read, each for its own reason, and the folder around them."""

import shutil
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from pypdf import PdfWriter

from tests.faults.parts import (
    CheapEmbedder,
    Index,
    failure,
    ingested,
    ingested_by_nobody,
    write_documents,
)
from tests.faults.snapshots import integrity, snapshot
from use_cases.knowledge.errors import SourceNotFound
from use_cases.knowledge.model import Change, FileOutcome, IngestReport

pytestmark = pytest.mark.anyio

GOOD = 6


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    write_documents(folder, GOOD)
    return folder


async def _bad(tmp_path: Path, root: Path, name: str, content: bytes) -> FileOutcome:
    """What is told of the one bad file, after everything else was stored."""
    (root / name).write_bytes(content)
    report = await ingested(tmp_path / "index.sqlite", root)
    assert report.counts[Change.ADDED] == GOOD
    (told,) = [*report.failures, *report.skipped]
    assert told.name == name
    return told


async def test_a_missing_root_is_an_error_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound) as caught:
        await ingested(tmp_path / "index.sqlite", tmp_path / "nowhere")
    assert caught.value.hint == "Check the path."
    assert not (tmp_path / "index.sqlite").exists()


async def test_an_empty_file_is_told(tmp_path: Path, root: Path) -> None:
    outcome = await _bad(tmp_path, root, "empty.md", b"")
    assert (outcome.change, outcome.code) == (Change.SKIPPED, "source_empty")
    assert outcome.hint


@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx"])
async def test_a_truncated_file_is_told(tmp_path: Path, root: Path, kind: str) -> None:
    whole = {"pdf": _pdf(), "docx": _docx(), "xlsx": _xlsx()}[kind]
    outcome = await _bad(tmp_path, root, f"cut.{kind}", whole[: len(whole) // 2])
    assert outcome.code == "source_broken"
    assert outcome.hint


async def test_an_encrypted_pdf_is_told(tmp_path: Path, root: Path) -> None:
    outcome = await _bad(tmp_path, root, "secret.pdf", _pdf(password="hunter2"))
    assert outcome.code == "source_broken"
    assert outcome.hint
    assert "password" in f"{outcome.reason} {outcome.hint}"


async def test_a_huge_sparse_file_is_refused_before_it_is_read(tmp_path: Path, root: Path) -> None:
    with (root / "huge.md").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    report = await ingested(tmp_path / "index.sqlite", root)
    assert report.counts[Change.ADDED] == GOOD
    outcome = failure(report, "huge.md")
    assert outcome.code == "source_too_large"
    assert outcome.hint == "Split it, or raise MAX_FILE_MB."


async def test_loops_of_links_end(tmp_path: Path, root: Path) -> None:
    (root / "again").symlink_to(root, target_is_directory=True)
    (root / "one").symlink_to(root / "two")
    (root / "two").symlink_to(root / "one")
    report = await ingested(tmp_path / "index.sqlite", root)
    assert report.counts[Change.ADDED] == GOOD
    assert report.counts[Change.FAILED] == 0


async def test_a_folder_that_disappears_on_the_way_loses_nothing_stored(
    tmp_path: Path, root: Path
) -> None:
    path = tmp_path / "index.sqlite"
    await ingested(path, root)
    before = await snapshot(path)
    write_documents(root / "zz-later", 3)
    index = Index.at(path)
    report = None
    async for item in index.ingest(CheapEmbedder()).stream(str(root), prune=True):
        shutil.rmtree(root, ignore_errors=True)
        if isinstance(item, IngestReport):
            report = item
    await index.database.close()
    assert report is not None
    assert report.counts[Change.REMOVED] == 0
    assert {outcome.code for outcome in report.failures} <= {"source_unreadable"}
    after = await snapshot(path)
    assert set(before.documents) <= set(after.documents)


async def test_a_root_that_has_vanished_prunes_nothing(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "index.sqlite"
    await ingested(path, root)
    before = await snapshot(path)
    shutil.rmtree(root)
    with pytest.raises(SourceNotFound):
        await ingested(path, root, prune=True)
    assert await snapshot(path) == before


async def test_what_may_not_be_opened_is_told_and_nothing_is_pruned(open_folder: Path) -> None:
    root, path = open_folder / "documents", open_folder / "index.sqlite"
    write_documents(root, GOOD)
    ingested_by_nobody(path, root)
    before = await snapshot(path)
    (root / "policies" / "page-0.md").chmod(0)
    (root / "domain").chmod(0)
    try:
        report = ingested_by_nobody(path, root)
    finally:
        (root / "domain").chmod(0o755)
        (root / "policies" / "page-0.md").chmod(0o644)
    assert isinstance(report, IngestReport)
    assert {(outcome.name, outcome.code) for outcome in report.failures} == {
        ("domain", "source_unreadable"),
        ("policies/page-0.md", "source_unreadable"),
    }
    assert all(outcome.hint for outcome in report.failures)
    assert report.counts[Change.REMOVED] == 0
    assert any("none of the 2 documents" in notice for notice in report.notices)
    assert await snapshot(path) == before
    assert integrity(path) == "ok"


def _pdf(password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _docx() -> bytes:
    document = docx.Document()
    document.add_paragraph("The pump is serviced every winter.")
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _xlsx() -> bytes:
    buffer = BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()
