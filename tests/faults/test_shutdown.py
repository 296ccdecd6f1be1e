"""A server that is told to stop: answers end or are recorded as interrupted, and nothing is lost."""

import os
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.backend.cli.test_program import free_port
from tests.faults.asking import Reader, reading
from tests.faults.serving import Server, candor_at, kept, running, serving
from tests.patience import PATIENCE
from use_cases.advice.confidence.report_model import RecentRequest
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio


@pytest.mark.exhaustive
async def test_answers_that_can_end_do_and_the_rest_are_recorded_as_interrupted(
    tmp_path: Path,
) -> None:
    readers = [Reader(f"A patient question, {n}?") for n in range(3)]
    readers += [Reader(f"An endless question, {n}?") for n in range(2)]
    with serving(tmp_path, seconds=1) as server:
        async with reading(server.url, readers):
            server.tell(signal.SIGTERM)
            server.log.wait_for("ending: 5 answers are being written")
            server.tell(signal.SIGUSR1)
        assert server.wait() == 0
    assert [reader.ended for reader in readers] == [True] * 5
    assert all(reader.last.startswith("d:") for reader in readers)
    found = await kept(tmp_path)
    assert set(found) == {reader.question for reader in readers}
    for question, (_, answer) in found.items():
        assert answer.answer is not None
        assert answer.answer.interrupted == ("endless" in question)
    assert "Traceback" not in "".join(server.log.lines)


@pytest.mark.exhaustive
async def test_a_second_signal_waits_for_nobody_and_loses_nothing(tmp_path: Path) -> None:
    readers = [Reader(f"An endless question, {n}?") for n in range(3)]
    with serving(tmp_path, seconds=3600) as server:
        async with reading(server.url, readers):
            server.tell(signal.SIGTERM)
            server.log.wait_for("ending: 3 answers")
            server.tell(signal.SIGINT)
        assert server.wait() == 0
    found = await kept(tmp_path)
    assert len(found) == 3
    for _, answer in found.values():
        assert answer.answer is not None
        assert answer.answer.interrupted


@pytest.mark.exhaustive
async def test_a_reader_that_takes_nothing_cannot_keep_the_server_from_ending(
    tmp_path: Path,
) -> None:
    body = b'{"user_id": "anna", "message": "A flood?"}'
    head = b"POST /chat/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with serving(tmp_path, seconds=0.5) as server:
        place = urlsplit(server.url)
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((place.hostname, place.port))
            length = f"Content-Length: {len(body)}\r\n\r\n".encode()
            connection.sendall(head + length + body)
            server.log.wait_for("question: user=anna")
            server.tell(signal.SIGTERM)
            server.log.wait_for(r"backend.http.shutdown: ending: 1 connections are cut off")
            assert server.wait() == 0
    (messages,) = (await kept(tmp_path)).values()
    assert messages[1].answer is not None
    assert messages[1].answer.interrupted


async def read_until_cut_off(server: Server) -> None:
    """Ask for advice, and tell the server to end when it has begun."""
    asked = {"conversation": [{"role": "user", "content": "This one or that one?"}]}
    async with (
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE, trust_env=False) as client,
        client.stream("POST", "/advice", json=asked) as response,
    ):
        async for line in response.aiter_lines():
            assert "done" not in line
            if "Take the first one" in line:
                server.tell(signal.SIGTERM)


@pytest.mark.exhaustive
async def test_advice_that_does_not_end_is_cut_off_and_recorded_as_interrupted(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, seconds=0.5) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            await read_until_cut_off(server)
        assert server.wait() == 0
    async with candor_at(tmp_path) as candor:
        recent = await candor.advice.report_confidence.recent(LOCAL, RecentRequest())
    (response,) = recent.responses
    assert response.interrupted
    assert response.advice.main_advice == "Take the first one"
    assert "Traceback" not in "".join(server.log.lines)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "command",
    [
        ("-c", "from backend.cli.program import main; main()", "serve"),
        pytest.param(("-m", "uvicorn", "backend.main:app"), marks=pytest.mark.exhaustive),
    ],
    ids=["candor-serve", "uvicorn"],
)
def test_idle_connections_delay_nothing(tmp_path: Path, command: tuple[str, ...]) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "var"),
        "LOG_LEVEL": "INFO",
        "SHUTDOWN_SECONDS": "3600",
    }
    with running(*command, "--port", str(free_port()), environment=environment) as server:
        place = urlsplit(server.url)
        with socket.create_connection((place.hostname, place.port)) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
            server.tell(signal.SIGTERM)
            assert server.wait() == 0
            server.log.wait_for("Finished server process")
