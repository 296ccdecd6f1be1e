"""Servers and workers over one PostgreSQL database, each the whole of a process that may be killed."""

import asyncio
import re
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import TypeAlias

import anyio
import httpx
import uvicorn

from backend.composition.container import Container
from backend.http.app import create_app
from backend.processes.beside_requests import work
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.faults.parts import PROCESSES
from tests.patience import PATIENCE
from use_cases.kernel.model import Scope
from use_cases.playground.evaluations.work_cells import EvaluationPolicy

Told: TypeAlias = Mapping[str, str]
"""What every process is told; each has a data folder of its own."""

AT_ONCE = 4


def candor_for(told: Told, folder: str) -> Container:
    """The Candor of one process."""
    settings = Settings.model_validate({**told, "data_dir": folder, "inline_worker": False})
    made = quick_candor(settings, serving=True)
    made.playground.evaluation_policy = EvaluationPolicy(eval_concurrency=AT_ONCE, eval_retries=0)
    return made


def serve(told: Told, folder: str, sending: Connection) -> None:
    """A server until it is killed."""
    settings = candor_for(told, folder).settings
    app = create_app(settings, lambda: candor_for(told, folder))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sending.send(f"http://127.0.0.1:{listening.getsockname()[1]}")
        uvicorn.Server(uvicorn.Config(app, log_config=None)).run([listening])


def work_off(told: Told, folder: str) -> None:
    """A worker until it is killed."""

    async def run() -> None:
        async with candor_for(told, folder) as candor:
            await candor.open_store()
            await work(candor)

    anyio.run(run)


@dataclass
class Site:
    """The processes, and what kills and replaces them."""

    told: Told
    folder: Path
    opened: ExitStack
    started: int = 0

    def server(self) -> tuple[ForkServerProcess, str]:
        """One more server, and its address."""
        receiving, sending = PROCESSES.Pipe(duplex=False)
        process = self._start(serve, sending)
        return process, str(receiving.recv())

    def worker(self) -> ForkServerProcess:
        """One more worker."""
        return self._start(work_off)

    def _start(self, target: Callable[..., None], *given: object) -> ForkServerProcess:
        self.started += 1
        place = str(self.folder / str(self.started))
        process = PROCESSES.Process(target=target, args=(self.told, place, *given))
        process.start()
        self.opened.callback(end, process)
        return process


def end(process: ForkServerProcess) -> None:
    """Kill it, if it still runs."""
    process.kill()
    process.join()


@contextmanager
def site(told: Told, folder: Path) -> Generator[Site]:
    """Nothing runs yet; in the end nothing does."""
    with ExitStack() as opened:
        yield Site(told, folder, opened)


@asynccontextmanager
async def client(url: str, key: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A caller of one server."""
    async with httpx.AsyncClient(
        base_url=url, timeout=PATIENCE, trust_env=False, headers={"X-API-Key": key}
    ) as made:
        yield made


async def new_key(candor: Container) -> tuple[str, str]:
    """The id and the secret of a key of `anna` that may do everything."""
    made = await candor.identity.manage_keys.create("anna", label="x", scopes=frozenset(Scope))
    return made.key.key_id, made.secret


async def begun(lines: AsyncGenerator[str]) -> str:
    """Reads until the first text; the chat's id."""
    chat_id = ""
    async for line in lines:
        if found := re.search(r'"chat_id":"([^"]+)"', line):
            chat_id = found[1]
        if line.startswith("0:"):
            break
    return chat_id


async def until(said: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again, until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not await said():  # noqa: ASYNC110  (other processes)
            await asyncio.sleep(0.05)
