"""Opening: fresh files, current ones, newer ones, foreign ones, broken ones, many at once."""

import asyncio
import errno
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from services.store.store import REVISIONS, Store, all_tables, first_columns
from services.store.stored_answers import SqlAnswers
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import record
from tests.contracts.test_answers import ANNA, BARE
from tests.patience import PATIENCE
from tests.services.store.engine.threads import no_thread_left
from tests.services.store.statements import execute, scalar
from use_cases.kernel.errors import (
    NewerDatabase,
    OlderDatabase,
    StorageBusy,
    StorageDamaged,
    StorageFull,
    StorageReadOnly,
)

pytestmark = pytest.mark.anyio

REVISION_FILES = Path(__file__).parent / "revisions"

OPEN_AND_NAME_ALEMBIC = """
import sys, anyio
from services.store.store import Store

async def main(file):
    store = Store(file)
    await store.open()
    await store.close()
    print([name for name in sys.modules if name.partition(".")[0] == "alembic"])

anyio.run(main, sys.argv[1])
"""

CANCEL_WHILE_OPENING = """
import asyncio, gc, sys, anyio
from services.store.store import Store

async def main(file, moment):
    scope, loop, seen = anyio.CancelScope(), asyncio.get_running_loop(), set()

    def heard(event, arguments):
        what = f"import {arguments[0]}" if event == "import" else event
        if what == moment and not seen:
            seen.add(what)
            loop.call_soon_threadsafe(scope.cancel)

    sys.addaudithook(heard)
    store = Store(file)
    with scope:
        await store.open()
    await store.close()
    gc.collect()  # what was left behind is reported now
    print(sorted(seen))

anyio.run(main, *sys.argv[1:])
"""


@pytest.fixture
def empty(file: Path) -> Path:
    file.touch()
    return file


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def made(file: Path) -> None:
    store = Store(file)
    await store.open()
    await record(SqlTranscript(store), BARE)
    await store.close()


def changed_by_hand(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def state(file: Path) -> dict[str, tuple[bytes, int]]:
    """Content and time of the database and of what a killed writer left beside it."""
    parts = (file, file.with_name(f"{file.name}-wal"))
    return {
        part.name: (part.read_bytes(), part.stat().st_mtime_ns)
        for part in parts
        if part.exists() and part.stat().st_size > 0
    }


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def scribble(file: Path, *, after: int) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:after] + b"\xff" * (len(content) - after))


async def test_the_folder_of_a_fresh_file_is_made(tmp_path: Path) -> None:
    await made(tmp_path / "var" / "deep" / "candor.sqlite")
    assert (tmp_path / "var" / "deep" / "candor.sqlite").stat().st_size > 0


@pytest.mark.parametrize("name", ["with space.sqlite", "50%.sqlite", "what?#.sqlite", "é.sqlite"])
async def test_a_files_name_may_hold_any_character(tmp_path: Path, name: str) -> None:
    await made(tmp_path / name)
    store = Store(tmp_path / name)
    await store.open()
    assert await SqlAnswers(store).answer(ANNA, "ans_bare") == BARE
    await store.close()
    assert names(tmp_path) == [name]


async def test_what_was_recorded_is_there_after_opening_again(file: Path) -> None:
    store = Store(file)
    for _ in range(2):
        await store.open()
        await store.open()
        if not await SqlAnswers(store).answers(ANNA):
            await record(SqlTranscript(store), BARE)
        await store.close()
        await store.close()
    await store.open()
    assert await SqlAnswers(store).answers(ANNA) == (BARE,)
    await store.close()


async def test_an_empty_file_is_a_fresh_database(empty: Path) -> None:
    await made(empty)


async def test_a_newer_database_is_refused_and_not_touched(file: Path) -> None:
    await made(file)
    changed_by_hand(file, "UPDATE candor_revision SET version_num = '9999'")
    before = state(file)
    with pytest.raises(NewerDatabase, match="9999"):
        await Store(file).open()
    assert state(file) == before


@pytest.mark.parametrize("revision", ["0001", "0020"])
async def test_a_database_from_before_the_first_release_is_refused_and_not_touched(
    file: Path, revision: str
) -> None:
    await made(file)
    changed_by_hand(file, f"UPDATE candor_revision SET version_num = '{revision}'")
    before = state(file)
    with pytest.raises(OlderDatabase, match=f"'{revision}', from before Candor 0.2.0") as refused:
        await Store(file).open()
    assert "candor export" in refused.value.hint
    assert state(file) == before


