"""How soon answers begin, and how many end a second, with one process and with several.

    python -m benchmarks.workers [--workers 1 2] [--streams 1 50 200] [--rounds N] [--quick]

The real program (`candor serve --workers N`) on one SQLite file, with a provider of models in a process
of its own that says 50 words at once. The client, the provider and the workers share the cores of this
machine. The time to the first token is from the request to the first byte of text. The peer of
several processes is the single one.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import cast
from urllib.request import urlopen

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from benchmarks.machine import machine
from benchmarks.streams import QUESTION, Reader

WORDS = 50
PATIENCE = 300.0


def provider() -> FastAPI:
    """A provider in vLLM's shape."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete() -> StreamingResponse:
        return StreamingResponse(_said(), media_type="text/event-stream")

    return app


async def _said() -> AsyncGenerator[str]:
    for word in ("[not_found] ", *("word " for _ in range(WORDS))):
        yield _chunk([{"index": 0, "delta": {"role": "assistant", "content": word}}])
    yield _chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    yield "data: [DONE]\n\n"


def _chunk(choices: list[dict[str, object]]) -> str:
    about = {"id": "one", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
    return f"data: {json.dumps({**about, 'choices': choices})}\n\n"


@contextmanager
def running(command: Sequence[str], port: int, path: str, **more: str) -> Generator[None]:
    """A server of its own, once it answers."""
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **more}
    process = subprocess.Popen([sys.executable, *command], env=told, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while not _answers(f"http://127.0.0.1:{port}{path}"):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{' '.join(command)}: the server did not start")
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except OSError:
        return False


async def asked(port: int, streams: int) -> tuple[Sequence[float], float]:
    """The seconds to each first token, sorted, and those to the end of all."""
    loop = asyncio.get_running_loop()
    readers = [Reader("candor-data", QUESTION) for _ in range(streams)]
    started = time.perf_counter()
    for reader in readers:
        await loop.create_connection(lambda r=reader: r, "127.0.0.1", port)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(reader.ended.wait() for reader in readers))
    if not all(reader.first for reader in readers):
        sys.exit("an answer without text")
    return sorted(reader.first for reader in readers), time.perf_counter() - started


def measure(count: int, sizes: Sequence[int], rounds: int) -> None:
    """Print a line for each size."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        inside, port = _free_port(), _free_port()
        stack.enter_context(
            running(["-m", "benchmarks.workers", "--provide", str(inside)], inside, "/docs")
        )
        settings = {
            "DATA_DIR": folder,
            "CHAT_MODEL": "vllm:scripted",
            "VLLM_BASE_URL": f"http://127.0.0.1:{inside}/v1",
        }
        serve = ["-m", "backend.cli.program", "serve", "--port", str(port), "--workers", str(count)]
        stack.enter_context(running(serve, port, "/health", **settings))
        asyncio.run(asked(port, 4 * count))  # warms up, and does not count
        for size in sizes:
            made = [asyncio.run(asked(port, size)) for _ in range(rounds)]
            first = [median(_at(found, share) for found, _ in made) for share in (0.5, 0.99)]
            seconds = median(end for _, end in made)
            print(f"| {count} | {size} | {first[0]:.2f} | {first[1]:.2f} | {size / seconds:.0f} |")


def _at(found: Sequence[float], share: float) -> float:
    return found[min(int(len(found) * share), len(found) - 1)]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def main() -> None:
    """Read the arguments, measure, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    parser.add_argument("--provide", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.provide:
        uvicorn.run(provider(), port=int(given.provide), log_level="error")
        return
    sizes, rounds = cast("list[int]", given.streams), cast("int", given.rounds)
    if given.quick:
        sizes, rounds = [1, 10], 2
    print(machine(), flush=True)
    print("\n| processes | at once | first token p50 s | p99 s | answers/s |")
    print("|---|---|---|---|---|", flush=True)
    for count in cast("list[int]", given.workers):
        measure(count, sizes, rounds)


if __name__ == "__main__":
    main()
