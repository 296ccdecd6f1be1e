"""A process that summarises and is killed when the parts are done: `python -m tests.faults.killed_summary
FOLDER RUN_ID`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.contracts.keeping import ANNA
from tests.use_cases.conversations.test_summarise import MODEL, PARTS, desk
from tests.use_cases.playground.evaluations.evaluating import AnsweringModels


async def work(folder: Path, run_id: str) -> None:
    """Work it off, to the call after the parts."""
    models = AnsweringModels({MODEL: lambda text: "A part."})

    async def dies() -> None:
        if len(models.asked) > PARTS:
            os.kill(os.getpid(), signal.SIGKILL)

    models.waiting = dies
    async with desk(folder, models) as summaries:
        await summaries.summarise.run(ANNA, run_id)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))
