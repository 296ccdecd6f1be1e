"""What becomes of a server while files are uploaded that are made to cost their reader too much.

    python -m benchmarks.hostile_uploads [--at-once N] [--seconds S] [--quick]

The real application on a real uvicorn in a process of its own, with a cheap embedder. Each file of
`benchmarks.hostile_files` is uploaded alone, then two of them `--at-once` times at the same time
(42), with a deadline of `--seconds` (8) for each reading. Meanwhile another process asks for
`/health` all the time, over a new connection each. The first line is of ten seconds without
an upload: what other work on the machine does. "Stall" is the longest time that the server's event loop
was kept from a task that sleeps for 5 ms, measured by that task; "health" is the wait for an answer,
of 99 % and the longest; "peak MB" is the largest resident memory of the server itself so far, and "readers MB" that of
its processes together, sampled every 20 ms. Last, SIGTERM is sent while hostile files are read.
"""

import argparse
import http.client
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import uvicorn
from fastapi import FastAPI

from backend.composition.container import Container
from backend.http.app import create_app
from backend.processes.scheduling import prepare_server
from backend.settings.settings import load_settings
from benchmarks.hostile_files import (
    endless_page,
    hidden_elements,
    honest_files,
    hostile_files,
    nested_elements,
)
from benchmarks.machine import machine
from benchmarks.synthetic import CheapEmbedder