async def test_a_database_of_the_first_revision_before_its_release_is_refused_and_not_touched(
    file: Path,
) -> None:
    dump = (REVISION_FILES / "0200-before-doors.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump)
    before = state(file)
    with pytest.raises(OlderDatabase, match=r"sqlite has no responses\.door, so it is") as refused:
        await SqlAnswers(Store(file)).answers(ANNA)
    assert "candor export" in refused.value.hint
    assert state(file) == before


async def test_every_declared_column_is_looked_for(file: Path) -> None:
    declared = [f"{t.name}.{c.name}" for t in all_tables().tables.values() for c in t.columns]
    assert sorted(first_columns()) == sorted(declared)


async def test_a_database_that_lacks_a_table_is_refused(file: Path) -> None:
    await made(file)
    changed_by_hand(file, "DROP TABLE relayed_pieces")
    with pytest.raises(OlderDatabase, match=r"has no relayed_pieces\."):
        await Store(file).open()


async def test_a_newer_database_that_was_killed_while_writing_is_not_touched(file: Path) -> None:
    await made(file)
    killed = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("UPDATE candor_revision SET version_num = '9999'")
os._exit(9)
"""
    python(killed, str(file)).communicate()
    before = state(file)
    assert sorted(before) == ["candor.sqlite", "candor.sqlite-wal"]
    with pytest.raises(NewerDatabase, match="9999"):
        await Store(file).open()
    assert state(file) == before


async def test_another_programs_database_is_refused_and_not_touched(file: Path) -> None:
    changed_by_hand(file, "CREATE TABLE recipes (name TEXT)")
    before = state(file)
    with pytest.raises(StorageDamaged, match="of another program"):
        await Store(file).open()
    assert state(file) == before


async def test_a_file_that_is_no_database_is_refused_and_not_touched(diary: Path) -> None:
    before = state(diary)
    with pytest.raises(StorageDamaged, match=r"candor\.sqlite"):
        await Store(diary).open()
    assert state(diary) == before


async def test_a_damaged_database_is_said_to_be_damaged(file: Path) -> None:
    await made(file)
    scribble(file, after=100)
    with pytest.raises(StorageDamaged):
        await Store(file).open()


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    async with no_thread_left():
        with pytest.raises(StorageReadOnly, match="cannot be opened: Is a directory"):
            await Store(tmp_path).open()


async def test_a_folder_that_cannot_be_made_is_said_so(diary: Path) -> None:
    with pytest.raises(StorageReadOnly, match="cannot be opened: File exists"):
        await Store(diary / "candor.sqlite").open()


async def test_a_full_disk_is_said_to_be_full_before_there_is_a_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(path: Path, mode: str = "") -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "open", no_space)
    with pytest.raises(StorageFull, match=r"candor\.sqlite cannot be opened: No space left"):
        await Store(file).open()


async def test_a_fresh_database_that_another_holds_locked_is_said_to_be_busy(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageBusy):
        await Store(file, busy_timeout=0.05).open()
    other.close()


async def test_an_opening_that_fails_leaves_no_thread(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.execute("DROP TABLE recipes")
    # Without WAL, and locked: already the first pragma fails.
    other.execute("BEGIN EXCLUSIVE")
    async with no_thread_left():
        with pytest.raises(StorageBusy):
            await Store(file, busy_timeout=0).open()
    other.close()


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "moment", ["sqlite3.connect", "sqlite3.connect/handle", "import alembic.command"]
)
def test_a_process_that_is_cancelled_while_it_opens_a_fresh_file_leaves_nothing_behind(
    file: Path, moment: str
) -> None:
    cancelled = python(CANCEL_WHILE_OPENING, str(file), moment)
    assert cancelled.communicate(timeout=PATIENCE) == (f"['{moment}']\n", "")
    assert cancelled.returncode == 0
    opened = python(OPEN_AND_NAME_ALEMBIC, str(file))
    assert opened.communicate(timeout=PATIENCE) == ("[]\n", "")  # the migration came to its end


async def test_stores_of_one_process_open_a_fresh_file_at_once(file: Path) -> None:
    stores = [Store(file) for _ in range(8)]
    async with anyio.create_task_group() as group:
        for store in stores:
            group.start_soon(store.open)
    for store in stores:
        assert await SqlAnswers(store).answers(ANNA) == ()
        await store.close()


async def test_opening_a_new_file_waits_while_another_process_makes_it(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = Store(file)
    opening = asyncio.create_task(store.open())
    await asyncio.wait([opening], timeout=0.1)
    other.execute("ROLLBACK")
    await opening
    other.close()
    await store.close()


async def test_opening_a_current_database_imports_no_alembic(file: Path) -> None:
    await made(file)
    output, _ = python(OPEN_AND_NAME_ALEMBIC, str(file)).communicate()
    assert output == "[]\n"


async def test_a_database_without_wal_gets_it(file: Path) -> None:
    await made(file)
    changed_by_hand(file, "PRAGMA journal_mode=DELETE")
    store = Store(file)
    await execute(store, "DELETE FROM answers")
    assert await scalar(store, "PRAGMA journal_mode") == "wal"
    await store.close()


async def test_a_database_says_its_revision(file: Path) -> None:
    await made(file)
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT version_num FROM candor_revision").fetchall()
    assert rows == [(REVISIONS[-1],)]


async def test_reading_before_the_first_write_finds_nothing_and_creates_nothing(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "folder" / "candor.sqlite")
    answers = SqlAnswers(store)
    assert list(await answers.answers(ANNA)) == []
    assert not (tmp_path / "folder").exists()
    await record(SqlTranscript(store), BARE)
    assert len(await answers.answers(ANNA)) == 1
    assert (tmp_path / "folder" / "candor.sqlite").is_file()
    await store.close()
