"""The file itself: transactions, other processes, and everything that can be wrong with it."""

# ruff: noqa: ASYNC240  (these tests prepare files; nothing else waits for their event loop)

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from services.index.sqlite.connection import Connection
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from tests.fakes.documents import a_document, identity_of
from use_cases.kernel.errors import (
    NewerDatabase,
    StorageBusy,
    StorageDamaged,
    StorageFull,
    StorageGone,
)

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "knowledge.sqlite"


def raw(path: Path) -> Connection:
    """Another program on the same file."""
    return Connection(path.as_uri(), apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)


async def filled(path: Path) -> None:
    """A database with one document."""
    database = KnowledgeDatabase(path)
    library = SqliteLibrary(database)
    await library.prepare(identity_of(None))
    await library.save(a_document("a.md", "apple"))
    await database.close()


async def test_the_file_and_its_folder_are_made_by_the_first_write(path: Path) -> None:
    database = KnowledgeDatabase(path)
    assert (await SqliteLibrary(database).statistics()).documents == 0
    assert not path.parent.exists()
    await database.write(lambda connection: None)
    assert path.exists()
    await database.close()


async def test_it_can_be_used_again_after_closing(path: Path) -> None:
    await filled(path)
    database = KnowledgeDatabase(path)
    assert (await SqliteLibrary(database).statistics()).documents == 1
    await database.close()
    await database.close()
    assert (await SqliteLibrary(database).statistics()).documents == 1
    await database.close()


async def test_closing_leaves_one_file(path: Path) -> None:
    await filled(path)
    assert [file.name for file in path.parent.iterdir()] == ["knowledge.sqlite"]


async def test_a_failed_write_leaves_nothing(path: Path) -> None:
    database = KnowledgeDatabase(path)

    def work(connection: Connection) -> None:
        connection.execute("INSERT INTO candor_meta VALUES ('half', 'done')")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await database.write(work)
    sql = "SELECT count(*) FROM candor_meta WHERE key = 'half'"
    assert await database.read(lambda connection: connection.number(sql)) == 0
    await database.close()


async def test_what_is_written_into_a_file_that_goes_meanwhile_does_not_count(path: Path) -> None:
    await filled(path)
    database = KnowledgeDatabase(path)

    def work(connection: Connection) -> None:
        connection.execute("DELETE FROM candor_documents")
        path.unlink()

    with pytest.raises(StorageGone, match=r"knowledge\.sqlite was deleted or moved"):
        await database.write(work)
    await database.close()
    assert (await SqliteLibrary(database).statistics()).documents == 0  # a new one
    await database.close()


async def test_many_readers_and_writers_at_once_lose_nothing(path: Path) -> None:
    database = KnowledgeDatabase(path)
    library = SqliteLibrary(database)
    lanes = SqliteLanes(database, in_memory=False)
    await library.prepare(identity_of(None))
    saves = [library.save(a_document(f"{n}.md", f"apple {n}")) for n in range(30)]
    searches = [lanes.matching("apple", limit=50) for _ in range(30)]
    await asyncio.gather(*saves, *searches)
    assert len(await lanes.matching("apple", limit=50)) == 30
    await database.close()


async def test_a_write_of_another_process_is_seen(path: Path) -> None:
    await filled(path)
    ours, theirs = KnowledgeDatabase(path), KnowledgeDatabase(path)
    lanes = SqliteLanes(ours, in_memory=True)
    assert len(await lanes.matching("pear", limit=5)) == 0
    await SqliteLibrary(theirs).save(a_document("b.md", "pear"))
    assert len(await lanes.matching("pear", limit=5)) == 1
    await ours.close()
    await theirs.close()


async def test_a_lock_held_by_another_process_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.index.sqlite.connection.BUSY_MILLISECONDS", 1)
    await filled(path)
    other = raw(path)
    other.execute("BEGIN IMMEDIATE")
    database = KnowledgeDatabase(path)
    library = SqliteLibrary(database)
    with pytest.raises(StorageBusy):
        await library.save(a_document("b.md", "pear"))
    assert (await library.statistics()).documents == 1
    other.execute("ROLLBACK")
    await library.save(a_document("b.md", "pear"))
    await database.close()
    other.close()


async def test_a_full_disk_is_said_and_what_was_stored_stays(path: Path) -> None:
    database = KnowledgeDatabase(path)
    library = SqliteLibrary(database)
    await library.prepare(identity_of(None))
    await library.save(a_document("a.md", "apple"))

    def limit(connection: Connection) -> None:
        pages = connection.number("PRAGMA page_count")
        connection.rows(f"PRAGMA max_page_count = {pages + 1}")

    await database.write(limit)
    with pytest.raises(StorageFull):
        await library.save(a_document("b.md", "pear " * 20_000))
    assert [found.ref.name for found in await library.documents()] == ["a.md"]
    await database.close()


