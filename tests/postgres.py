"""Knowledge in a database of the PostgreSQL server that TEST_DATABASE_URL names, which is dropped at the end."""

import os
import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from services.index.postgresql.knowledge_server import KnowledgeServer

SERVER = os.environ.get("TEST_DATABASE_URL", "")

needs_server = pytest.mark.skipif(not SERVER, reason="TEST_DATABASE_URL names no PostgreSQL server")


@contextmanager
def database_address() -> Generator[str]:
    """The address of an empty database."""
    name = f"candor_test_{secrets.token_hex(6)}"
    _run(f"CREATE DATABASE {name}")
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    _run(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def knowledge_server() -> AsyncGenerator[KnowledgeServer]:
    """Knowledge in an empty database."""
    with database_address() as address:
        database = KnowledgeServer(address)
        yield database
        await database.close()


def _run(statement: str) -> None:
    engine = create_engine(
        make_url(SERVER).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
