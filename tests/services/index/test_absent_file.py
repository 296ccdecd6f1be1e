"""Reading a knowledge database that is not there finds it empty and makes nothing."""

# ruff: noqa: ASYNC240  (these tests look at files; nothing else waits for their event loop)

from pathlib import Path

import pytest

from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_library import SqliteLibrary

pytestmark = pytest.mark.anyio


async def test_reading_finds_an_empty_library_and_creates_no_file(tmp_path: Path) -> None:
    database = KnowledgeDatabase(tmp_path / "folder" / "knowledge.sqlite")
    library = SqliteLibrary(database)
    assert (await library.statistics()).documents == 0
    assert list(await library.documents()) == []
    await database.close()
    assert list(tmp_path.iterdir()) == []


async def test_what_another_process_writes_later_is_seen(tmp_path: Path) -> None:
    reading, writing = (KnowledgeDatabase(tmp_path / "knowledge.sqlite") for _ in range(2))
    count = "SELECT value FROM candor_meta WHERE key = 'generation'"
    assert await reading.read(lambda connection: connection.number(count)) == 0
    await writing.write(lambda connection: None)
    assert await reading.read(lambda connection: connection.number(count)) == 1
    await reading.close()
    await writing.close()
