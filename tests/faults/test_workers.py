"""`candor serve --workers`: chats, cancelling, limits and budgets hold over all processes, and a
process that is killed is replaced.
"""

import os
import re
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from services.store.engine.engines import sqlite_migrator
from services.store.store_schema import REVISIONS
from tests.backend.cli.test_program import free_port
from tests.backend.http.listening import listening
from tests.faults.provider import provider
from tests.faults.serving import Server, running
from tests.patience import PATIENCE
from tests.services.store.test_migrations import up
from tests.thoroughness import by_hand, is_thorough

pytestmark = pytest.mark.anyio

PROGRAM = ("-c", "from backend.cli.program import main; main()")
COUNTS = pytest.mark.parametrize("count", by_hand((2, 4), 1))


@dataclass(frozen=True, slots=True)
class Together:
    """A server of several processes, and how to run a command beside it."""

    server: Server
    count: int
    environment: dict[str, str]

    def workers(self) -> Sequence[int]:
        """The processes that were ever started, in order."""
        found = (
            re.search(r"Started server process \[(\d+)\]", one) for one in self.server.log.lines
        )
        return [int(match[1]) for match in found if match]

    def wait_for_workers(self, count: int) -> None:
        """Until so many processes have ever been ready."""
        pattern = "Application startup complete"
        self.server.log.wait_until(lambda lines: sum(pattern in one for one in lines) >= count)

    @asynccontextmanager
    async def client_of(self, worker: int, **headers: str) -> AsyncGenerator[httpx.AsyncClient]:
        """A client whose connection this process has accepted."""
        tried: list[httpx.AsyncClient] = []
        try:
            while True:
                client = httpx.AsyncClient(
                    base_url=self.server.url,
                    timeout=PATIENCE,
                    trust_env=False,
                    headers=headers,
                    verify=False,  # reading certificates for each of up to 500 takes its time
                )
                tried.append(client)
                response = await client.get("/health")
                stream = response.extensions["network_stream"]
                _, port = stream.get_extra_info("client_addr")
                if worker == self._accepted_by(port):
                    break
                assert len(tried) < 500, "the process accepts nothing"
            yield client
        finally:
            for client in tried:
                await client.aclose()

    def _accepted_by(self, port: int) -> int | None:
        """The process that holds the other end of a connection from this port."""
        ours = int(self.server.url.rpartition(":")[2])
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            ends = [int(end.partition(":")[2], 16) for end in fields[1:3]]
            if ends == [ours, port]:
                held = f"socket:[{fields[9]}]"
                return next((pid for pid in self.workers() if held in _open(pid)), None)
        return None


def _open(pid: int) -> set[str]:
    """What a process has open; nothing where it is gone."""
    folder = Path(f"/proc/{pid}/fd")
    try:
        return {str(one.readlink()) for one in folder.iterdir()}
    except FileNotFoundError:
        return set()


@contextmanager
def together(folder: Path, count: int, **settings: str) -> Generator[Together]:
    """The real program, with a provider on this machine."""
    with listening(provider()) as provided:
        environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder / "var"),
            "CHAT_MODEL": "vllm:scripted",
            "VLLM_BASE_URL": f"{provided}/v1",
            "SHUTDOWN_SECONDS": "0",
            **settings,
        }
        command = (*PROGRAM, "serve", "--port", str(free_port()), "--workers", str(count))
        with running(*command, environment=environment) as server:
            all_of_them = Together(server, count, environment)
            all_of_them.wait_for_workers(count)
            try:
                yield all_of_them
            finally:
                with suppress(ProcessLookupError):
                    server.tell(signal.SIGTERM)
                assert server.wait() == 0


def question(text: str, chat_id: str | None = None) -> dict[str, Any]:
    return {"user_id": "anna", "message": text, "chat_id": chat_id}


@asynccontextmanager
async def begun(
    client: httpx.AsyncClient, text: str
) -> AsyncGenerator[tuple[str, AsyncGenerator[str]]]:
    """A turn in a new chat with its first words said: the chat, and the lines that follow."""
    async with client.stream("POST", "/chat/stream", json=question(text)) as response:
        assert response.status_code == HTTPStatus.OK

        async def lines() -> AsyncGenerator[str]:
            async for line in response.aiter_lines():
                yield line

        following, chat_id = lines(), ""
        async for line in following:
            if found := re.search(r'"chat_id":"([^"]+)"', line):
                chat_id = found[1]
            if line.startswith("0:"):
                break
        yield chat_id, following


