"""What only the SQL transcript and chats promise, beside the contracts of their ports."""

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from sqlalchemy import Connection, text

from services.store.chats import SqlChats
from services.store.store import Store
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import ANNA, answer_to, kept_in, message_of, opening, turn
from tests.services.store.long_chats import LongChatContract
from tests.services.store.statements import execute, rows
from tests.services.store.test_open import python
from use_cases.chat.errors import ChatNotFound
from use_cases.kernel.errors import StorageDamaged
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio

ASK_WHEN_TOLD = """
import sys, anyio
from services.store.store import Store
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import ANNA, opening

async def main(file, name):
    store = Store(file)
    print("ready", flush=True)
    sys.stdin.readline()
    await store.open()
    for number in range(10):
        begin = opening(f"{name}{number}", own="tab", text=f"{name}{number}?")
        await SqlTranscript(store).open(ANNA, begin)
    await store.close()

anyio.run(main, *sys.argv[1:])
"""


class TestLongChatOnSqlite(LongChatContract):
    pass


@pytest.mark.exhaustive
async def test_processes_that_open_a_fresh_file_at_once_share_it_and_a_frontends_chat(
    file: Path,
) -> None:
    processes = [python(ASK_WHEN_TOLD, str(file), name) for name in ("a", "b")]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0]
    store = Store(file)
    (chat,) = await SqlChats(store).chats(ANNA)
    said = await SqlChats(store).messages(ANNA, chat.chat_id)
    assert [m.text for m in said if m.text.startswith("a")] == [f"a{n}?" for n in range(10)]
    assert [m.text for m in said if m.text.startswith("b")] == [f"b{n}?" for n in range(10)]
    await store.close()


async def test_a_chat_deleted_by_another_store_while_it_is_answered_stays_deleted(
    store: Store, file: Path
) -> None:
    opened = await SqlTranscript(store).open(ANNA, opening("1"))
    other = Store(file)
    await SqlChats(other).delete(ANNA, "chat_1")
    await other.close()
    answer = answer_to(opened, "1")
    message = message_of(answer, opened.question)
    with pytest.raises(ChatNotFound):
        await SqlTranscript(store).close(ANNA, answer, message, lambda: "[]")
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (0,)


async def test_a_user_is_made_with_the_first_chat_and_left_as_it_is_after(store: Store) -> None:
    kept = kept_in(store)
    await turn(kept, opening("1"))
    await execute(store, "UPDATE users SET name = 'Anna'")
    await turn(kept, opening("2", minute=1))

    def users(connection: Connection) -> list[tuple[object, ...]]:
        rows = connection.execute(text("SELECT user_id, name, created_at FROM users"))
        return [tuple(row) for row in rows]

    assert await store.read(users) == [("anna", "Anna", "2026-03-14 12:00:00.000000")]


async def test_a_turn_that_is_cancelled_while_it_begins_is_whole_or_not_there(
    store: Store,
) -> None:
    for steps in range(20):
        async with anyio.create_task_group() as group:
            begin = opening(str(steps), minute=steps)
            group.start_soon(SqlTranscript(store).open, ANNA, begin)
            for _ in range(steps):
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
    for chat in await SqlChats(store).chats(ANNA):
        assert len(await SqlChats(store).messages(ANNA, chat.chat_id)) == 1
    await turn(kept_in(store), opening("last"))


@pytest.mark.parametrize("damage", ["parts = '{}'", "role = 'oracle'"])
async def test_a_message_that_cannot_be_understood_is_named(store: Store, damage: str) -> None:
    await turn(kept_in(store), opening("1"))
    await execute(store, f"UPDATE messages SET {damage}")
    with pytest.raises(StorageDamaged, match="msg_1"):
        await SqlChats(store).messages(ANNA, "chat_1")


@pytest.mark.parametrize(
    ("page", "walk"),
    [
        (
            "SELECT * FROM conversations WHERE user_id = 'anna' AND (updated_at, chat_id) < (1, 2)"
            " ORDER BY updated_at DESC, chat_id DESC LIMIT 50",
            "SEARCH conversations USING INDEX ix_conversations_user_id_updated_at_chat_id"
            " (user_id=? AND (updated_at,chat_id)<(?,?))",
        ),
        (
            "SELECT * FROM conversations WHERE (updated_at, chat_id) < (1, 2)"
            " ORDER BY updated_at DESC, chat_id DESC LIMIT 50",
            "SEARCH conversations USING INDEX ix_conversations_updated_at_chat_id"
            " ((updated_at,chat_id)<(?,?))",
        ),
        (
            "SELECT * FROM answers WHERE user_id = 'anna' AND (created_at, answer_id) < (1, 2)"
            " ORDER BY created_at DESC, answer_id DESC LIMIT 50",
            "SEARCH answers USING INDEX ix_answers_user_id_created_at_answer_id"
            " (user_id=? AND (created_at,answer_id)<(?,?))",
        ),
        (
            "SELECT * FROM answers WHERE (created_at, answer_id) < (1, 2)"
            " ORDER BY created_at DESC, answer_id DESC LIMIT 50",
            "SEARCH answers USING INDEX ix_answers_created_at_answer_id"
            " ((created_at,answer_id)<(?,?))",
        ),
        (
            "SELECT * FROM conversations WHERE client_id = 'tab'",
            "SEARCH conversations USING INDEX uq_conversations_client_id_user_id (client_id=?)",
        ),
    ],
)
async def test_a_page_is_one_walk_along_an_index(store: Store, page: str, walk: str) -> None:
    ((*_, found),) = await rows(store, f"EXPLAIN QUERY PLAN {page}")
    # SQLite counts its automatic index of a constraint instead of naming it.
    walk = walk.replace("uq_conversations_client_id_user_id", "sqlite_autoindex_conversations_2")
    assert found == walk


async def test_texts_no_database_can_hold_do_not_lose_a_turn(store: Store) -> None:
    opened = await turn(
        kept_in(store), opening("1", text="a\x00b\ud800", client_id="c\x00"), text="\x00"
    )
    asked, given = await SqlChats(store).messages(ANNA, opened.chat.chat_id)
    assert (asked.text, asked.client_id, given.text) == ("a\ufffdb\ufffd", "c\ufffd", "\ufffd")
    assert await SqlChats(store).chats(Caller("an\x00na")) == ()
