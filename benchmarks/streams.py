"""What a turn costs beyond its model: Candor's two wires beside pydantic-ai's own server of an agent.

    python -m benchmarks.streams [--pieces 20 60 300] [--streams 1 8 50 200] [--rounds N]
        [--ways ui data peer] [--no-search] [--checkout DIR]... [--idle N] [--quick]

Each of these is a process of its own on this machine: the real program (`candor serve`, one worker, a new
data folder with the samples' documents and tables), the peer (`benchmarks.peer_server`), the provider of
models (`benchmarks.scripted_provider`: a search, then so many pieces, without any delay), and this one,
the client. `--checkout` measures the program of another folder beside it, with the same interpreter.

In a round each way answers so many questions at once, one way after the other, in an order that turns
from round to round; of few at once each asks several times, until there are 24 turns. No question is
asked twice, each in a new chat and over a new connection. Tables show medians of the rounds. A token is a
piece of the model's text. The first token is the time from the connection to the first byte of text.
Processor time is that of the server's process with all its threads, user and system, in steps of 10
ms; the search's own is measured in the peer's process, so many at once, without agent or HTTP. The
limit of a turn is (peer - search) x 1.25 + search. Every answer is read to its end and must be whole,
with its text and its verified sources; else the run fails.

`--idle` opens so many streams whose model is silent: what they cost in memory and processor time.
"""

import argparse
import asyncio
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, cast
from urllib.request import Request, urlopen
from uuid import uuid4

from benchmarks.machine import machine
from benchmarks.scripted_provider import MODEL, text_of

HOUSE = Path(__file__).resolve().parents[1]
SAMPLES = [HOUSE / "samples" / name for name in ("documents", "tables")]
REQUEST = (
    "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: {}\r\n"
    "Content-Length: {}\r\nConnection: close\r\n\r\n{}"
)
ADVICE = "/advice"
WIRES = {
    "ui": ("/api/chat", "*/*"),
    "data": ("/chat/stream", "*/*"),
    "peer": ("/api/chat", "*/*"),
    "advice-sse": (ADVICE, "*/*"),
    "advice-text": (ADVICE, "text/plain"),
    "advice-lines": (ADVICE, "application/x-ndjson"),
    "advice-ui": ("/api/advice", "*/*"),
}
"""The path of each wire, and what it accepts."""

UNLIMITED = {
    "RATE_LIMIT_PER_MINUTE": "0",
    "RATE_LIMIT_READS_PER_MINUTE": "0",
    "MAX_STREAMS_PER_CALLER": "0",
    # On a busy machine 200 at once take long, and an answer that is not whole ends the run.
    "TURN_TIMEOUT_SECONDS": "600",
    "CHAT_TIMEOUT_SECONDS": "600",
}
QUESTION = "How often must passwords be rotated? Case {} ({})"
FIRST_TEXT = (b'"text-delta"', b'\n0:"', b'"main_advice":"')
FEWEST_TURNS = 24
SPEED, CPU, FIRST = 0.9, 1.25, 1.3
"""What must hold beside the peer: tokens a second at least, processor time and last first token at most."""

PATIENCE = 300.0
_CHUNK = re.compile(rb"([0-9a-f]+)\r\n")
_END_OF_LOG = 4000
_numbers = itertools.count(1)


