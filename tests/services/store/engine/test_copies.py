"""A copy of the file before its tables change: whole, never in place of another, never in vain."""

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from alembic import command
from sqlalchemy import text

from services.store.engine.copies import keep_copy
from services.store.engine.engines import sqlite_migrator
from services.store.store import REVISIONS, Store
from services.store.stored_answers import SqlAnswers
from tests.services.store.statements import rows, scalar
from tests.services.store.test_migrations import config
from use_cases.kernel.errors import StorageDamaged, StorageFull, StorageReadOnly
from use_cases.kernel.model import LOCAL, Caller

pytestmark = pytest.mark.anyio

FIRST = REVISIONS[-1]
LAST = "9000"
ANSWER = """
    INSERT INTO answers (answer_id, user_id, question, category, text, outcome, sources, tool_calls,
        notices, model, prompt_version, cost, latency_ms, created_at, interrupted, door)
    VALUES (
        :id, 'anna', 'How much — 180 or 220?', 'policies', 'Up to 220 CHF [1].', 'answered',
        '{"version": 1, "items": []}',
        '{"version": 1, "items": [
            {"name": "search_knowledge_base", "arguments": "{}", "result": "[1] …", "failed": false}
        ]}',
        '{"version": 1, "items": ["Without vectors."]}', 'openai:gpt-4.1-mini', 'chat-3',
        '0.000123456789012345678901', 2150, '2026-03-14 12:00:00.123456', 1, 'cli'
    )
"""


@pytest.fixture
def old(file: Path, later: str) -> Path:
    """A database of the revision before, with 40 answers."""
    engine = sqlite_migrator(file, busy_timeout=0.05)
    with engine.begin() as connection:
        command.upgrade(config(connection), FIRST)
        for number in range(40):
            connection.execute(text(ANSWER), {"id": f"ans_{number:02}"})
    engine.dispose()
    assert later == LAST
    return file


def answers_in(file: Path) -> list[tuple[object, ...]]:
    """Every answer as it was stored at first, without the column that came later."""
    with closing(sqlite3.connect(file)) as connection:
        names = [name for _, name, *_ in connection.execute("PRAGMA table_info(answers)")]
        kept = ", ".join(name for name in names if name != "remarks")
        return connection.execute(f"SELECT {kept} FROM answers ORDER BY answer_id").fetchall()


def revision_of(file: Path) -> str:
    connection = sqlite3.connect(file)
    (found,) = connection.execute("SELECT version_num FROM candor_revision").fetchone()
    connection.close()
    return found


def change(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(statement)
    connection.close()


def copies(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.glob("*before*"))


async def opened(file: Path) -> None:
    store = Store(file)
    await store.open()
    await store.close()


async def test_answers_are_kept_byte_for_byte(old: Path) -> None:
    before = answers_in(old)
    store = Store(old)
    answers = await SqlAnswers(store).answers(Caller("anna"))
    assert answers_in(old) == before
    assert len(answers) == 40
    newest = answers[0]
    assert (newest.answer_id, newest.chat_id) == ("ans_39", None)
    assert str(newest.cost) == "0.000123456789012345678901"
    assert newest.tool_calls[0].result == "[1] …"
    assert await SqlAnswers(store).answer(LOCAL, "ans_00")
    assert await rows(store, "PRAGMA foreign_key_check") == []
    assert await scalar(store, "PRAGMA integrity_check") == "ok"
    await store.close()


async def test_the_database_of_before_is_kept_beside_it(old: Path) -> None:
    before = answers_in(old)
    await opened(old)
    assert copies(old) == [f"candor.sqlite.before-{LAST}"]
    copy = old.with_name(f"candor.sqlite.before-{LAST}")
    assert (revision_of(copy), answers_in(copy)) == (FIRST, before)
    assert revision_of(old) == LAST


async def test_what_a_killed_process_left_in_the_log_is_in_the_copy(old: Path) -> None:
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute("UPDATE answers SET text = 'written last' WHERE answer_id = 'ans_00'")
    # Still open: what it wrote is in the file beside the database.
    await opened(old)
    connection.close()
    assert "written last" in answers_in(old.with_name(f"candor.sqlite.before-{LAST}"))[0]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_fresh_or_current_database_needs_no_copy(file: Path, times: int) -> None:
    for _ in range(times):
        await opened(file)
    assert copies(file) == []


async def test_an_older_copy_is_never_overwritten(old: Path) -> None:
    old.with_name(f"candor.sqlite.before-{LAST}").write_text("mine")
    await opened(old)
    assert copies(old) == [f"candor.sqlite.before-{LAST}", f"candor.sqlite.before-{LAST}.2"]
    assert old.with_name(f"candor.sqlite.before-{LAST}").read_text() == "mine"
    assert revision_of(old.with_name(f"candor.sqlite.before-{LAST}.2")) == FIRST


async def test_the_same_content_is_copied_once(old: Path) -> None:
    first = keep_copy(old, LAST)
    assert keep_copy(old, LAST) == first
    change(old, "DELETE FROM answers WHERE answer_id = 'ans_00'")
    assert keep_copy(old, LAST).name == f"candor.sqlite.before-{LAST}.2"
    assert len(answers_in(first)) == 40


async def test_stores_that_open_an_old_file_at_once_make_one_copy(old: Path) -> None:
    stores = [Store(old) for _ in range(4)]
    async with anyio.create_task_group() as group:
        for store in stores:
            group.start_soon(store.open)
    for store in stores:
        await store.close()
    assert copies(old) == [f"candor.sqlite.before-{LAST}"]
    assert revision_of(old.with_name(f"candor.sqlite.before-{LAST}")) == FIRST


async def test_without_room_for_a_copy_nothing_is_changed(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(opened: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(StorageFull, match=r"candor\.sqlite cannot be copied: No space"):
        await opened(old)
    assert revision_of(old) == FIRST
    assert not [name for name in copies(old) if name.endswith(".part")]


async def test_a_full_database_file_is_a_full_disk(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sqlite3.connect

    def narrow(path: Path) -> sqlite3.Connection:
        connection = whole(path)
        if path.name.endswith(".part"):
            # SQLite treats this limit as it does a full disk.
            connection.execute("PRAGMA max_page_count=2")
        return connection

    monkeypatch.setattr("services.store.engine.copies.sqlite3.connect", narrow)
    with pytest.raises(StorageFull, match=f"before-{LAST}"):
        keep_copy(old, LAST)
    assert copies(old) == []


async def test_a_place_that_cannot_be_written_is_said_so(old: Path) -> None:
    old.with_name(f"candor.sqlite.before-{LAST}.part").mkdir()
    with pytest.raises(StorageReadOnly, match="cannot be copied"):
        await opened(old)
    assert revision_of(old) == FIRST


async def test_a_damaged_database_is_not_copied_as_if_it_were_whole(diary: Path) -> None:
    with pytest.raises(StorageDamaged):
        keep_copy(diary, LAST)
    assert copies(diary) == []
