"""A move whose process is killed while it carries attached files: `python -m tests.faults.killed_move SOURCE TARGET
BUCKET_ADDRESS`, after the second file."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import anyio

from backend.settings.settings import Settings
from services.attachments import FileShelf
from tests.buckets import settings_for
from tests.fakes.candor import quick_candor
from use_cases.kernel.moving import Moved


def settings_of(folder: Path, bucket: str | None = None) -> Settings:
    """Of an installation in this folder; `bucket` is the address of its attached files."""
    return Settings.model_validate({"data_dir": folder, **(settings_for(bucket) if bucket else {})})


async def move(source: Path, target: Path, bucket: str) -> Sequence[Moved]:
    """As `candor move` does it."""
    async with (
        quick_candor(settings_of(source)) as here,
        quick_candor(settings_of(target, bucket)) as there,
    ):
        return await here.move_everything.to(there.move_everything, _quiet)


def _quiet(_name: str, _carried: int, _of: int) -> None:
    """Says nothing."""


def _die_at_the_third() -> None:
    put, done = FileShelf.put, [0]

    async def put_or_die(self: FileShelf, pieces: Sequence[tuple[str, bytes]]) -> None:
        if done[0] == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        done[0] += 1
        await put(self, pieces)

    FileShelf.put = put_or_die


if __name__ == "__main__":
    _die_at_the_third()
    anyio.run(move, Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