async def killed_while_it_answers(client: httpx.AsyncClient, worker: int) -> str:
    """The chat in which this process was answering."""
    chat_id = ""
    with suppress(httpx.HTTPError):
        async with begun(client, "An endless question?") as (chat_id, following):
            os.kill(worker, signal.SIGKILL)
            async for line in following:
                assert not line.startswith("d:")
    return chat_id


async def chain(client: httpx.AsyncClient, chat_id: str) -> list[tuple[str, str]]:
    """Who said what in a chat, on the branch that is shown."""
    found = (await client.get(f"/chats/{chat_id}/messages")).json()["messages"]
    return [(one["role"], one["content"]) for one in found]


def branches(folder: Path) -> int:
    """How many messages are followed by more than one."""
    connection = sqlite3.connect(folder / "var" / "candor.sqlite")
    twice = "SELECT count(*) FROM messages WHERE parent_id IS NOT NULL GROUP BY parent_id HAVING count(*) > 1"
    try:
        return len(connection.execute(twice).fetchall())
    finally:
        connection.close()


@pytest.mark.exhaustive
@COUNTS
async def test_a_chat_is_one_chain_whichever_processes_its_questions_reach(
    tmp_path: Path, count: int
) -> None:
    with together(tmp_path, count) as all_of_them:
        one, other, *_ = all_of_them.workers()
        async with (
            all_of_them.client_of(one) as here,
            all_of_them.client_of(other) as there,
            begun(here, "An endless question?") as (chat_id, following),
        ):
            busy = await there.post("/chat", json=question("And now?", chat_id))
            assert (busy.status_code, busy.json()["code"]) == (409, "chat_busy")
            told = await there.post(f"/chats/{chat_id}/cancel")
            assert told.json() == {"cancelled": True}
            *_, last = [line async for line in following if line.strip()]
            assert last.startswith("d:")
            assert (await there.post(f"/chats/{chat_id}/cancel")).json() == {"cancelled": False}
            statuses: list[int] = []

            async def ask(client: httpx.AsyncClient, number: int) -> None:
                asked = await client.post("/chat", json=question(f"Quick, {number}?", chat_id))
                statuses.append(asked.status_code)

            async with anyio.create_task_group() as tasks:
                for number in range(10):
                    tasks.start_soon(ask, (here, there)[number % 2], number)
            assert set(statuses) <= {200, 409}
            messages = await chain(there, chat_id)
        assert [role for role, _ in messages] == ["user", "assistant"] * (1 + statuses.count(200))
    assert branches(tmp_path) == 0


@pytest.mark.exhaustive
@COUNTS
async def test_limits_and_budgets_hold_over_all_processes(tmp_path: Path, count: int) -> None:
    limits = {"AUTH_MODE": "required", "RATE_LIMIT_PER_MINUTE": "1", "UNKNOWN_COST": "0.25"}
    with together(tmp_path, count, **limits) as all_of_them:

        async def seen(*options: str) -> list[str]:
            """What each process answers to a key, one after the other, twice."""
            key = _candor(all_of_them, "keys", "create", "-u", "anna", "-l", "x", *options)
            named = {"X-API-Key": key.strip()}
            async with AsyncExitStack() as opened:
                # First all connections: the questions must come within a minute.
                clients = [
                    await opened.enter_async_context(all_of_them.client_of(worker, **named))
                    for worker in all_of_them.workers()
                ]
                answers = [
                    await client.post("/chat", json=question("Quick?")) for client in clients * 2
                ]
            return [str(one.json().get("code", one.status_code)) for one in answers]

        rest = count * 2 - 1
        assert await seen() == ["200", *["rate_limited"] * rest]
        assert await seen("--tokens-per-day", "120") == ["200", *["budget_spent"] * rest]
        assert await seen("--cost-per-day", "0.20") == ["200", *["budget_spent"] * rest]
        shown = _candor(all_of_them, "keys", "list")
    assert "120 of 120" in shown
    assert "0.25 of 0.20" in shown


@pytest.mark.exhaustive
@COUNTS
async def test_killed_processes_are_replaced_and_the_others_serve_on(
    tmp_path: Path, count: int
) -> None:
    with together(tmp_path, count) as all_of_them:
        killed = count if is_thorough() else 1
        for number, worker in enumerate(all_of_them.workers()[:killed]):
            other = next(one for one in all_of_them.workers()[number + 1 :] if one != worker)
            async with all_of_them.client_of(other) as there:
                async with all_of_them.client_of(worker) as here:
                    chat_id = await killed_while_it_answers(here, worker)
                assert (await there.post("/chat", json=question("Quick?"))).status_code == 200
                asked = await there.post("/chat", json=question("And now?", chat_id))
                while asked.status_code == HTTPStatus.CONFLICT:  # until its lease has ended
                    asked = await there.post("/chat", json=question("And now?", chat_id))
                assert asked.status_code == HTTPStatus.OK
                messages = await chain(there, chat_id)
            assert [role for role, _ in messages] == ["user", "user", "assistant"]
            all_of_them.server.log.wait_for(rf"Child process \[{worker}\] died")
            all_of_them.wait_for_workers(count + number + 1)
        assert len(all_of_them.workers()) == count + killed
    assert branches(tmp_path) == 0


