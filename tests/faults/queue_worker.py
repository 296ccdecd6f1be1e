"""A worker of the queue on PostgreSQL, as the whole of a process that is killed.

Each call of its model is a line in `calls.txt`: the text, the process, and the moment.
"""

import asyncio
import os
import time
from pathlib import Path

import anyio

from backend.composition.container import Container
from backend.processes.beside_requests import work
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.use_cases.playground.evaluations.evaluating import AnsweringModels
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
