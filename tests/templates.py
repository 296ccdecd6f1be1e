"""Databases that are made once in a process and copied for each test that needs one.

Their bytes are kept in memory, so no test can change what the next one gets. A test of how a
database comes to be makes its own.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from services.store.store import Store


def migrated_store(file: Path) -> Path:
    """An empty store of the newest form at `file`, which is returned."""
    return write_database(file, _migrated())


def write_database(file: Path, content: bytes) -> Path:
    """Write a database as the program would: only its owner may read it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(content)
    return file


def run_apart(work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` to its end, also where an event loop runs already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(anyio.run, work).result()


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "candor.sqlite"

        async def make() -> None:
            store = Store(file)
            await store.open()
            await store.close()

        run_apart(make)
        return file.read_bytes()