@pytest.mark.exhaustive
@pytest.mark.skipif(len(REVISIONS) == 1, reason="there is no older revision yet")
@COUNTS
def test_one_process_brings_an_old_database_up_to_date_and_the_others_wait(
    tmp_path: Path, count: int
) -> None:
    file = tmp_path / "var" / "candor.sqlite"
    file.parent.mkdir()
    engine = sqlite_migrator(file, busy_timeout=1)
    with engine.begin() as connection:
        up(connection, REVISIONS[0])
    engine.dispose()
    with together(tmp_path, count) as all_of_them:
        lines = all_of_them.server.log.lines
        assert sum("copied the database before" in line for line in lines) == 1
        assert not [line for line in lines if "WARNING" in line or "ERROR" in line]
    assert [one.name for one in file.parent.glob("*.before-*")] == [
        f"candor.sqlite.before-{REVISIONS[-1]}"
    ]


@asynccontextmanager
async def answering(folder: Path) -> AsyncGenerator[tuple[Together, str, AsyncGenerator[str]]]:
    """Two processes that would wait for their answers; one of them writes an answer in this chat."""
    with together(folder, 2, SHUTDOWN_SECONDS="3600") as all_of_them:
        async with (
            all_of_them.client_of(all_of_them.workers()[0]) as client,
            begun(client, "An endless question?") as (chat_id, following),
        ):
            yield all_of_them, chat_id, following


async def ended_well(following: AsyncGenerator[str]) -> bool:
    """Read the rest of an answer; true if it came to its own end."""
    *_, last = [line async for line in following if line.strip()]
    return last.startswith("d:")


@pytest.mark.exhaustive
async def test_a_second_signal_is_passed_on_and_nothing_is_lost(tmp_path: Path) -> None:
    async with answering(tmp_path) as (all_of_them, chat_id, following):
        all_of_them.server.tell(signal.SIGINT)
        all_of_them.server.log.wait_for("ending: 1 answers are being written")
        all_of_them.server.tell(signal.SIGINT)
        assert await ended_well(following)
    connection = sqlite3.connect(tmp_path / "var" / "candor.sqlite")
    interrupted = connection.execute("SELECT chat_id, interrupted FROM answers").fetchall()
    connection.close()
    assert interrupted == [(chat_id, 1)]


@pytest.mark.exhaustive
async def test_two_signals_at_once_are_two(tmp_path: Path) -> None:
    async with answering(tmp_path) as (all_of_them, _, following):
        all_of_them.server.tell(signal.SIGINT)
        all_of_them.server.tell(signal.SIGTERM)
        assert await ended_well(following)


@pytest.mark.exhaustive
async def test_a_signal_to_all_processes_at_once_counts_once(tmp_path: Path) -> None:
    """As a service manager sends it."""
    async with answering(tmp_path) as (all_of_them, _, following):
        for pid in (all_of_them.server.pid, *all_of_them.workers()):
            os.kill(pid, signal.SIGTERM)
        log = all_of_them.server.log
        log.wait_for("ending: 1 answers are being written")
        assert not [line for line in log.lines if "are interrupted" in line]
        all_of_them.server.tell(signal.SIGTERM)
        assert await ended_well(following)


@pytest.mark.exhaustive
async def test_processes_end_when_nobody_looks_after_them(tmp_path: Path) -> None:
    ended: list[bool] = []
    # The server itself does not end as it should, which `together` would mind.
    with suppress(AssertionError), together(tmp_path, 2) as all_of_them:
        handles = [os.pidfd_open(worker) for worker in all_of_them.workers()]
        all_of_them.server.tell(signal.SIGKILL)
        ended = [await anyio.to_thread.run_sync(_has_ended, handle) for handle in handles]
        for handle in handles:
            os.close(handle)
    assert ended == [True, True]


def _has_ended(handle: int) -> bool:
    """Whether a process ends within a minute."""
    return bool(select.select([handle], [], [], PATIENCE)[0])


def _candor(all_of_them: Together, *command: str) -> str:
    return subprocess.run(
        [sys.executable, *PROGRAM, *command],
        env=all_of_them.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
