"""Health is told while the threads that others share are taken."""

from pathlib import Path
from threading import Event

import anyio
import anyio.to_thread
import pytest

from backend.composition.container import Container
from backend.doctor.health import Health, check_health
from backend.settings.settings import Settings
from services.index.sqlite.connection import Connection
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_library import SqliteLibrary
from tests.patience import PATIENCE

pytestmark = pytest.mark.anyio


async def test_it_waits_for_no_thread_that_others_share(tmp_path: Path) -> None:
    shared = anyio.to_thread.current_default_thread_limiter()
    async with Container(Settings(data_dir=tmp_path), serving=True) as candor:
        await candor.store.open()
        await check_health(candor)
        taken = [object() for _ in range(int(shared.total_tokens))]
        for borrower in taken:
            shared.acquire_on_behalf_of_nowait(borrower)
        try:
            with anyio.fail_after(PATIENCE):
                report = await check_health(candor)
        finally:
            for borrower in taken:
                shared.release_on_behalf_of(borrower)
    assert report.status is Health.HEALTHY


async def test_what_is_stored_is_counted_while_every_reader_is_busy(tmp_path: Path) -> None:
    database = KnowledgeDatabase(tmp_path / "knowledge.sqlite")
    go_on = Event()

    def busy(_: Connection) -> None:
        go_on.wait()

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(database.read, busy)
        await anyio.wait_all_tasks_blocked()
        try:
            with anyio.fail_after(PATIENCE):
                assert (await SqliteLibrary(database).statistics()).documents == 0
        finally:
            go_on.set()
    await database.close()
