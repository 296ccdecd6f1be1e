"""How fast answers stream, beside pydantic-ai's own encoder and beside the bare bytes.

    python -m benchmarks.streams [--streams 1 50 200] [--rounds N] [--pieces N] [--idle N] [--quick]

Each way of streaming (see `benchmarks.stream_server`) is a server process with one worker; this
process is the client. In a round every way streams so many answers at once, one way after the
other, in an order that turns from round to round; tables show the median of the rounds, and all of
them. A token is a piece of the model's text. The time to the first token is from the request to the
first byte of text; the server's processor time is its own, whatever else the machine did. Memory is
what belongs to the server process alone (RssAnon), before and with `--idle` streams whose model is
silent.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from os import sysconf
from pathlib import Path
from statistics import median
from typing import cast
from uuid import uuid4

from benchmarks.machine import machine

WAYS = ("candor-ui", "candor-data", "peer", "raw-ui", "raw-data")
REQUEST = (
    "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: {}\r\n"
    "Content-Length: {}\r\nConnection: close\r\n\r\n{}"
)
PATHS = {
    "candor-ui": "/api/chat",
    "candor-data": "/chat/stream",
    "advice-sse": "/advice",
    "advice-text": "/advice",
    "advice-lines": "/advice",
    "advice-ui": "/api/advice",
}
ACCEPT = {"advice-text": "text/plain", "advice-lines": "application/x-ndjson"}
QUESTION = "How often are passwords rotated?"
WAITING = "wait for ever"
FIRST_TEXT = (b'"text-delta"', b'\n0:"', b'"main_advice":"')
STATED = 0.9
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Round:
    """One way, so many streams at once."""

    tokens_per_second: float
    first_token: Sequence[float]
    cpu_per_token: float
    megabytes: float


@dataclass(slots=True)
class Server:
    """A running server."""

    way: str
    port: int
    pid: int
    rounds: dict[int, list[Round]] = field(default_factory=dict[int, list[Round]])

    def status(self, name: str) -> int:
        """A line of the process's status: kB for memory, a number for threads."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        return 0

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / sysconf("SC_CLK_TCK")


class Reader(asyncio.Protocol):
    """A client that only notes when text came first and when the connection ended."""

    def __init__(self, way: str, question: str) -> None:
        self.first = 0.0
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self.size = 0
        self._request = _request(way, question)
        self._seen = b""
        self._started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._started = time.perf_counter()
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        """Look for the first text."""
        self.size += len(data)
        self.began.set()
        if not self.first:
            self._seen += data
            if any(mark in self._seen for mark in FIRST_TEXT):
                self.first = time.perf_counter() - self._started
                self._seen = b""

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self.ended.set()


async def stream(server: Server, streams: int, pieces: int) -> Round:
    """So many answers at once."""
    loop = asyncio.get_running_loop()
    readers = [Reader(server.way, QUESTION) for _ in range(streams)]
    started, cpu = time.perf_counter(), server.cpu()
    for reader in readers:
        await loop.create_connection(lambda r=reader: r, "127.0.0.1", server.port)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(reader.ended.wait() for reader in readers))
    seconds = time.perf_counter() - started
    if not all(reader.first for reader in readers):
        sys.exit(f"{server.way}: a stream without text ({min(r.size for r in readers)} bytes)")
    tokens = streams * pieces
    spent = (server.cpu() - cpu) / tokens * 1e6
    firsts = sorted(reader.first * 1000 for reader in readers)
    return Round(tokens / seconds, firsts, spent, server.status("RssAnon") / 1024)


async def idle(server: Server, streams: int) -> str:
    """A line: memory and threads with so many streams whose model is silent."""
    loop = asyncio.get_running_loop()
    before = server.status("RssAnon")
    threads = server.status("Threads")
    readers = [Reader(server.way, WAITING) for _ in range(streams)]
    opened = [
        await loop.create_connection(lambda r=reader: r, "127.0.0.1", server.port)
        for reader in readers
    ]
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(reader.began.wait() for reader in readers))
    await calm(server)
    kilobytes = server.status("RssAnon") - before
    cpu = server.cpu()
    await asyncio.sleep(2.0)
    busy = (server.cpu() - cpu) / 2 * 100
    line = (
        f"| {server.way} | {before / 1024:.0f} | {kilobytes / 1024:.0f} | {kilobytes / streams:.0f}"
        f" | {threads} | {server.status('Threads')} | {busy:.1f} % |"
    )
    for transport, _ in opened:
        transport.close()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(reader.ended.wait() for reader in readers))
    await asyncio.sleep(1.0)
    return line


