"""What one caller must wait for another: SQL, offline answers and `/health` on a busy server, storms, uploads.

    python -m benchmarks.fairness [--at-once 1 8 100] [--queries N] [--storms | --uploads] [--quick]

The real application in one worker (`uvicorn backend.main:app`, keys required, no other limits) over
the sample documents and a table of 3,000 rows; this process is the client.

SQL: one caller sends `--queries` queries at once that each take the whole time a query may take;
meanwhile another one asks a small query, and a question in the chat, ten times each. Offline
answers: so many different questions at once, to a server that has just begun ("new") and to the
same one again ("warm"). First and last are the times from the request to the first byte of text
and to the end of the answer; processor seconds are the server's own, for each answer. `/health` is
asked all the while, by a stranger.

Storms (alone with `--storms`): 40 clients, in a process of their own, keep their connections and send
request after request with one key that is over its limit of 60 a minute, then with a key that does not
exist; another caller asks the same question one time after the other, before and meanwhile.

Uploads (alone with `--uploads`): another's 58 characters, alone, while one caller's text of 20 MB is read
and stored, and while its passages wait for their vectors: until the answer, and until the document is
`ready`, that is has its vector.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx

from benchmarks.machine import machine
from benchmarks.streams import Server

HOUSE = Path(__file__).resolve().parents[1]
SAMPLES = HOUSE / "samples"
SLOW = "SELECT count(*) FROM numbers a, numbers b, numbers c"
SMALL = "SELECT count(*) FROM numbers"
TIMES = 10
PATIENCE = 300.0
_HEALTH_EVERY = 0.1
_OTHER = "other"
_FIRST_TEXT = b'0:"'
_UNLIMITED = {
    "AUTH_MODE": "required",
    "RATE_LIMIT_PER_MINUTE": "0",
    "RATE_LIMIT_READS_PER_MINUTE": "0",
    "MAX_STREAMS_PER_CALLER": "0",
    "CHAT_MODEL": "offline:extractive",
    "LOG_LEVEL": "WARNING",
}
_STORM_CLIENTS = 40
_BOOK_BYTES = 20_000_000
_QUICK_BOOK_BYTES = 100_000
_UPLOADS = 5
_SCOPES = ("chat", "knowledge:read", "knowledge:write")
_STORM_TIMES = 50
_LIMITED = {"RATE_LIMIT_READS_PER_MINUTE": "60", "MAX_STREAMS_PER_CALLER": "10"}
_NO_KEY = f"cndr_{'z' * 10}_{'z' * 40}"


@dataclass(frozen=True, slots=True)
class Installed:
    """A data folder with documents, a table and two keys."""

    environment: dict[str, str]
    greedy: str
    other: str


@dataclass(slots=True)
class Waited:
    """Seconds, of one kind of request."""

    seconds: list[float] = field(default_factory=list[float])

    def at(self, share: float) -> str:
        """A quantile, in milliseconds."""
        ordered = sorted(self.seconds)
        if not ordered:
            return "-"
        return f"{ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000:.0f}"

    @property
    def row(self) -> str:
        """Median, p99 and number."""
        return f"{self.at(0.5)} | {self.at(0.99)} | {len(self.seconds)}"


@dataclass(frozen=True, slots=True)
class Client:
    """One caller at one server."""

    http: httpx.AsyncClient
    key: str

    async def query(self, sql: str) -> int:
        """The status of a query."""
        answer = await self.http.post("/knowledge/sql", json={"query": sql}, headers=self._headers)
        return answer.status_code

    async def upload(self, name: str, content: bytes) -> tuple[float, dict[str, object]]:
        """Seconds to the answer, and the document."""
        started = time.perf_counter()
        answer = await self.http.post(
            "/knowledge/documents", files={"file": (name, content)}, headers=self._headers
        )
        answer.raise_for_status()
        return time.perf_counter() - started, answer.json()["document"]

    async def document(self, document_id: object) -> dict[str, object]:
        """A stored document."""
        answer = await self.http.get(f"/knowledge/documents/{document_id}", headers=self._headers)
        return cast("dict[str, object]", answer.raise_for_status().json())

    async def ask(self, question: str) -> tuple[float, float]:
        """Seconds to the first text and to the end of a streamed answer."""
        started, first = time.perf_counter(), 0.0
        body = {"user_id": _OTHER, "message": question}
        async with self.http.stream(
            "POST", "/chat/stream", json=body, headers=self._headers
        ) as answer:
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                if not first and _FIRST_TEXT in chunk:
                    first = time.perf_counter() - started
        return first, time.perf_counter() - started

    @property
    def _headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key}


def installed(folder: Path) -> Installed:
    """Ingest and make the keys, as a person would."""
    table = folder / "numbers.csv"
    table.write_text("n,label\n" + "".join(f"{n},item {n}\n" for n in range(1, 3001)))
    environment = {**os.environ, **_UNLIMITED, "DATA_DIR": str(folder / "var")}
    _candor(environment, "ingest", str(SAMPLES / "documents"), str(SAMPLES / "tables"), str(table))
    greedy, other = (
        str(json.loads(_candor(environment, *_new_key(user)))["key"]) for user in ("greedy", _OTHER)
    )
    return Installed(environment, greedy, other)


@contextmanager
def serving(environment: dict[str, str]) -> Generator[Server]:
    """The real application in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.fairness", "--serve"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env=environment, cwd=HOUSE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                sys.exit("the server did not start")
            yield Server("candor", int(port), process.pid)
        finally:
            process.terminate()