@dataclass(slots=True)
class Server:
    """A running server: its name, its port, and its process."""

    name: str
    port: int
    pid: int

    def status(self, name: str) -> int:
        """A line of the process's status: kB for memory, a number for threads."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        return 0

    def cpu(self) -> float:
        """Seconds of processor time so far, of the process and of those it started."""
        return sum(map(_cpu, _family(self.pid)))


@dataclass(frozen=True, slots=True)
class Round:
    """One way, so many streams at once: its first tokens in milliseconds, and processor time a turn."""

    tokens_per_second: float
    first_token: Sequence[float]
    cpu: float
    others: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many pieces in each answer, so many answers at once."""

    pieces: int
    streams: int
    searching: bool = True

    @property
    def turns(self) -> int:
        """Of each stream, one after the other."""
        return max(1, FEWEST_TURNS // self.streams)

    def question(self) -> str:
        """One that was never asked."""
        wanted = f"{self.pieces} pieces" + ("" if self.searching else ", no search")
        return QUESTION.format(next(_numbers), wanted)


@dataclass(slots=True)
class Way:
    """A wire of a server, with its rounds."""

    wire: str
    server: Server
    rounds: dict[Load, list[Round]] = field(default_factory=dict[Load, list[Round]])

    @property
    def name(self) -> str:
        """As the table says it."""
        return self.wire if self.wire == self.server.name else f"{self.server.name} {self.wire}"


class Reader(asyncio.Protocol):
    """A client that keeps all it gets, and notes when text came first and when the connection ended."""

    def __init__(self, wire: str, question: str) -> None:
        self.first = 0.0
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self.received = bytearray()
        self._request = _request(wire, question)
        self._started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        """Look for the first text."""
        self.received += data
        self.began.set()
        if not self.first and any(mark in self.received for mark in FIRST_TEXT):
            self.first = time.perf_counter() - self._started

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self.ended.set()

    async def read(self, port: int) -> "Reader":
        """Ask over a new connection, and read to the end."""
        self._started = time.perf_counter()
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        await self.ended.wait()
        return self

    @property
    def body(self) -> str:
        """What came, without HTTP. Whole chunks only."""
        head, _, rest = bytes(self.received).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(f"{head.decode()}\n{rest.decode()}")
        parts, place = list[bytes](), 0
        while found := _CHUNK.match(rest, place):
            begin, size = found.end(), int(found[1], 16)
            parts.append(rest[begin : begin + size])
            place = begin + size + 2
        return b"".join(parts).decode()


async def ask(way: Way, load: Load, others: Sequence[Server] = ()) -> Round:
    """So many answers at once, all of them whole; `others` work for every way."""
    readers = [
        [Reader(way.wire, load.question()) for _ in range(load.turns)] for _ in range(load.streams)
    ]

    async def one_after_the_other(mine: Sequence[Reader]) -> None:
        for reader in mine:
            await reader.read(way.server.port)

    cpu, beside = way.server.cpu(), _spent(others)
    started = time.perf_counter()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*map(one_after_the_other, readers))
    seconds = time.perf_counter() - started
    asked = list(itertools.chain(*readers))
    spent = (way.server.cpu() - cpu) / len(asked) * 1000
    elsewhere = (_spent(others) - beside) / len(asked) * 1000
    for reader in asked:
        require_whole(way.wire, reader.body, load)
    firsts = sorted(reader.first * 1000 for reader in asked)
    return Round(len(asked) * load.pieces / seconds, firsts, spent, elsewhere)


def require_whole(wire: str, body: str, load: Load) -> None:
    """End the run where an answer lacks a piece, its end, or a verified source."""
    said = _said(wire, body)
    if not load.searching:
        # Candor replaces the mark by a sentence, and drops numbers of what nothing was found under.
        whole = said.text.replace(" [1]", "").endswith(text_of(load.pieces).replace(" [1]", ""))
    else:
        whole = any(said.text == text_of(load.pieces, number) for number in range(1, 10))
    sure = wire == "peer" or not load.searching or (said.outcome == "answered" and said.quotes)
    if not (whole and said.ended and sure):
        sys.exit(f"{wire}: an answer of {load.pieces} pieces is not whole:\n{body}")


@dataclass(frozen=True, slots=True)
class Said:
    """What a client makes of a stream."""

    text: str
    ended: bool
    outcome: str
    quotes: int


