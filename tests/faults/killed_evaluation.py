"""A process that works an evaluation off, to be killed: `python -m tests.faults.killed_evaluation
FOLDER RUN_ID`. Each call of its model is a line in `calls.txt`."""

import asyncio
import os
import sys
from pathlib import Path

from tests.use_cases.playground.evaluations.evaluating import (
    AnsweringModels,
    evaluating,
    manage,
)
from use_cases.kernel.model import LOCAL
from use_cases.playground.evaluations.work_cells import EvaluationPolicy

AT_ONCE = 10
POLICY = EvaluationPolicy(eval_concurrency=AT_ONCE, eval_retries=0)


async def work(folder: Path, run_id: str) -> None:
    """Work it off."""
    calls = os.open(folder / "calls.txt", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def answer(text: str) -> str:
        os.write(calls, f"{text}\n".encode())
        return text

    models = AnsweringModels({"one": answer}, waiting=lambda: asyncio.sleep(0.002))
    async with evaluating(folder, models, (), policy=POLICY) as candor:
        await manage(candor).run(LOCAL, run_id)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))