def serve() -> None:
    """Serve on a free port, and print it."""
    import uvicorn

    from backend.main import app

    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, backlog=1024)
    listening = config.bind_socket()
    listening.listen(config.backlog)
    print(listening.getsockname()[1], flush=True)
    asyncio.run(uvicorn.Server(config).serve([listening]))


async def greedy_queries(server: Server, keys: Installed, queries: int) -> None:
    """One caller's queries, and what another one waits alone and meanwhile."""
    print(f"\n{queries} queries of one caller, each stopped at its time limit\n")
    print("| another caller | p50 ms | p99 ms | requests |\n|---|---|---|---|")
    async with clients(server) as http:
        greedy, other = Client(http, keys.greedy), Client(http, keys.other)
        await other.ask(_questions()[0])
        for name, action in _actions(other):
            print(f"| {name}, alone | {(await _timed(action)).row} |", flush=True)
        for name, action in _actions(other):
            async with _health(http) as health:
                flood = [asyncio.create_task(greedy.query(SLOW)) for _ in range(queries)]
                await asyncio.sleep(0.5)  # they have begun
                waited = await _timed(action, while_=flood)
                statuses = Counter(await asyncio.gather(*flood))
            told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
            print(f"| {name}, meanwhile | {waited.row} |")
            print(f"| /health, meanwhile | {health.row} | the queries: {told} |", flush=True)


async def questions_at_once(server: Server, keys: Installed, number: int, state: str) -> None:
    """So many different questions at once: one row."""
    async with clients(server) as http:
        client = Client(http, keys.other)
        started, cpu = time.perf_counter(), server.cpu()
        async with _health(http) as health:
            answers = await asyncio.gather(*map(client.ask, _questions()[:number]))
        seconds, spent = time.perf_counter() - started, server.cpu() - cpu
    first, last = Waited([one for one, _ in answers]), Waited([one for _, one in answers])
    print(
        f"| {number} | {state} | {number / seconds:.1f} | {spent / number:.3f}"
        f" | {first.at(0)} | {first.at(0.5)} | {first.at(0.99)}"
        f" | {last.at(0)} | {last.at(0.5)} | {last.at(0.99)}"
        f" | {health.at(0.5)} | {health.at(0.99)} |",
        flush=True,
    )


