"""A process that works a benchmark off, to be killed: `python -m tests.faults.killed_benchmark FOLDER
RUN_ID`. Each call of its model is a line in `calls.txt`."""

import asyncio
import os
import sys
from pathlib import Path

from tests.use_cases.benchmark.benchmarking import SmallTasks, benchmarking, repairing
from tests.use_cases.benchmark.contestants.scripted_cleaner import CleaningModels, Said
from use_cases.kernel.model import LOCAL

TASKS = SmallTasks(tables=("places", "firms"))


async def work(folder: Path, run_id: str) -> None:
    """Work it off."""
    calls = os.open(folder / "calls.txt", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def answer(prompt: str) -> Said:
        os.write(calls, b"call\n")
        return repairing(prompt)

    async with benchmarking(folder, CleaningModels(answer), tasks=TASKS) as runs:
        await runs.run(LOCAL, run_id)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))
