"""The doctor on the databases: an index, and a store from before the first release."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from backend.composition.container import Container
from backend.doctor import databases
from backend.doctor.diagnosis import examine
from backend.doctor.findings import Level
from backend.settings.settings import Settings
from services.index.sqlite.connection import Connection
from services.index.sqlite.database import KnowledgeDatabase

pytestmark = pytest.mark.anyio


async def test_an_index_without_token_vectors_is_told_from_one_with_them(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    async with Container(settings) as candor:
        await candor.knowledge.upload.run("leave.md", b"Twenty days of leave.")
        async for _ in candor.knowledge.complete_vectors.stream():
            pass
        found = await databases.index(candor)
        assert (found.level, found.detail) == (Level.OK, "1 vectors from local:all-MiniLM-L6-v2")
    database = KnowledgeDatabase(settings.knowledge_path)

    def without_tokens(connection: Connection) -> None:
        connection.execute("DROP TABLE candor_tokens")

    await database.write(without_tokens)
    await database.close()
    async with Container(settings) as candor:
        found = await databases.index(candor)
        assert (found.level, found.hint) == (
            Level.WARN,
            "Run `candor reindex`: search then orders by the question's tokens, too.",
        )
        hits = (await candor.knowledge.search.search("leave")).hits
        assert [hit.tokens for hit in hits] == [None]
        async for _ in candor.knowledge.reindex.stream():
            pass
        assert (await databases.index(candor)).level is Level.OK
        hits = (await candor.knowledge.search.search("leave")).hits
        assert [hit.tokens is None for hit in hits] == [False]


async def test_a_store_from_before_the_first_release_is_named_with_the_way_out(
    tmp_path: Path,
) -> None:
    settings = Settings(data_dir=tmp_path)
    async with Container(settings) as candor:
        await candor.store.open()
    with closing(sqlite3.connect(tmp_path / "candor.sqlite")) as connection:
        connection.execute("UPDATE candor_revision SET version_num = '0020'")
        connection.commit()
    async with Container(settings) as candor:
        checks = {check.name: check.finding async for check in examine(candor)}
    found = checks["answers database"]
    assert found.level is Level.FAIL
    assert found.detail == (
        "older_database: candor.sqlite has revision '0020', from before Candor 0.2.0."
    )
    assert "candor export" in found.hint