async def storms(server: Server, keys: Installed) -> None:
    """Clients that do not stop, and what another caller waits before and meanwhile: two rows."""
    print(f"\n{_STORM_CLIENTS} clients that ask again as soon as they are refused\n")
    print(
        "| their key | alone p50 ms | worst | meanwhile p50 | worst | ratio of p50"
        " | their answers a second |\n|---|---|---|---|---|---|---|"
    )
    async with clients(server) as http:
        other = Client(http, keys.other)
        for name, key in (("over its limit", keys.greedy), ("none", _NO_KEY)):
            await other.ask(_questions()[0])
            alone = await _timed(lambda: other.ask(_questions()[0]), times=_STORM_TIMES)
            started = time.perf_counter()
            with storming(server, key) as told:
                await asyncio.sleep(1)  # over the limit by now
                meanwhile = await _timed(lambda: other.ask(_questions()[0]), times=_STORM_TIMES)
            seconds = time.perf_counter() - started
            ratio = (
                sorted(meanwhile.seconds)[_STORM_TIMES // 2]
                / sorted(alone.seconds)[_STORM_TIMES // 2]
            )
            rates = ", ".join(
                f"{count / seconds:.0f} x {status}" for status, count in sorted(told.items())
            )
            print(
                f"| {name} | {alone.at(0.5)} | {alone.at(1)} | {meanwhile.at(0.5)}"
                f" | {meanwhile.at(1)} | {ratio:.2f} | {rates} |",
                flush=True,
            )


@contextmanager
def storming(server: Server, key: str) -> Generator[dict[str, int]]:
    """Inside, clients in a process of their own send requests; at the end, their answers by status."""
    command = [sys.executable, "-m", "benchmarks.fairness", "--storm", str(server.port), key]
    told: dict[str, int] = {}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOUSE, text=True
    ) as process:
        yield told
        output, _ = process.communicate()  # the end of its input ends it
        told |= cast("dict[str, int]", json.loads(output))


async def storm(port: int, key: str) -> None:
    """Send requests until the input ends, and print the number of answers by status."""
    told = Counter[str]()
    request = f"GET /answers HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\r\n".encode()

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))
            told[head.split()[1].decode()] += 1

    asking = [asyncio.create_task(ask()) for _ in range(_STORM_CLIENTS)]
    await asyncio.to_thread(sys.stdin.read)
    for one in asking:
        one.cancel()
    print(json.dumps(told))


@asynccontextmanager
async def clients(server: Server) -> AsyncGenerator[httpx.AsyncClient]:
    """Any number of connections."""
    limits = httpx.Limits(max_connections=None)
    address = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits) as http:
        yield http


@asynccontextmanager
async def _health(http: httpx.AsyncClient) -> AsyncGenerator[Waited]:
    """Inside, `/health` is asked, one request after the other."""
    waited = Waited()

    async def ask() -> None:
        while True:
            started = time.perf_counter()
            (await http.get("/health")).raise_for_status()
            waited.seconds.append(time.perf_counter() - started)
            await asyncio.sleep(_HEALTH_EVERY)

    asking = asyncio.create_task(ask())
    try:
        yield waited
    finally:
        if asking.done():
            asking.result()
        asking.cancel()


def _actions(client: Client) -> Sequence[tuple[str, Callable[[], Awaitable[object]]]]:
    return (
        ("small query", lambda: client.query(SMALL)),
        ("question", lambda: client.ask(_questions()[0])),
    )


async def _timed(
    action: Callable[[], Awaitable[object]],
    while_: Sequence[asyncio.Task[int]] = (),
    times: int = TIMES,
) -> Waited:
    """So many times, or until what goes on meanwhile is over; once at least."""
    waited = Waited()
    for _ in range(times):
        started = time.perf_counter()
        await action()
        waited.seconds.append(time.perf_counter() - started)
        if while_ and all(task.done() for task in while_):
            break
    return waited


def _questions() -> Sequence[str]:
    lines = (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(cast("dict[str, object]", json.loads(line))["question"]) for line in lines]


def _new_key(user: str) -> Sequence[str]:
    scopes = [part for one in _SCOPES for part in ("--scope", one)]
    return ("keys", "create", "--user", user, "--label", "benchmark", *scopes, "--json")


def _candor(environment: dict[str, str], *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("candor")), *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


