"""An import that is killed at any moment leaves whole conversations, and the next one does the rest."""

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.importing import import_file, run_import
from tests.faults.parts import run_killed
from tests.templates import migrated_store
from tests.thoroughness import is_thorough
from use_cases.conversations.model import ImportOutcome

pytestmark = pytest.mark.anyio

CHATS = 40
MESSAGES = 12


def chats() -> str:
    said = [{"role": ("user", "assistant")[n % 2], "content": f"{n}"} for n in range(MESSAGES)]
    return json.dumps([{"id": f"c{n}", "title": f"T{n}", "messages": said} for n in range(CHATS)])


def stored(database: Path) -> list[tuple[int, int, int]]:
    """For each conversation its messages, those with what imports have beyond them, and raw forms."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return connection.execute(
            "SELECT (SELECT count(*) FROM messages m WHERE m.chat_id = c.chat_id),"
            " (SELECT count(*) FROM messages m JOIN imported_messages USING (message_id)"
            "  WHERE m.chat_id = c.chat_id),"
            " (SELECT count(*) FROM import_payloads p WHERE p.chat_id = c.chat_id)"
            " FROM conversations c"
        ).fetchall()


@pytest.mark.exhaustive
async def test_an_import_killed_at_any_moment_is_completed_by_the_next(tmp_path: Path) -> None:
    file = tmp_path / "chats.json"
    file.write_text(chats())
    drawn = random.Random(20_261_123)
    for kill in range(20 if is_thorough() else 5):
        database = migrated_store(tmp_path / f"killed-{kill}.sqlite")
        told = drawn.randrange(1, CHATS - 1)
        moment = (told, 0.0001 + drawn.random() * 0.005)
        run_killed(run_import, database, file, moment)
        found = stored(database)
        assert set(found) <= {(MESSAGES, MESSAGES, 1)}
        assert len(found) >= told
        done = await import_file(database, file)
        assert done is not None
        rest = {ImportOutcome.UNCHANGED: len(found), ImportOutcome.CREATED: CHATS - len(found)}
        assert done.outcomes == {outcome: count for outcome, count in rest.items() if count}
        assert stored(database) == [(MESSAGES, MESSAGES, 1)] * CHATS