async def calm(server: Server) -> None:
    """Wait until the server has nothing left to do."""
    async with asyncio.timeout(PATIENCE):
        cpu = -1.0
        while server.cpu() - cpu > 0.02:
            cpu = server.cpu()
            await asyncio.sleep(1.0)


@contextmanager
def running(way: str, pieces: int) -> Generator[Server]:
    """A server process of its own."""
    command = [sys.executable, "-m", "benchmarks.stream_server", way, "--pieces", str(pieces)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            sys.exit(f"{way}: the server did not start")
        yield Server(way, int(port), process.pid)
    finally:
        process.terminate()
        process.wait()


async def measure(
    servers: Sequence[Server], sizes: Sequence[int], rounds: int, pieces: int
) -> None:
    """All rounds, in turning order; the first one warms up and does not count."""
    for server in servers:
        await stream(server, 2, pieces)
    for number in range(rounds):
        turned = [*servers[number % len(servers) :], *servers[: number % len(servers)]]
        for size in sizes:
            for server in turned:
                made = await stream(server, size, pieces)
                server.rounds.setdefault(size, []).append(made)


def report(servers: Sequence[Server], size: int) -> None:
    """The table of one size, and what must hold."""
    print(f"\n{size} at once\n")
    print("| way | tokens/s | server µs/token | first token p50 ms | p99 ms | MB | rounds |")
    print("|---|---|---|---|---|---|---|")
    speed: dict[str, float] = {}
    for server in servers:
        made = server.rounds[size]
        firsts = [one.first_token for one in made]
        speed[server.way] = median(one.tokens_per_second for one in made)
        each = " ".join(f"{one.tokens_per_second:.0f}" for one in made)
        print(
            f"| {server.way} | {speed[server.way]:.0f}"
            f" | {median(one.cpu_per_token for one in made):.0f}"
            f" | {median(_at(found, 0.5) for found in firsts):.1f}"
            f" | {median(_at(found, 0.99) for found in firsts):.1f}"
            f" | {made[-1].megabytes:.0f} | {each} |"
        )
    for way in ("candor-ui", "candor-data"):
        share = speed[way] / speed["peer"]
        print(f"{way} against peer: {share:.2f} ({'ok' if share >= STATED else 'UNDER'} {STATED})")


def _request(way: str, question: str) -> bytes:
    """A question as the way takes it."""
    said = {"id": "m1", "role": "user", "parts": [{"type": "text", "text": question}]}
    conversation = {"conversation": [{"role": "user", "content": question}]}
    body = {
        "candor-ui": {"id": uuid4().hex, "trigger": "submit-message", "messages": [said]},
        "candor-data": {"user_id": "local", "message": question},
        "advice-ui": {"messages": [said]},
        "advice-sse": conversation,
        "advice-text": conversation,
        "advice-lines": conversation,
    }.get(way, question)
    text, accept = json.dumps(body), ACCEPT.get(way, "*/*")
    return REQUEST.format(PATHS.get(way, "/"), accept, len(text), text).encode()


def _at(found: Sequence[float], share: float) -> float:
    return found[min(int(len(found) * share), len(found) - 1)]


def main() -> None:
    """Read the arguments, start the servers, measure, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pieces", type=int, default=500)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    given = parser.parse_args()
    sizes, rounds = cast("list[int]", given.streams), cast("int", given.rounds)
    pieces, waiting = cast("int", given.pieces), cast("int", given.idle)
    if given.quick:
        sizes, rounds, waiting = [1, 10], 2, 20
    print(machine(), flush=True)
    with ExitStack() as stack:
        servers = [stack.enter_context(running(way, pieces)) for way in WAYS]
        asyncio.run(measure(servers, sizes, rounds, pieces))
        for size in sizes:
            report(servers, size)
        if not waiting:
            return
        print(f"\n{waiting} streams whose model is silent\n")
        print("| way | MB before | MB more | kB a stream | threads | with streams | processor |")
        print("|---|---|---|---|---|---|---|", flush=True)
        for server in servers:
            print(asyncio.run(idle(server, waiting)), flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