async def uploads(server: Server, keys: Installed, size: int) -> None:
    """Another's small uploads beside a large one: a row for each state of it."""
    print(f"\nAnother's 58 characters beside one text of {size / 1e6:g} MB (milliseconds)\n")
    print("| the text | answered p50 | longest | vector there p50 | longest | uploads |")
    print("|---|---|---|---|---|---|", flush=True)
    async with clients(server) as http:
        greedy, other = Client(http, keys.greedy), Client(http, keys.other)
        await _small_upload(other, "first")  # it loads the model
        await _small_uploads(other, "none")
        book = asyncio.create_task(greedy.upload("book.md", _book(size)))
        await _small_uploads(other, "read and stored", while_=book)
        taken, stored = await book
        await _small_uploads(other, "waits for vectors")
        shown = await greedy.document(stored["id"])
        print(
            f"\nThe text was answered after {taken:.1f} s; {shown['vectors']} of its"
            f" {shown['passages']} passages have a vector now."
        )


async def _small_uploads(
    client: Client,
    state: str,
    while_: "asyncio.Task[tuple[float, dict[str, object]]] | None" = None,
) -> None:
    answered, ready = Waited(), Waited()
    for number in range(_UPLOADS):
        if number and while_ is not None and while_.done():
            break
        first, last = await _small_upload(client, f"{state} {number}")
        answered.seconds.append(first)
        ready.seconds.append(last)
    figures = f"{answered.at(0.5)} | {answered.at(1)} | {ready.at(0.5)} | {ready.at(1)}"
    print(f"| {state} | {figures} | {len(ready.seconds)} |", flush=True)


async def _small_upload(client: Client, name: str) -> tuple[float, float]:
    """Seconds to the answer, and to the vector."""
    started = time.perf_counter()
    content = f"The stairwell is painted in the colour of {name}."
    answered, document = await client.upload(f"{name}.md", content.ljust(58, ".").encode())
    while document["state"] != "ready":
        await asyncio.sleep(0.02)
        document = await client.document(document["id"])
    return answered, time.perf_counter() - started


def _book(size: int) -> bytes:
    """Prose of so many bytes, no paragraph twice."""
    drawn = random.Random(1)
    words = [
        "".join(drawn.choices("abcdefghijklmnoprstuvw", k=drawn.randint(2, 9)))
        for _ in range(5_000)
    ]
    made: list[str] = []
    length = 0
    while length < size:
        made.append(" ".join(drawn.choices(words, k=115)) + ".\n\n")
        length += len(made[-1])
    return "".join(made)[:size].encode()


def main() -> None:
    """Read the arguments, start the servers, measure, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 8, 100])
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--storms", action="store_true", help="clients that do not stop, alone")
    parser.add_argument("--uploads", action="store_true", help="small beside large ones, alone")
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--storm", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return
    if given.storm:
        port, key = cast("list[str]", given.storm)
        asyncio.run(storm(int(port), key))
        return
    sizes, queries = cast("list[int]", given.at_once), cast("int", given.queries)
    if given.quick:
        sizes, queries = [1, 4], 6
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        keys = installed(Path(folder))
        if not given.uploads:
            with serving({**keys.environment, **_LIMITED}) as server:
                asyncio.run(storms(server, keys))
        if not given.storms:
            with serving(keys.environment) as server:
                size = _QUICK_BOOK_BYTES if given.quick else _BOOK_BYTES
                asyncio.run(uploads(server, keys, size))
        if given.storms or given.uploads:
            print(f"\n{machine()}")
            return
        with serving(keys.environment) as server:
            asyncio.run(greedy_queries(server, keys, queries))
        print("\nOffline answers (milliseconds)\n")
        print(
            "| at once | server | answers/s | cpu s/answer | first min | p50 | p99"
            " | last min | p50 | p99 | health p50 | p99 |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
        for size in sizes:
            with serving(keys.environment) as server:
                for state in ("new", "warm"):
                    asyncio.run(questions_at_once(server, keys, size, state))
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
