"""A process that attaches a file, or sweeps, and is killed: `python -m tests.faults.killed_upload FOLDER
MOMENT`. The moments: before and after the object is stored, and after one is removed."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from services.attachments import folder_store
from tests.contracts.keeping import ANNA
from tests.use_cases.conversations.attaching import attaching


class DeadlyStore:
    """The folder, at which the process ends."""

    def __init__(self, folder: Path, moment: str) -> None:
        self._folder = folder_store(folder)
        self._moment = moment
        self.read, self.link = self._folder.read, self._folder.link

    async def put(self, key: str, content: BinaryIO, *, name: str, media_type: str) -> None:
        """Store it, or die."""
        self._die("before")
        await self._folder.put(key, content, name=name, media_type=media_type)
        self._die("after")

    async def delete(self, key: str) -> None:
        """Remove it, and die."""
        await self._folder.delete(key)
        self._die("removed")

    def _die(self, moment: str) -> None:
        if moment == self._moment:
            os.kill(os.getpid(), signal.SIGKILL)


async def work(folder: Path, moment: str) -> None:
    """Attach a file, or sweep."""
    async with attaching(folder, files=DeadlyStore(folder / "files", moment)) as files:
        if moment == "removed":
            await files.sweep.run()
        else:
            await files.add(ANNA, "chat_anna", "a.txt", b"one")


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))