def _said(wire: str, body: str) -> Said:
    if wire == "data":
        return _said_in_lines(body)
    if wire == "advice-text":
        return _advised(json.loads(body), ended=True)
    if wire == "advice-lines":
        last = json.loads(body.strip().rpartition("\n")[2])
        return _advised(last, ended=last.get("final") is True)
    frames = [frame for frame in body.split("\n\n") if frame]
    if wire == "advice-sse":
        whole = "".join(frame.removeprefix("data: ") for frame in frames if frame[:5] == "data:")
        return _advised(json.loads(whole), ended=frames[-1].startswith("event: done"))
    ended = frames[-1:] == ["data: [DONE]"]
    chunks = [json.loads(frame[6:]) for frame in frames if frame.startswith("data: {")]
    if wire == "advice-ui":
        snapshots = [chunk["data"] for chunk in chunks if chunk["type"] == "data-advice"]
        return _advised(snapshots[-1], ended=ended)
    about = [chunk["messageMetadata"] for chunk in chunks if chunk["type"] == "message-metadata"]
    sources = [chunk["data"] for chunk in chunks if chunk["type"] == "data-sources"]
    return Said(
        "".join(chunk["delta"] for chunk in chunks if chunk["type"] == "text-delta"),
        ended,
        str(about[-1].get("outcome", "")) if about else "",
        sum(len(source["quotes"]) for source in itertools.chain(*sources)),
    )


def _said_in_lines(body: str) -> Said:
    lines = [(line[:1], json.loads(line[2:])) for line in body.split("\n") if line]
    (end,) = [value for code, value in lines if code == "d"] or [{}]
    records = [one for code, value in lines if code == "2" for one in value]
    record = cast("dict[str, Any]", records[-1] if records else {})
    return Said(
        "".join(value for code, value in lines if code == "0"),
        end.get("finishReason") == "stop",
        str(record.get("outcome", "")),
        sum(len(source["quotes"]) for source in record.get("sources", ())),
    )


def _advised(advice: dict[str, Any], *, ended: bool) -> Said:
    quotes = sum(len(source["quotes"]) for source in advice.get("sources", ()))
    return Said(str(advice.get("reasoning", "")), ended, "answered", quotes)


async def searched(peer: Server, load: Load) -> float:
    """Processor time of a search alone, in milliseconds, so many at once."""
    questions = [load.question() for _ in range(load.streams * load.turns)]
    body = json.dumps({"questions": questions, "at_once": load.streams}).encode()
    return await asyncio.to_thread(_search, peer.port, body)


def _search(port: int, body: bytes) -> float:
    with urlopen(Request(f"http://127.0.0.1:{port}/search", body), timeout=PATIENCE) as answer:
        return float(json.load(answer)["cpu_ms"])


async def idle(way: Way, streams: int) -> str:
    """A line: memory and threads with so many streams whose model is silent."""
    loop, server = asyncio.get_running_loop(), way.server
    before, threads = server.status("RssAnon"), server.status("Threads")
    readers = [Reader(way.wire, QUESTION.format(next(_numbers), "wait")) for _ in range(streams)]
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
        f"| {way.name} | {before / 1024:.0f} | {kilobytes / 1024:.0f} | {kilobytes / streams:.0f}"
        f" | {threads} | {server.status('Threads')} | {busy:.1f} % |"
    )
    for transport, _ in opened:
        transport.close()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(reader.ended.wait() for reader in readers))
    await calm(server)
    return line


