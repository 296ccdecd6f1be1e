"""Connections that cannot write, and that trust nothing the file says.

Each is opened read-only on the knowledge database, with SQLite's defensive switches on. What a
query may read is left to `authorizer.py`, what it may use to `limits.py`.
"""

import os
from pathlib import Path
from typing import cast

import apsw

from services.tables.driver import Driver
from services.tables.functions import replace_quadratic_functions

_BUSY_MILLISECONDS = 2000
_OFF = (
    apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA,
    apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA,
    apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER,
    apsw.SQLITE_DBCONFIG_ENABLE_VIEW,
    apsw.SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
    apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
    apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE,
    apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE,
    # Otherwise a mistyped column in double quotes is a text, and the answer is wrong in silence.
    apsw.SQLITE_DBCONFIG_DQS_DML,
    apsw.SQLITE_DBCONFIG_DQS_DDL,
)


def open_guarded(path: Path) -> Driver:
    """A read-only connection. Raises apsw's errors when there is no database at `path`."""
    uri = path.absolute().as_uri() + _query(path)
    # Without a cache of statements, none that was prepared for one permit can run under another.
    connection = apsw.Connection(
        uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, statementcachesize=0
    )
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    for switch in _OFF:
        connection.config(switch, 0)
    driver = cast("Driver", connection)
    driver.execute(
        "PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA temp_store = MEMORY;"
        "PRAGMA cell_size_check = 1"
    )
    replace_quadratic_functions(driver)
    return driver


def identity(path: Path) -> tuple[int, int] | None:
    """Which file the path names now; None if there is none. A replaced file has another identity."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return (found.st_dev, found.st_ino)


def _query(path: Path) -> str:
    # A reader of a write-ahead log needs to write beside it. Where it cannot, the file may be read
    # as unchanging, but only if no log holds newer commits.
    log = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK) or (log.exists() and log.stat().st_size):
        return "?mode=ro"
    return "?immutable=1"
