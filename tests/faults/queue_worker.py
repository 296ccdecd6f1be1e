"""A worker of the queue on PostgreSQL, as the whole of a process that is killed.

Each call of its model is a line in `calls.txt`: the text, the process, and the moment.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import anyio

from backend.composition.container import Container
from backend.processes.beside_requests import VECTORS, work
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.fakes.embedder import WordEmbedder
from tests.use_cases.playground.evaluations.evaluating import AnsweringModels
from use_cases.kernel.model import Vector
from use_cases.playground.evaluations.work_cells import EvaluationPolicy

AT_ONCE = 5
SECONDS = 0.05
"""Of a call."""


def candor_on(address: str, folder: Path, models: AnsweringModels) -> Container:
    """A Candor on the server, with a data folder of its own."""
    told = {
        "data_dir": folder / str(os.getpid()),
        "database_url": address,
        "knowledge_db": folder / "knowledge.sqlite",
    }
    made = quick_candor(Settings.model_validate(told), models=models)
    made.playground.evaluation_policy = EvaluationPolicy(eval_concurrency=AT_ONCE, eval_retries=0)
    return made


def work_from_queue(address: str, folder: Path) -> None:
    """Works until it is killed, or terminated."""
    calls = os.open(folder / "calls.txt", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def answer(text: str) -> str:
        os.write(calls, f"{text} {os.getpid()} {time.time()}\n".encode())
        return text

    async def run() -> None:
        models = AnsweringModels({"one": answer}, waiting=lambda: asyncio.sleep(SECONDS))
        async with candor_on(address, folder, models) as candor:
            await candor.open_store()
            await work(candor)

    anyio.run(run)


class LoggingEmbedder(WordEmbedder):
    """Writes a line for each text that it embeds, with its process and the moment; waits for another process that
    does so.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._lines = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """When another process has begun, too."""
        for text in texts:
            os.write(self._lines, f"{crc32(text.encode())} {os.getpid()} {time.time()}\n".encode())
        while len({line.split()[1] for line in self._file.read_text().splitlines()}) < 2:  # noqa: ASYNC110  (as above)
            await asyncio.sleep(SECONDS)
        return await super().embed_documents(texts)


def sharing_candor(address: str, folder: Path) -> Container:
    """A Candor whose documents are on the server, too."""
    told = {"data_dir": folder / str(os.getpid()), "database_url": address}
    made = quick_candor(Settings.model_validate(told))
    made.knowledge.embedder = LoggingEmbedder(folder / "calls.txt")
    return made


def embed_from_queue(address: str, folder: Path) -> None:
    """Makes vectors until it is killed."""

    async def run() -> None:
        async with sharing_candor(address, folder) as candor:
            await candor.open_store()
            await work(candor, [VECTORS.queue])

    anyio.run(run)