@pytest.mark.parametrize("content", [b"not a database at all " * 100, b"SQLite format 3\0 cut"])
async def test_a_file_that_is_no_database_is_said_and_left_alone(
    path: Path, content: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    database = KnowledgeDatabase(path)
    with pytest.raises(StorageDamaged):
        await SqliteLibrary(database).statistics()
    await database.close()
    assert path.read_bytes() == content


async def test_a_damaged_database_is_said(path: Path) -> None:
    await filled(path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(bytes(content))
    database = KnowledgeDatabase(path)
    with pytest.raises(StorageDamaged):
        await SqliteLibrary(database).statistics()
    await database.close()


async def test_a_folder_in_its_place_is_said(path: Path) -> None:
    path.mkdir(parents=True)
    database = KnowledgeDatabase(path)
    with pytest.raises(StorageDamaged):
        await SqliteLibrary(database).statistics()


async def test_opening_a_new_file_waits_while_another_process_makes_it(path: Path) -> None:
    path.parent.mkdir()
    other = raw(path)
    other.execute("BEGIN IMMEDIATE")  # as a process that has just begun to create the tables
    database = KnowledgeDatabase(path)
    opening = asyncio.create_task(SqliteLibrary(database).prepare(identity_of(None)))
    await asyncio.wait([opening], timeout=0.1)
    other.execute("ROLLBACK")
    await opening
    other.close()
    await database.close()


async def test_another_programs_database_is_refused_untouched(path: Path) -> None:
    path.parent.mkdir()
    other = raw(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    database = KnowledgeDatabase(path)
    with pytest.raises(StorageDamaged):
        await SqliteLibrary(database).prepare(identity_of(None))
    assert path.read_bytes() == before


async def test_a_newer_database_is_refused_untouched(path: Path) -> None:
    await filled(path)
    other = raw(path)
    other.execute("PRAGMA user_version = 99; PRAGMA journal_mode = DELETE")
    other.close()
    before = path.read_bytes()
    database = KnowledgeDatabase(path)
    with pytest.raises(NewerDatabase):
        await SqliteLibrary(database).statistics()
    with pytest.raises(NewerDatabase):
        await SqliteLibrary(database).prepare(identity_of(None))
    assert path.read_bytes() == before


async def test_a_newer_databases_log_is_left_as_it_is(path: Path, tmp_path: Path) -> None:
    await filled(path)
    other = raw(path)
    other.execute("PRAGMA user_version = 99")
    killed = tmp_path / "killed" / path.name
    shutil.copytree(path.parent, killed.parent)  # as a process that is killed here leaves it
    other.close()
    log = killed.with_name(f"{path.name}-wal")
    before = (killed.read_bytes(), log.read_bytes())
    assert before[1]
    with pytest.raises(NewerDatabase):
        await SqliteLibrary(KnowledgeDatabase(killed)).prepare(identity_of(None))
    assert (killed.read_bytes(), log.read_bytes()) == before


# Everything is imported before the rights are given up: Python itself may be out of reach then.
READING = """
import asyncio, os, sys, urllib.parse
from pathlib import Path
import anyio._backends._asyncio
import numpy
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from tests.fakes.documents import a_document
from use_cases.kernel.errors import CandorError

if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)

async def main() -> None:
    database = KnowledgeDatabase(Path(sys.argv[1]))
    library = SqliteLibrary(database)
    try:
        print((await library.statistics()).documents)
        print(len(await SqliteLanes(database, in_memory=True).matching("apple", limit=5)))
        await library.save(a_document("b.md", "pear"))
        print("written")
    except CandorError as error:
        print(type(error).__name__)
    await database.close()

asyncio.run(main())
"""


def as_nobody(path: Path) -> list[str]:
    """What a process without the right to write sees. A superuser has every right, so it drops them."""
    run = subprocess.run(
        [sys.executable, "-c", READING, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


@pytest.fixture
def reachable(path: Path) -> Path:
    """The folders above the database opened for reading, as far as they are this test's."""
    path.parent.mkdir()
    for folder in list(path.parents)[:5]:
        if folder.owner() == Path.home().owner() or os.geteuid() == 0:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    return path


async def test_a_read_only_file_can_still_be_searched(reachable: Path) -> None:
    await filled(reachable)
    reachable.chmod(0o444)
    reachable.parent.chmod(0o555)
    assert as_nobody(reachable) == ["1", "1", "StorageReadOnly"]
    reachable.parent.chmod(0o755)


async def test_a_missing_file_in_a_read_only_folder_is_said(reachable: Path) -> None:
    reachable.parent.chmod(0o555)
    assert as_nobody(reachable) == ["0", "0", "StorageReadOnly"]
    reachable.parent.chmod(0o755)


async def test_a_log_that_cannot_be_read_is_never_ignored(reachable: Path) -> None:
    await filled(reachable)
    log = reachable.with_name("knowledge.sqlite-wal")
    log.write_bytes(b"newer commits")
    for file in (reachable, log):
        file.chmod(0o444)
    reachable.parent.chmod(0o555)
    assert as_nobody(reachable) == ["StorageReadOnly"]
    reachable.parent.chmod(0o755)
