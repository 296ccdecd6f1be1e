"""Folders: what is found, how old it is, what cannot be read."""

import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.documents.folder_sources import FolderSources
from use_cases.kernel.model import DateOrigin
from use_cases.knowledge.errors import (
    SourceBinary,
    SourceBroken,
    SourceEmpty,
    SourceNotFound,
    SourceTooLarge,
    SourceUnreadable,
)
from use_cases.knowledge.model import SourceFile

pytestmark = pytest.mark.anyio

LIMIT = 100


@pytest.fixture
def sources() -> FolderSources:
    return FolderSources(LIMIT)


def write(path: Path, content: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


async def listed(sources: FolderSources, root: Path) -> list[SourceFile]:
    return [source async for source in sources.files(str(root))]


async def names(sources: FolderSources, root: Path) -> list[str]:
    return [source.name for source in await listed(sources, root)]


@pytest.mark.parametrize(
    ("written", "links", "root", "found"),
    [
        # By name, below the root.
        (["b.md", "a/c.md", "a/b/d.txt", "a.md"], {}, "", ["a.md", "a/b/d.txt", "a/c.md", "b.md"]),
        # Without what is hidden or generated, unless it is the root itself.
        (
            [
                ".env",
                ".git/config",
                "node_modules/a.md",
                "x/__pycache__/a.md",
                "tables.yaml",
                "a.md",
            ],
            {},
            "",
            ["a.md"],
        ),
        ([".notes/a.md"], {}, ".notes", ["a.md"]),
        # Once, however many links lead to it.
        (
            ["z/real.md"],
            {"a.md": "z/real.md", "again": "z", "z/loop": ".", "self": "self"},
            "",
            ["z/real.md"],
        ),
        ([".versions/3/a.md"], {"current": ".versions/3"}, "", ["current/a.md"]),
        # Nothing outside the root.
        (
            ["outside/secret.md", "docs/a.md"],
            {"docs/secret.md": "outside/secret.md", "docs/folder": "outside"},
            "docs",
            ["a.md"],
        ),
    ],
    ids=["names", "hidden", "hidden root", "links", "link to hidden", "outside"],
)
async def test_what_is_found_below_a_root(
    sources: FolderSources,
    tmp_path: Path,
    written: list[str],
    links: dict[str, str],
    root: str,
    found: list[str],
) -> None:
    for name in written:
        write(tmp_path / name)
    for name, target in links.items():
        (tmp_path / name).symlink_to(tmp_path / target)
    assert await names(sources, tmp_path / root) == found


async def test_a_root_may_be_one_file(sources: FolderSources, tmp_path: Path) -> None:
    file = write(tmp_path / "a b.md")
    write(tmp_path / "other.md")
    (source,) = await listed(sources, file)
    assert (source.name, source.uri, source.size) == ("a b.md", file.as_uri(), 4)
    assert sources.root_uri(str(file)) == file.as_uri()


async def test_a_folders_uri_ends_where_its_files_begin(
    sources: FolderSources, tmp_path: Path
) -> None:
    file = write(tmp_path / "docs/a.md")
    assert sources.root_uri(str(tmp_path / "docs")) == (tmp_path / "docs").as_uri() + "/"
    (source,) = await listed(sources, tmp_path / "docs")
    assert source.uri == file.as_uri()


async def test_a_root_that_is_not_there_is_said(sources: FolderSources, tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound):
        await listed(sources, tmp_path / "nowhere")


async def test_pipes_are_no_files(sources: FolderSources, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert await names(sources, tmp_path) == []


async def test_a_name_that_is_not_utf_8_can_be_shown_and_read(
    sources: FolderSources, tmp_path: Path
) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_bytes(b"text")
    (source,) = await listed(sources, tmp_path)
    assert source.name == "caf\ufffd.md"
    assert await sources.read(source) == b"text"


async def test_a_folder_that_cannot_be_listed_is_told_and_the_rest_goes_on(
    sources: FolderSources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "locked/a.md")
    write(tmp_path / "open/b.md")
    locked(monkeypatch, tmp_path / "locked")
    found = await listed(sources, tmp_path)
    assert [source.name for source in found] == ["locked", "open/b.md"]
    with pytest.raises(SourceUnreadable):
        await sources.read(found[0])


async def test_a_root_that_cannot_be_listed_is_said(
    sources: FolderSources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked(monkeypatch, tmp_path)
    with pytest.raises(SourceUnreadable):
        await listed(sources, tmp_path)


async def test_a_file_that_vanished_is_unreadable(sources: FolderSources, tmp_path: Path) -> None:
    file = write(tmp_path / "a.md")
    (source,) = await listed(sources, tmp_path)
    file.unlink()
    with pytest.raises(SourceUnreadable):
        await sources.read(source)


async def test_the_limit_itself_may_be_read_and_a_byte_more_may_not(
    sources: FolderSources, tmp_path: Path
) -> None:
    write(tmp_path / "a.md", "x" * LIMIT)
    write(tmp_path / "b.md", "x" * (LIMIT + 1))
    small, large = await listed(sources, tmp_path)
    assert len(await sources.read(small)) == LIMIT
    with pytest.raises(SourceTooLarge, match="100 bytes"):
        await sources.read(large)


@pytest.mark.parametrize("content", ["", " \n\t\r\n"])
async def test_a_file_without_content_is_empty(
    sources: FolderSources, tmp_path: Path, content: str
) -> None:
    write(tmp_path / "a.md", content)
    (source,) = await listed(sources, tmp_path)
    with pytest.raises(SourceEmpty):
        await sources.read(source)


@pytest.mark.parametrize("name", ["a.JSON", "code/a.py", "a.png", "app.log", "Makefile"])
async def test_what_is_no_document_by_its_name_is_not_even_read(
    sources: FolderSources, tmp_path: Path, name: str
) -> None:
    write(tmp_path / name, "x" * (LIMIT + 1))
    [source] = await listed(sources, tmp_path)
    with pytest.raises(SourceBinary):
        await sources.read(source)


async def test_what_the_ignore_file_names_is_not_found(
    sources: FolderSources, tmp_path: Path
) -> None:
    for name in ("a.md", "drafts/b.md", "old/c.md", "old/keep.md", "notes.txt", "x/notes.txt"):
        write(tmp_path / name)
    write(tmp_path / ".candorignore", "# not yet\ndrafts/\n/notes.txt\nold/*\n!old/keep.md\n")
    assert await names(sources, tmp_path) == ["a.md", "old/keep.md", "x/notes.txt"]


async def test_an_ignored_file_that_is_asked_for_by_name_is_found(
    sources: FolderSources, tmp_path: Path
) -> None:
    write(tmp_path / ".candorignore", "*.md\n")
    write(tmp_path / "a.md")
    assert await names(sources, tmp_path / "a.md") == ["a.md"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a\n!\n"])
async def test_an_ignore_file_that_cannot_be_understood_ends_the_walk(
    sources: FolderSources, tmp_path: Path, content: bytes
) -> None:
    write(tmp_path / "a.md")
    (tmp_path / ".candorignore").write_bytes(content)
    with pytest.raises(SourceBroken, match=r"\.candorignore"):
        await listed(sources, tmp_path)


async def test_the_description_of_tables_is_given_to_tables_only(
    sources: FolderSources, tmp_path: Path
) -> None:
    for name in ("x/a.csv", "x/b.md", "y/c.csv"):
        write(tmp_path / name)
    write(tmp_path / "x/tables.yaml", "a.csv: {}")
    found = await listed(sources, tmp_path)
    assert [await sources.sidecar(source) for source in found] == [b"a.csv: {}", None, None]


async def test_without_git_a_file_has_its_own_date(sources: FolderSources, tmp_path: Path) -> None:
    file = write(tmp_path / "a.md")
    moment = datetime(2025, 6, 7, 12, tzinfo=UTC).timestamp()
    os.utime(file, (moment, moment))
    (source,) = await listed(sources, tmp_path)
    assert (source.modified, source.date_origin) == (date(2025, 6, 7), DateOrigin.FILE)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for name in ("docs/ü old.md", "docs/new.md", "docs/edited.md", "top.md"):
        write(tmp_path / name)
    commit(tmp_path, "2024-01-02")
    write(tmp_path / "docs/new.md", "changed")
    commit(tmp_path, "2026-03-04")
    write(tmp_path / "docs/edited.md", "not committed")
    write(tmp_path / "docs/untracked.md")
    return tmp_path


async def test_committed_files_have_the_date_of_their_last_commit(
    sources: FolderSources, repository: Path
) -> None:
    found = {source.name: source for source in await listed(sources, repository / "docs")}
    dated = {
        name: source.modified
        for name, source in found.items()
        if source.date_origin is DateOrigin.GIT
    }
    assert dated == {"ü old.md": date(2024, 1, 2), "new.md": date(2026, 3, 4)}
    assert found["edited.md"].date_origin is found["untracked.md"].date_origin is DateOrigin.FILE


async def test_one_committed_file_has_the_date_of_its_commit(
    sources: FolderSources, repository: Path
) -> None:
    (source,) = await listed(sources, repository / "docs/new.md")
    assert (source.modified, source.date_origin) == (date(2026, 3, 4), DateOrigin.GIT)


async def test_a_repository_without_commits_dates_nothing(
    sources: FolderSources, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path / "a.md")
    (source,) = await listed(sources, tmp_path)
    assert source.date_origin is DateOrigin.FILE


async def test_without_the_program_git_files_keep_their_own_dates(
    sources: FolderSources, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    found = await listed(sources, repository)
    assert {source.date_origin for source in found} == {DateOrigin.FILE}


def locked(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Make the system refuse to list one folder, for root too (whom permissions do not stop)."""
    listing = os.scandir

    def scandir(path: Path) -> object:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)


def commit(folder: Path, day: str) -> None:
    git(folder, "add", ".")
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    git(folder, *who, "commit", "-qm", "change", day=day)


def git(folder: Path, *arguments: str, day: str = "2024-01-01") -> None:
    moment = f"{day}T12:00:00+00:00"
    environment = {**os.environ, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=environment)
