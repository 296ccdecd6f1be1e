"""What a turn of a chat sends to PostgreSQL, counted as the driver sends it: BEGIN and COMMIT, too."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from httpx2 import Client
from sqlalchemy import event
from sqlalchemy.pool import Pool

from backend.settings.settings import Settings
from tests.backend.http.conftest import application
from tests.backend.http.listening import listening
from tests.fakes.candor import quick_candor
from tests.postgres import database_address, needs_any_server

pytestmark = needs_any_server

MOST = 20
MOST_IN_DOUBT = 84
TURNS = 4
OTHERS = ("phone", "laptop", "card", "wallet", "token", "coat", "bike", "bag", "pen", "cup", "door")
WORDS = iter(
    (
        "please",
        "kindly",
        "exactly",
        "really",
        "again",
        "today",
        "here",
        "now",
        "then",
        "so",
        "well",
        "ever",
        "too",
        "truly",
        "maybe",
        "soon",
        "fast",
        "indeed",
        "rather",
        "still",
        "once",
    )
)
_SENT = re.compile(rb"\tF\t\d+\t(?:Query|Execute)\t")
_FORGOTTEN = re.compile(rb'\tQuery\t "DEALLOCATE ALL"')


class Wire:
    """What libpq has traced of every connection."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened
        self._files: list[Any] = []

    def trace(self, connection: Any, _: object) -> None:
        """Begin with one."""
        self._files.append(self._opened.enter_context(TemporaryFile()))  # noqa: SIM115
        traced = getattr(connection, "driver_connection", connection)
        traced.pgconn.trace(self._files[-1].fileno())

    def count(self, sent: re.Pattern[bytes] = _SENT) -> int:
        """How many statements (of one kind) were sent so far."""
        return sum(
            len(sent.findall(os.pread(each.fileno(), os.fstat(each.fileno()).st_size, 0)))
            for each in self._files
        )


@pytest.fixture
def wire() -> Iterator[Wire]:
    with ExitStack() as opened:
        wire = Wire(opened)
        event.listen(Pool, "connect", wire.trace)
        yield wire
        event.remove(Pool, "connect", wire.trace)


@pytest.mark.anyio
async def test_a_turn_with_a_search_sends_few_statements(
    wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What looks after running answers belongs to no turn.
    monkeypatch.setattr("use_cases.kernel.runs.inflight.LOOKED_AT_EVERY", 3600)
    with database_address() as address:
        told = {"data_dir": tmp_path, "database_url": address, "inline_worker": False}
        settings = Settings.model_validate(told)
        async with quick_candor(settings) as candor:
            # More passages than a search shows, and a word of its own for each question.
            text = "# Badges\n\nA lost badge must be reported within two hours.\n\n" + "".join(
                f"# The {one}\n\nEvery {one} is new.{' Wait.' * 200}\n\n" for one in OTHERS
            )
            await candor.knowledge.upload.run("badges.md", text.encode())
            async for _ in candor.knowledge.complete_vectors.stream():
                pass
        await anyio.to_thread.run_sync(ask, wire, application(settings))


def ask(wire: Wire, app: FastAPI) -> None:
    with listening(app) as url, Client(base_url=url, timeout=60) as client:

        def ask_one(
            what: str = "When must a lost badge be reported", outcome: str = "answered", **more: str
        ) -> str:
            message = f"{what}, {next(WORDS)}?"
            answer = client.post(
                "/chat", json={"user_id": "ada", "message": message, **more}
            ).json()
            assert answer["outcome"] == outcome  # a doubt looks into conversations, too
            return answer["chat_id"]

        def turns(**more: str) -> float:
            before = wire.count()
            for _ in range(TURNS):
                ask_one(**more)
            return (wire.count() - before) / TURNS

        chat = ask_one()
        turns(chat_id=chat)  # the first time a read learns whether it needs a transaction
        in_new_chats, in_one_chat = turns(), turns(chat_id=chat)
        assert (10 < in_new_chats <= MOST, in_one_chat <= MOST) == (True, True), (
            in_new_chats,
            in_one_chat,
        )
        turns(what="What is the sun made of", outcome="not_found")
        # It indexes the chat before, and searches.
        in_doubt = turns(what="What is the sun made of", outcome="not_found")
        assert in_doubt <= MOST_IN_DOUBT, in_doubt
        assert wire.count(_FORGOTTEN) == 0  # as psycopg does after each rollback
