"""What a driver's error means: raised for real on SQLite, by its code on PostgreSQL."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.store.engine.errors import storage_errors
from services.store.store import Store
from services.store.stored_answers import SqlAnswers
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import record
from tests.contracts.test_answers import ANNA, BARE, FULL, given
from use_cases.kernel.errors import (
    StorageBusy,
    StorageDamaged,
    StorageFull,
    StorageReadOnly,
    Unavailable,
)

anyio = pytest.mark.anyio


class ServerError(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def spoil_answers(file: Path) -> None:
    """Overwrite the page that leads to every answer, and no other."""
    connection = sqlite3.connect(file)
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    root = "SELECT rootpage FROM sqlite_schema WHERE name = 'answers'"
    (page,) = connection.execute(root).fetchone()
    connection.close()
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xff" * size)


@anyio
async def test_a_full_disk_is_said_to_be_full_and_loses_nothing(store: Store) -> None:
    def grow_without_room(connection: Connection) -> None:
        # SQLite treats this limit as it does a full disk.
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
        connection.execute(text("CREATE TABLE big AS SELECT zeroblob(100000)"))

    await record(SqlTranscript(store), BARE)
    with pytest.raises(StorageFull, match=r"candor\.sqlite"):
        await store.write(grow_without_room)
    assert await SqlAnswers(store).answers(ANNA) == (BARE,)


@anyio
async def test_a_database_that_cannot_be_written_can_be_read(store: Store) -> None:
    await record(SqlTranscript(store), BARE)
    await store.write(lambda connection: connection.execute(text("PRAGMA query_only=ON")))
    with pytest.raises(StorageReadOnly, match=r"candor\.sqlite cannot be written"):
        await record(SqlTranscript(store), FULL)
    assert await SqlAnswers(store).answers(ANNA) == (BARE,)


@anyio
async def test_damage_found_while_reading_is_said_to_be_damage(store: Store, file: Path) -> None:
    for number in range(40):
        await record(SqlTranscript(store), given(f"ans_{number}", minute=number))
    await store.close()
    spoil_answers(file)
    await store.open()
    with pytest.raises(StorageDamaged):
        await SqlAnswers(store).answers(ANNA)


@pytest.mark.parametrize(
    ("state", "meaning"),
    [
        ("53100", StorageFull),
        ("25006", StorageReadOnly),
        ("42501", StorageReadOnly),
        ("55P03", StorageBusy),
        ("40P01", StorageBusy),
        ("40001", StorageBusy),
        ("53300", StorageBusy),
        ("XX001", StorageDamaged),
        ("08006", Unavailable),
        ("57P01", Unavailable),
        ("28P01", Unavailable),
    ],
)
def test_a_servers_code_has_a_meaning(state: str | None, meaning: type[Unavailable]) -> None:
    with (
        pytest.raises(Unavailable, match="The database 'x'") as caught,
        storage_errors("The database 'x'"),
    ):
        raise DBAPIError("SELECT 1", None, ServerError(state))
    assert type(caught.value) is meaning


def test_without_a_code_only_an_error_of_the_connection_is_no_connection() -> None:
    refused = OperationalError("SELECT 1", None, ServerError(None))
    with pytest.raises(Unavailable, match="x cannot be reached"), storage_errors("x"):
        raise refused
    unsent = DataError("SELECT %s", None, ServerError(None))
    with pytest.raises(DataError), storage_errors("x"):
        raise unsent


def test_a_servers_other_errors_go_through() -> None:
    with pytest.raises(DBAPIError), storage_errors("x"):
        raise DBAPIError("SELEC 1", None, ServerError("42601"))


def test_waiting_too_long_for_a_connection_is_busy() -> None:
    with pytest.raises(StorageBusy), storage_errors("x"):
        raise PoolTimeout


def test_a_refused_connection_is_no_connection() -> None:
    with pytest.raises(Unavailable, match="x cannot be reached"), storage_errors("x"):
        raise ConnectionRefusedError