async def calm(server: Server) -> None:
    """Wait until the server has nothing left to do."""
    async with asyncio.timeout(PATIENCE):
        cpu = -1.0
        while server.cpu() - cpu > 0.02:
            cpu = server.cpu()
            await asyncio.sleep(1.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where all of a run lies and what works for every way: a folder, and the provider."""

    folder: Path
    provider: Server
    documents: Sequence[Path]

    def environment(self, checkout: Path, **more: str) -> dict[str, str]:
        """Settings of a program of this checkout: a data folder of its own, and the provider."""
        data = self.folder / f"{checkout.name}-{abs(hash(checkout))}"
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **UNLIMITED,
            "PYTHONPATH": str(checkout),
            "DATA_DIR": str(data),
            "CHAT_MODEL": f"openai-chat:{MODEL}",
            "OPENAI_BASE_URL": self.address,
            **more,
        }

    @property
    def address(self) -> str:
        """The provider's."""
        return f"http://127.0.0.1:{self.provider.port}/v1"

    @contextmanager
    def candor(
        self, checkout: Path = HOUSE, name: str = "candor", workers: int = 1
    ) -> Generator[Server]:
        """The real program of a checkout, with the documents."""
        environment, port = self.environment(checkout), _free_port()
        program = [sys.executable, "-m", "backend.cli.program"]
        if not Path(environment["DATA_DIR"]).exists():
            ingest = [*program, "ingest", *map(str, self.documents)]
            done = subprocess.run(
                ingest,
                env=environment,
                cwd=self.folder,
                check=False,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                sys.exit(f"{name}: nothing was ingested:\n{done.stderr[-_END_OF_LOG:]}")
        serve = [*program, "serve", "--port", str(port), "--workers", str(workers)]
        with _running(serve, environment, self.folder) as process:
            while not _answers(f"http://127.0.0.1:{port}/health"):
                if process.poll() is not None:
                    sys.exit(f"{name}: the server did not start")
                time.sleep(0.2)
            yield Server(name, port, process.pid)

    @contextmanager
    def peer(self) -> Generator[Server]:
        """The peer, over the knowledge of this checkout."""
        command = [sys.executable, "-m", "benchmarks.peer_server", self.address]
        with _running(command, self.environment(HOUSE), self.folder) as process:
            yield Server("peer", _printed_port(process), process.pid)


@contextmanager
def place(documents: Sequence[Path] = SAMPLES) -> Generator[Place]:
    """A folder of its own and a provider."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE)}
        command = [sys.executable, "-m", "benchmarks.scripted_provider"]
        with _running(command, environment, Path(folder)) as process:
            provider = Server("provider", _printed_port(process), process.pid)
            yield Place(Path(folder), provider, documents)


@contextmanager
def _running(
    command: Sequence[str], environment: dict[str, str], folder: Path
) -> Generator[subprocess.Popen[str]]:
    """A program; its log is a file, of which the end is printed where the run fails."""
    log = folder / f"{uuid4().hex}.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    with process:
        try:
            yield process
        except SystemExit:
            print(f"{' '.join(command)}:\n{log.read_text()[-_END_OF_LOG:]}", file=sys.stderr)
            raise
        finally:
            process.terminate()


def _printed_port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    if not port:
        sys.exit(f"{process.args}: the server did not start")
    return int(port)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _spent(servers: Sequence[Server]) -> float:
    """Processor time of this process and these others."""
    return time.process_time() + sum(server.cpu() for server in servers)


def _family(pid: int) -> Generator[int]:
    """A process and those that it started and that still run."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _request(wire: str, question: str) -> bytes:
    """A question as the wire takes it."""
    said = {"id": "m1", "role": "user", "parts": [{"type": "text", "text": question}]}
    chat = {"id": uuid4().hex, "trigger": "submit-message", "messages": [said]}
    if wire == "data":
        body: object = {"user_id": "local", "message": question}
    elif WIRES[wire][0] == ADVICE:
        body = {"conversation": [{"role": "user", "content": question}]}
    else:
        body = chat
    text = json.dumps(body)
    path, accept = WIRES[wire]
    return REQUEST.format(path, accept, len(text), text).encode()


async def measure(
    ways: Sequence[Way],
    loads: Sequence[Load],
    rounds: int,
    provider: Server,
    show: Callable[[Load, Sequence[float]], object],
) -> None:
    """All rounds, in turning order, after a round that does not count. `show` is given each load when it
    is measured, with the processor times of its searches alone.
    """
    peer = next((way.server for way in ways if way.wire == "peer"), None)
    for way in ways:
        await ask(way, Load(pieces=20, streams=4))
    for load in loads:
        searches = list[float]()
        for number in range(rounds):
            for way in (*ways[number % len(ways) :], *ways[: number % len(ways)]):
                way.rounds.setdefault(load, []).append(await ask(way, load, [provider]))
            if peer is not None and load.searching:
                searches.append(await searched(peer, load))
        show(load, searches)


def report(ways: Sequence[Way], load: Load, searches: Sequence[float]) -> None:
    """The table of one load, and what must hold."""
    search = median(searches) if searches else 0.0
    print(f"\n{load.pieces} pieces{'' if load.searching else ' without a search'}, ", end="")
    print(f"{load.streams} at once; a search alone {search:.1f} ms\n")
    print(
        "| way | tokens/s | CPU ms a turn | first token p50 ms | p99 ms | rounds | provider+client |"
    )
    print("|---|---|---|---|---|---|---|")
    for way in ways:
        made = way.rounds[load]
        each = " ".join(f"{one.tokens_per_second:.0f}" for one in made)
        print(
            f"| {way.name} | {_speed(made):.0f} | {_spent_a_turn(made):.1f} | {_first(made, 0.5):.0f}"
            f" | {_first(made, 0.99):.0f} | {each} | {median(one.others for one in made):.1f} |"
        )
    peer = next((way.rounds[load] for way in ways if way.wire == "peer"), None)
    for way in ways if peer else ():
        if peer is None or way.wire == "peer":
            continue
        made = way.rounds[load]
        limit = (_spent_a_turn(peer) - search) * CPU + search
        speed = _speed(made) / _speed(peer)
        first = _first(made, 0.99) / _first(peer, 0.99)
        print(
            f"{way.name}: {speed:.2f} of the peer's tokens/s ({_mark(speed >= SPEED)}); CPU"
            f" {_spent_a_turn(made):.1f}, limit {limit:.1f} ({_mark(_spent_a_turn(made) <= limit)});"
            f" p99 {first:.2f} of the peer's ({_mark(first <= FIRST)})",
            flush=True,
        )


def _mark(true: bool) -> str:
    return "yes" if true else "NO"


def _speed(made: Sequence[Round]) -> float:
    return median(one.tokens_per_second for one in made)


def _spent_a_turn(made: Sequence[Round]) -> float:
    return median(one.cpu for one in made)


def _first(made: Sequence[Round], share: float) -> float:
    return median(at(one.first_token, share) for one in made)


def at(found: Sequence[float], share: float) -> float:
    """A quantile of sorted figures."""
    return found[min(int(len(found) * share), len(found) - 1)]


def main() -> None:
    """Read the arguments, start the servers, measure, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pieces", type=int, nargs="+", default=[20, 60, 300])
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 8, 50, 200])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=["ui", "data", "peer"])
    parser.add_argument("--no-search", action="store_true", help="answers without a search")
    parser.add_argument("--checkout", type=Path, action="append", default=[])
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--documents", type=Path, nargs="+", default=SAMPLES)
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    given = parser.parse_args()
    pieces, sizes = cast("list[int]", given.pieces), cast("list[int]", given.streams)
    rounds, waiting = cast("int", given.rounds), cast("int", given.idle)
    wanted = cast("list[str] | None", given.ways) or ["ui", "data", "peer"]
    checkouts = [each.resolve() for each in cast("list[Path]", given.checkout)]
    if given.quick:
        pieces, sizes, rounds, waiting = [20], [1, 10], 1, 10
    loads = [
        Load(pieces=length, streams=size, searching=not given.no_search)
        for length, size in itertools.product(pieces, sizes)
    ]
    print(machine(), flush=True)
    with ExitStack() as stack:
        placed = stack.enter_context(place([each.resolve() for each in given.documents]))
        servers = [stack.enter_context(placed.candor())]
        servers += [stack.enter_context(placed.candor(each, each.name)) for each in checkouts]
        wires = [wire for wire in wanted if wire != "peer"]
        ways = [Way(wire, server) for server in servers for wire in wires]
        if "peer" in wanted:
            ways.append(Way("peer", stack.enter_context(placed.peer())))
        show = partial(report, ways)
        asyncio.run(measure(ways, loads, rounds, placed.provider, show))
        if not waiting:
            return
        print(f"\n{waiting} streams whose model is silent\n")
        print("| way | MB before | MB more | kB a stream | threads | with streams | processor |")
        print("|---|---|---|---|---|---|---|", flush=True)
        for way in ways:
            print(asyncio.run(idle(way, waiting)), flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