_TICK = 0.005
_QUIET_SECONDS = 10.0
_BOUNDARY = "----------------hostile"
_SENDERS_NICE = 10
"""On Linux the niceness is each thread's own."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """How one upload ended."""

    status: int
    code: str
    seconds: float


class Watch:
    """While it is entered: the waits for `/health` (99 % and all), and the memory of the readers.

    `/health` is asked for by a process of its own, which no upload keeps waiting.
    """

    def __init__(self, port: int, server: int) -> None:
        self._port = port
        self._server = server
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._weigh)
        self._asking = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hostile_uploads", "--ask", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.usual = 0.0
        self.longest = 0.0
        self.readers = 0.0

    def __enter__(self) -> "Watch":
        assert self._asking.stdout is not None
        self._asking.stdout.readline()  # it has begun
        request(self._port, "POST", "/stall")  # from now on
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.usual, self.longest = map(float, self._asking.communicate()[0].split())
        self._ended.set()
        self._thread.join()

    def _weigh(self) -> None:
        children = Path(f"/proc/{self._server}/task")
        while not self._ended.wait(0.02):
            found = [pid for task in children.iterdir() for pid in _words(task / "children")]
            self.readers = max(self.readers, sum(_memory(int(pid), "VmRSS") for pid in found))


def ask(port: int) -> None:
    """Ask for `/health` until the input ends; print the wait of 99 % and the longest."""
    waits: list[float] = []
    print("asking", flush=True)
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        began = time.perf_counter()
        status, _ = request(port, "GET", "/health")
        taken = time.perf_counter() - began
        waits.append(taken if status == 200 else math.inf)
    waits.sort()
    print(waits[len(waits) * 99 // 100], waits[-1])


def request(
    port: int, method: str, path: str, body: bytes | None = None, kind: str = ""
) -> tuple[int, bytes]:
    """One request over a connection of its own; status 0 when the server broke it off."""
    connection = http.client.HTTPConnection("localhost", port, timeout=600)
    try:
        connection.request(method, path, body, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (ConnectionError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def upload(port: int, name: str, content: bytes) -> Uploaded:
    """Send one file."""
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    )
    body = head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    began = time.perf_counter()
    kind = f"multipart/form-data; boundary={_BOUNDARY}"
    status, answered = request(port, "POST", "/knowledge/documents", body, kind)
    said = cast("dict[str, object]", json.loads(answered or b"{}"))
    return Uploaded(status, str(said.get("code", "")), time.perf_counter() - began)


def show(port: int, server: int, label: str, name: str, content: bytes, times: int) -> None:
    """One line of the table. The senders yield to the server: in life they have their own machines."""
    yielding = partial(os.nice, _SENDERS_NICE)
    with Watch(port, server) as watch, ThreadPoolExecutor(times, initializer=yielding) as threads:
        sent = [
            threads.submit(upload, port, f"{number}-{name}", content) for number in range(times)
        ]
        done = [one.result() for one in sent]
    stall = float(request(port, "POST", "/stall")[1])
    ends = Counter(f"{one.status} {one.code}".strip() for one in done)
    ended = ", ".join(f"{end}{f' x{count}' if count > 1 else ''}" for end, count in ends.items())
    print(
        f"| {label} | {len(content) / 1000:,.0f} | {ended} | {max(one.seconds for one in done):.2f}"
        f" | {stall * 1000:.0f} | {watch.usual * 1000:.0f} | {watch.longest * 1000:.0f}"
        f" | {_memory(server, 'VmHWM'):.0f} | {watch.readers:.0f} |",
        flush=True,
    )


def show_end(port: int, process: "subprocess.Popen[str]") -> None:
    """How long the server takes to end while its readers are busy, and what is left of them."""
    content = endless_page()
    with ThreadPoolExecutor(4) as threads:
        sent = [threads.submit(upload, port, f"{number}.html", content) for number in range(4)]
        time.sleep(0.5)
        readers = _readers(process.pid)
        began = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        process.wait()
        taken = time.perf_counter() - began
        ends = Counter(f"{one.result().status} {one.result().code}".strip() for one in sent)
    left = [pid for pid in readers if Path(f"/proc/{pid}").exists()]
    print(
        f"\nSIGTERM while {len(readers)} readers are busy: ended after {taken:.1f} s with exit code "
        f"{process.returncode}; uploads {dict(ends)}; readers left: {len(left)}"
    )


def serve(folder: Path) -> None:
    """The server's process."""
    settings = load_settings().model_copy(update={"data_dir": folder / "var"})

    def made() -> Container:
        candor = Container(settings, serving=True)
        candor.knowledge.embedder = CheapEmbedder()
        return candor

    app = create_app(
        settings,
        made,
        prepare_server,
    )
    _watch_loop(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(app, log_config=None, access_log=False)
        uvicorn.Server(config).run([listener])


def _watch_loop(app: FastAPI) -> None:
    """Measure the longest stall, and tell it: `POST /stall` answers with it and begins again."""
    longest = 0.0
    inner = app.router.lifespan_context

    async def tick() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await anyio.sleep(_TICK)
            longest = max(longest, time.perf_counter() - began - _TICK)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with inner(app), anyio.create_task_group() as tasks:
            tasks.start_soon(tick)
            yield
            tasks.cancel_scope.cancel()

    async def stall() -> float:
        nonlocal longest
        found, longest = longest, 0.0
        return found

    app.router.lifespan_context = lifespan
    app.add_api_route("/stall", stall, methods=["POST"])


def _readers(server: int) -> Sequence[int]:
    tasks = Path(f"/proc/{server}/task").iterdir()
    return [int(pid) for task in tasks for pid in _words(task / "children")]


def _words(file: Path) -> Sequence[str]:
    try:
        return file.read_text().split()
    except OSError:
        return ()


def _memory(process: int, name: str) -> float:
    """In MB; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--at-once", type=int, default=42)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(cast("Path", given.serve))
        return
    if given.ask:
        ask(cast("int", given.ask))
        return
    at_once = 4 if given.quick else cast("int", given.at_once)
    seconds = 1.0 if given.quick else cast("float", given.seconds)
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hostile_uploads", "--serve", folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "READ_TIMEOUT_SECONDS": str(seconds), "SHUTDOWN_SECONDS": "3"},
        )
        assert process.stdout is not None
        try:
            measure(int(process.stdout.readline()), process, at_once, _files(quick=given.quick))
        finally:
            process.kill()
            process.wait()
    print(f"\n{machine()}")


def measure(
    port: int, process: "subprocess.Popen[str]", at_once: int, files: Mapping[str, bytes]
) -> None:
    """All lines."""
    print(
        "\n| file | kB | ended | s | stall ms | health p99 ms | longest ms | peak MB | readers MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    upload(port, "first.md", b"# First\n\nIt waits for what is imported late.")
    with Watch(port, process.pid) as watch:
        time.sleep(_QUIET_SECONDS)
    stall = float(request(port, "POST", "/stall")[1])
    print(
        f"| (nothing) | | | {_QUIET_SECONDS:.2f} | {stall * 1000:.0f} | {watch.usual * 1000:.0f} | {watch.longest * 1000:.0f}"
        f" | {_memory(process.pid, 'VmHWM'):.0f} | {watch.readers:.0f} |",
        flush=True,
    )
    for name, content in files.items():
        show(port, process.pid, name, name, content, 1)
    for name, content in (("nested.html", nested_elements()), ("hidden.html", hidden_elements())):
        show(port, process.pid, f"{at_once} of {name}", name, content, at_once)
    show_end(port, process)


def _files(*, quick: bool) -> Mapping[str, bytes]:
    files = {**hostile_files(), **honest_files()}
    return {name: files[name] for name in ("nested.html", "long.csv")} if quick else files


if __name__ == "__main__":
    main()
