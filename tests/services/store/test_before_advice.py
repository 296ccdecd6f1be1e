"""A database of an older revision (0002, before there was advice, to 0004) opens with all it holds."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text

from services.store.answers import SqlAnswers
from services.store.chats import SqlChats
from services.store.engines import sqlite_migrator
from services.store.responses import SqlResponses
from services.store.schema import metadata
from services.store.store import Store
from tests.contracts.keeping import ANNA, BORIS
from tests.contracts.test_responses import FULL, given
from tests.services.store.differences import differences
from tests.services.store.test_copies import copies, revision_of
from tests.services.store.test_migrations import config

pytestmark = pytest.mark.anyio

HELD = (
    "INSERT INTO users VALUES ('anna', 'Anna', NULL, '2026-03-14 11:00:00.000000')",
    """INSERT INTO conversations VALUES (
        'chat_1', 'anna', 'tab', 'Hotels — Zürich', 'ans_1',
        '2026-03-14 12:00:00.000000', '2026-03-14 12:00:01.000000')""",
    """INSERT INTO messages VALUES (
        'msg_1', 'chat_1', NULL, 'user', 'c1', '180 or 220?',
        '{"version": 1, "items": []}', NULL, '2026-03-14 12:00:00.000000')""",
    """INSERT INTO messages VALUES (
        'ans_1', 'chat_1', 'msg_1', 'assistant', NULL, '220.',
        '{"version": 1, "items": []}', '["…"]', '2026-03-14 12:00:01.000000')""",
    """INSERT INTO answers (
        answer_id, chat_id, user_id, question, text, outcome, sources, tool_calls, notices,
        model, prompt_version, cost, latency_ms, created_at, interrupted
    ) VALUES (
        'ans_1', 'chat_1', 'anna', '180 or 220?', '220.', 'answered',
        '{"version": 1, "items": []}', '{"version": 1, "items": []}',
        '{"version": 1, "items": []}', 'offline:extractive', 'chat-3',
        '0.000123456789012345678901', 7, '2026-03-14 12:00:01.000000', 0)""",
    """INSERT INTO api_keys VALUES (
        'key_1', 'aB3', 'digest', 'anna', 'laptop', '["read"]',
        '2026-03-14 11:00:00.000000', NULL, NULL, NULL)""",
)
TABLES = ("users", "conversations", "messages", "answers", "api_keys")


@pytest.fixture(params=["0002", "0003", "0004"])
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def old(file: Path, revision: str) -> Path:
    """A database of this revision with a row of everything that 0002 knows."""

    def second(connection: Connection) -> None:
        command.upgrade(config(connection), revision)
        for statement in HELD:
            connection.exec_driver_sql(statement)

    engine = sqlite_migrator(file, busy_timeout=0.05)
    async with engine.begin() as connection:
        await connection.run_sync(second)
    await engine.dispose()
    return file


def content(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of before; without the limits that keys have now, of which these have none."""
    connection = sqlite3.connect(file)
    rows = {
        table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        for table in TABLES
    }
    assert {row[10:] for row in rows["api_keys"]} <= {(), (None, None)}
    rows["api_keys"] = [row[:10] for row in rows["api_keys"]]
    connection.close()
    return rows


async def test_everything_of_before_is_kept_byte_for_byte(old: Path) -> None:
    before = content(old)
    assert [len(rows) for rows in before.values()] == [1, 1, 2, 1, 1]
    store = Store(old)
    (chat,) = await SqlChats(store).chats(ANNA)
    assert (chat.chat_id, chat.client_id, chat.title) == ("chat_1", "tab", "Hotels — Zürich")
    assert len(await SqlChats(store).messages(ANNA, "chat_1")) == 2
    assert (await SqlAnswers(store).answer(ANNA, "ans_1")).text == "220."
    async with store.reading() as connection:
        assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
        assert await connection.scalar(text("PRAGMA integrity_check")) == "ok"
        assert await connection.run_sync(differences, metadata) == []
    await store.close()
    assert content(old) == before


async def test_it_takes_advice_for_people_old_and_new(old: Path) -> None:
    store = Store(old)
    responses = SqlResponses(store)
    await responses.keep(FULL)
    assert await responses.response(ANNA, "resp_full") == FULL
    assert content(old)["users"] == [("anna", "Anna", None, "2026-03-14 11:00:00.000000")]
    await responses.keep(given("resp_new", BORIS))
    assert [row[0] for row in content(old)["users"]] == ["anna", "boris"]
    await store.close()


async def test_a_copy_of_before_is_kept_beside_it(old: Path, revision: str) -> None:
    before = content(old)
    store = Store(old)
    await store.open()
    await store.close()
    assert copies(old) == ["candor.sqlite.before-0005"]
    copy = old.with_name("candor.sqlite.before-0005")
    assert (revision_of(copy), content(copy)) == (revision, before)
    assert revision_of(old) == "0005"
