"""The limits of a query, and SQLite's own limits while it runs.

They apply only while an untrusted query runs: reading the database's schema needs more.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import apsw

from services.tables.driver import Driver

MAX_SQL_BYTES = 10_000
MAX_VALUE_BYTES = 131_072
"""The size of one value, and of one row in a sorter; the longest cell that the CSV reader accepts."""


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """The resources of one query. `max_bytes` counts the text of the returned values as UTF-8.

    A model reads no more rows and bytes, and a longer query would keep other callers waiting.
    """

    max_rows: int = 200
    max_bytes: int = 100_000
    deadline_seconds: float = 2.0
    max_memory_bytes: int = 64 * 1024 * 1024


_MOST_VALUES = 32
_SQLITE_LIMITS = {
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    apsw.SQLITE_LIMIT_EXPR_DEPTH: 100,
    apsw.SQLITE_LIMIT_FUNCTION_ARG: 50,
    apsw.SQLITE_LIMIT_LENGTH: MAX_VALUE_BYTES,
    apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 50,
    apsw.SQLITE_LIMIT_PARSER_DEPTH: 250,
    apsw.SQLITE_LIMIT_SQL_LENGTH: MAX_SQL_BYTES,
    apsw.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    apsw.SQLITE_LIMIT_VDBE_OP: 50_000,
    apsw.SQLITE_LIMIT_WORKER_THREADS: 0,
}


@contextmanager
def limit_sqlite(connection: Driver, *, values: bool = False) -> Generator[None, None, None]:
    """Applies the limits of a query inside the context, with or without places for `values`."""
    limits = _SQLITE_LIMITS | {apsw.SQLITE_LIMIT_VARIABLE_NUMBER: _MOST_VALUES if values else 0}
    before = {limit: connection.limit(limit, value) for limit, value in limits.items()}
    try:
        yield
    finally:
        for limit, value in before.items():
            connection.limit(limit, value)
