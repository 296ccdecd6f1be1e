"""The doctor on the databases: an index, and a store from before the first release."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine

from backend.composition.container import Container
from backend.composition.foundation import imported
from backend.doctor import databases
from backend.doctor.diagnosis import examine
from backend.doctor.findings import Level
from backend.settings.settings import Settings
from services.index.sqlite.connection import Connection
from services.index.sqlite.database import KnowledgeDatabase
from tests.postgres import database_address, needs_any_server

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


async def test_a_file_is_of_this_machine(tmp_path: Path) -> None:
    async with Container(Settings(data_dir=tmp_path)) as candor:
        found = await databases.servers(candor)
    assert (found.level, found.detail) == (Level.OK, "the database is a file of this machine")


@needs_any_server
async def test_two_machines_with_one_database_need_a_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database_address() as address, sharing(address, tmp_path) as (settings, elsewhere):
        async with Container(settings) as candor:
            found = await databases.servers(candor)
            assert found.level is Level.OK
            assert found.detail.startswith("1 machine, ")
            with elsewhere.connect():
                found = await databases.servers(candor)
            assert found.level is Level.FAIL
            assert "AWS_S3_BUCKET_NAME" in found.hint
        async with Container(settings.model_copy(update={"aws_s3_bucket_name": "b"})) as candor:
            with elsewhere.connect():
                found = await databases.servers(candor)
                assert found.detail.startswith("2 machines, ")
                assert found.level is Level.OK
                monkeypatch.setattr(databases, "MOST_OF_A_PROCESS", 10_000)
                assert (await databases.servers(candor)).level is Level.WARN


@contextmanager
def sharing(address: str, tmp_path: Path) -> Generator[tuple[Settings, Engine]]:
    """The settings of this machine, and connections of another one."""
    named = {"application_name": "candor/elsewhere/7"}
    elsewhere = create_engine(address, connect_args=named, poolclass=NullPool)
    yield Settings.model_validate({"data_dir": tmp_path, "database_url": address}), elsewhere
    elsewhere.dispose()


def test_the_doctor_knows_how_many_connections_a_process_opens() -> None:
    parts = (
        "services.store.engine.engines:_SERVER_CONNECTIONS",
        "services.index.postgresql.knowledge_server:_CONNECTIONS",
        "services.index.postgresql.server_conversations:_CONNECTIONS",
        "services.work.server_queue:_CONNECTIONS",
    )
    assert sum(imported(part) for part in parts) == databases.MOST_OF_A_PROCESS
