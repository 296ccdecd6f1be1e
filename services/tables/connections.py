"""Read-only connections that do not trust the schema of the file.

Each is opened read-only on the knowledge database, with SQLite's defensive switches on.
Leaves to others: the objects a query may read (`authorizer.py`), its resources (`limits.py`).
"""

import os
from pathlib import Path
from typing import cast

import apsw

from services.tables.driver import Driver
from services.tables.functions import replace_quadratic_functions

_BUSY_MILLISECONDS = 2000
_DISABLED = (
    apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA,
    apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA,
    apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER,
    apsw.SQLITE_DBCONFIG_ENABLE_VIEW,
    apsw.SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
    apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
    apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE,
    apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE,
    # Otherwise a mistyped column in double quotes is a text, and the answer is silently wrong.
    apsw.SQLITE_DBCONFIG_DQS_DML,
    apsw.SQLITE_DBCONFIG_DQS_DDL,
)


def open_guarded(path: Path) -> Driver:
    """Open a read-only connection. Raises apsw's errors when there is no database at `path`."""
    uri = path.absolute().as_uri() + _query(path)
    # Without a cache of statements, none prepared under one authorizer can run under another.
    connection = apsw.Connection(
        uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, statementcachesize=0
    )
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    for switch in _DISABLED:
        connection.config(switch, 0)
    driver = cast("Driver", connection)
    driver.execute(
        "PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA temp_store = MEMORY;"
        "PRAGMA cell_size_check = 1"
    )
    replace_quadratic_functions(driver)
    return driver


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return the identity of the file at the path, None without one; a replaced file has another."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return (found.st_dev, found.st_ino)


def _query(path: Path) -> str:
    # A reader of a write-ahead log needs to write beside it. Where it cannot, the file is opened
    # as immutable, but only if no log holds newer commits.
    log = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK) or (log.exists() and log.stat().st_size):
        return "?mode=ro"
    return "?immutable=1"
