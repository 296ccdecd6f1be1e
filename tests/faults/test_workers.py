"""`candor serve --workers`: connections are shared among all processes; chats, cancelling, limits and
budgets hold over them; a process that is killed is replaced, and nobody's connection is lost by it.
"""

import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from services.store.engine.engines import sqlite_migrator
from services.store.store import REVISIONS
from tests.backend.cli.test_program import free_port
from tests.backend.http.listening import listening
from tests.faults.dying_workers import KILLED, REFUSING
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
        """Until so many processes have ever been sent connections."""
        serves = re.compile(r"Child process \[\d+\] serves")
        self.server.log.wait_until(
            lambda lines: sum(bool(serves.search(one)) for one in lines) >= count
        )

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
                if worker == self._taken().get(port):
                    break
                assert len(tried) < 500, "the process accepts nothing"
            yield client
        finally:
            for client in tried:
                await client.aclose()

    def connect(self) -> socket.socket:
        """A connection on which nothing was sent yet."""
        port = int(self.server.url.rpartition(":")[2])
        return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)

    def holders(self, connections: Sequence[socket.socket]) -> Counter[int]:
        """How many of these each process has taken, once all are taken."""
        ports = {one.getsockname()[1] for one in connections}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            taken = self._taken()
            if ports <= set(taken):
                return Counter(taken[port] for port in ports)
        raise AssertionError("not all are taken")

    def _taken(self) -> Mapping[int, int]:
        """The process that holds the other end of a connection, by the port here."""
        ours = int(self.server.url.rpartition(":")[2])
        ports: dict[str, int] = {}
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            here, there = [int(end.partition(":")[2], 16) for end in fields[1:3]]
            if here == ours:
                ports[f"socket:[{fields[9]}]"] = there
        return {ports[held]: pid for pid in self.workers() for held in _open(pid) if held in ports}


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


def ask(connection: socket.socket, *headers: str) -> None:
    """Send a request for which no store is needed."""
    lines = ("GET /docs HTTP/1.1", "Host: localhost", *headers)
    connection.sendall("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")


def read_to_the_end(connection: socket.socket) -> bytes:
    """What the server says until it ends the connection."""
    parts: list[bytes] = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


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
def test_connections_that_come_together_are_shared_by_all_processes(tmp_path: Path) -> None:
    with together(tmp_path, 2) as all_of_them:
        for many, least in ((8, 3), (40, 16)):
            with ExitStack() as opened:
                made = [opened.enter_context(all_of_them.connect()) for _ in range(many)]
                shares = all_of_them.holders(made)
            assert set(shares) == set(all_of_them.workers())
            assert min(shares.values()) >= least


@pytest.mark.exhaustive
def test_every_killed_process_is_replaced(tmp_path: Path) -> None:
    kills = len(by_hand(range(30), 6))
    with together(tmp_path, 2) as all_of_them:
        for number in range(kills):
            worker = all_of_them.workers()[number]
            os.kill(worker, signal.SIGKILL)
            all_of_them.server.log.wait_for(rf"Child process \[{worker}\] died")
            all_of_them.wait_for_workers(2 + number + 1)
        with all_of_them.connect() as connection:
            ask(connection, "Connection: close")
            assert read_to_the_end(connection).startswith(b"HTTP/1.1 200")
        log = all_of_them.server.log.lines
        assert sum("died" in line for line in log) == kills
        assert len(all_of_them.workers()) == 2 + kills
        assert not [line for line in log if "WARNING" in line or "ERROR" in line]


@pytest.mark.by_hand
def test_connections_of_a_process_that_stands_still_and_is_killed_go_to_another_one(
    tmp_path: Path,
) -> None:
    with together(tmp_path, 2) as all_of_them, ExitStack() as opened:
        still, other = all_of_them.workers()
        os.kill(still, signal.SIGSTOP)
        made = [opened.enter_context(all_of_them.connect()) for _ in range(8)]
        for connection in made:
            ask(connection, "Connection: close")
        # Its successor is a copy of the supervisor, and must not keep what others were sent.
        os.kill(still, signal.SIGKILL)
        answers = [read_to_the_end(connection) for connection in made]
        assert [answer[:12] for answer in answers] == [b"HTTP/1.1 200"] * 8
        assert {answer[-8:].strip() for answer in answers} == {b"</html>"}
        all_of_them.server.log.wait_for(rf"Child process \[{still}\] died")
        all_of_them.wait_for_workers(3)
        assert other in all_of_them.workers()


@pytest.mark.by_hand
def test_only_the_signals_that_mean_an_end_end_the_server(tmp_path: Path) -> None:
    with together(tmp_path, 2) as all_of_them:
        for name in ("SIGWINCH", "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2"):
            all_of_them.server.tell(signal.Signals[name])
            with all_of_them.connect() as connection:
                ask(connection, "Connection: close")
                assert read_to_the_end(connection).startswith(b"HTTP/1.1 200")
        all_of_them.server.tell(signal.SIGHUP)
        assert all_of_them.server.wait() == 0
        assert not [line for line in all_of_them.server.log.lines if "died" in line]


@pytest.mark.parametrize(
    ("how", "deaths", "said"),
    [
        (KILLED, range(5, 7), "5 processes in a row ended before they served"),
        (REFUSING, range(1, 3), "1 processes in a row ended before they served"),
    ],
)
def test_processes_that_cannot_start_end_the_server(how: str, deaths: range, said: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.dying_workers", how],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert run.returncode == 1
    assert int(run.stdout) in deaths
    assert said in run.stderr


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


@pytest.mark.by_hand
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


@pytest.mark.by_hand
async def test_two_signals_at_once_are_two(tmp_path: Path) -> None:
    async with answering(tmp_path) as (all_of_them, _, following):
        all_of_them.server.tell(signal.SIGINT)
        all_of_them.server.tell(signal.SIGTERM)
        all_of_them.server.log.wait_for("ending: 1 answers are interrupted")
        assert await ended_well(following)


@pytest.mark.by_hand
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


@pytest.mark.by_hand
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
