"""The run of one query under the authorizer, the watch and the limits.

Promises: `Rows` within the limits, or `QueryRefused`, `QueryFailed` or `QueryTooExpensive`; the
connection is reusable afterwards in either case. Errors of the file itself (busy, damaged) pass
through as apsw's.
"""

import math
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

import apsw

from services.tables.authorizer import QueryAuthorizer
from services.tables.catalogue import Catalogue
from services.tables.driver import Cursor, Driver, Row, Value
from services.tables.expansion import MAX_TERMS, count_terms
from services.tables.query_errors import refusal_error, sqlite_error
from services.tables.query_limits import MAX_SQL_BYTES, QueryLimits, limit_sqlite
from services.tables.time_slices import Slice, TimeSlices
from use_cases.kernel.errors import QueryFailed, QueryRefused, QueryTooExpensive
from use_cases.kernel.fair_limiter import cores
from use_cases.kernel.model import Rows, Scalar

_STEPS_BETWEEN_CHECKS = 100
"""A step takes at most about 10 ms (LIKE over the longest text), so checks are frequent enough."""

_SLICES = TimeSlices(max(1, cores() - 1))
"""Of all queries of the process: one core stays free for everything else."""

_STORAGE_ERRORS = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.CantOpenError,
    apsw.IOError,
)


def run_query(
    driver: Driver,
    sql: str,
    catalogue: Catalogue,
    limits: QueryLimits,
    parameters: Mapping[str, Scalar] | None = None,
) -> Rows:
    """Returns the rows of one statement over the catalogue's tables; a missing `:name` is NULL.

    Queries compute in slices, in turns with the others of this process.
    """
    with _SLICES.computing() as mine:
        return _run(driver, sql, catalogue, limits, parameters, mine)


def _run(
    driver: Driver,
    sql: str,
    catalogue: Catalogue,
    limits: QueryLimits,
    parameters: Mapping[str, Scalar] | None,
    mine: Slice,
) -> Rows:
    statement = _validate(sql)
    authorizer, watch, check = (
        QueryAuthorizer(catalogue),
        _Watch(limits, mine),
        _StatementCheck(statement),
    )
    cursor = driver.cursor()
    cursor.exec_trace = check
    try:
        with _guard(driver, authorizer, watch, values=parameters is not None):
            cursor.execute(statement, None if parameters is None else _Values(parameters))
            rows, truncated = _fetch(cursor, limits)
    except _STORAGE_ERRORS:
        raise
    except UnicodeDecodeError as error:
        raise QueryFailed(
            "The query produces a text that is not UTF-8.",
            hint="CAST(… AS BLOB) shows its bytes as hexadecimal digits.",
        ) from error
    except (OverflowError, UnicodeEncodeError) as error:
        # A model may have written the value.
        raise QueryFailed("A value of the query is larger than 64 bits, or is not text.") from error
    except apsw.InterruptError as error:
        raise QueryTooExpensive(watch.reason) from error
    except apsw.Error as error:
        if authorizer.refusal:
            raise refusal_error(authorizer.refusal, catalogue) from error
        raise sqlite_error(error, statement, catalogue) from error
    finally:
        cursor.close(True)
    read = [table for table in catalogue.tables if table.name.lower() in authorizer.read]
    return Rows(sql, check.columns, rows, truncated, limits.max_rows, read)


class _Values(dict[str, Scalar]):
    """Parameter values by name; apsw calls `__missing__` for the missing ones."""

    def __missing__(self, _: str) -> Scalar:
        return None


class _Watch:
    """A progress handler that slices a query, and stops it at its deadline or its memory budget.

    What it waits for other queries is no part of its time.

    SQLite counts memory for the whole process, so concurrent allocations count, too.
    """

    def __init__(self, limits: QueryLimits, mine: Slice) -> None:
        self._limits = limits
        self._slice = mine
        self._deadline = time.monotonic() + limits.deadline_seconds
        self._memory = apsw.memory_used() + limits.max_memory_bytes
        self.reason = "The query was stopped."

    def __call__(self) -> bool:
        now = time.monotonic()
        if now > self._deadline + self._slice.waited:
            self.reason = f"The query ran longer than {self._limits.deadline_seconds:g} seconds."
        elif apsw.memory_used() > self._memory:
            megabytes = self._limits.max_memory_bytes // (1024 * 1024)
            self.reason = f"The query needed more than {megabytes} MB of memory."
        else:
            self._slice.check(now)
            return False
        return True


class _StatementCheck:
    """A trace hook that sees each compiled statement before it runs, and allows one plain query."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self.columns: Sequence[str] = ()

    def __call__(self, cursor: Cursor, sql: str, _bindings: object) -> bool:
        if self.columns:  # only comments follow the statement, as was checked before it ran
            return not cursor.has_vdbe
        if not cursor.has_vdbe:
            raise QueryFailed("The query contains no statement.")
        if cursor.is_explain:
            raise QueryRefused("EXPLAIN is not allowed.")
        columns = [name for name, _ in cursor.get_description()]
        # REINDEX of a table without indexes does nothing, so SQLite treats it as read-only and does
        # not call the authorizer; only a statement with columns is a query.
        if not cursor.is_readonly or not columns:
            raise QueryRefused("Only SELECT is allowed; nothing can be changed here.")
        if _strip_comments(self._sql[len(sql) :]):
            raise QueryRefused("Only one statement is allowed at a time.")
        self.columns = columns
        return True


def _validate(sql: str) -> str:
    """Validates the text and size of the statement; returns it as SQLite receives it."""
    try:
        size = len(sql.encode())
    except UnicodeEncodeError as error:
        raise QueryFailed("The statement contains characters that are not text.") from error
    if "\0" in sql:
        raise QueryFailed("The statement contains a null character.")
    if size > MAX_SQL_BYTES:
        raise QueryTooExpensive(
            f"The statement is longer than {MAX_SQL_BYTES:,} bytes.",
            hint="Use a join or a range instead of a long list.",
        )
    if count_terms(sql) > MAX_TERMS:
        raise QueryTooExpensive(
            "The statement would grow too large when its nested expressions are merged.",
            hint="Nest fewer expressions, or write inner ones as WITH x AS MATERIALIZED (…).",
        )
    return sql.lstrip("; \t\r\n")


@contextmanager
def _guard(
    driver: Driver, authorizer: QueryAuthorizer, watch: _Watch, *, values: bool
) -> Generator[None, None, None]:
    """Applies the authorizer, the watch and the limits inside the context."""
    with limit_sqlite(driver, values=values):
        driver.authorizer = authorizer
        driver.set_progress_handler(watch, _STEPS_BETWEEN_CHECKS)
        try:
            yield
        finally:
            driver.set_progress_handler(None)
            driver.authorizer = None


def _fetch(cursor: Cursor, limits: QueryLimits) -> tuple[list[Sequence[Scalar]], bool]:
    """Returns the rows within the limits, and whether there were more."""
    rows: list[Sequence[Scalar]] = []
    size = 0
    for row in cursor:
        size += _size(row)
        if len(rows) == limits.max_rows or (rows and size > limits.max_bytes):
            return rows, True
        if size > limits.max_bytes:
            raise QueryTooExpensive(
                f"One row is larger than {limits.max_bytes:,} bytes.",
                hint="Select fewer columns, or substr() of the long ones.",
            )
        rows.append(tuple(map(_scalar, row)))
    return rows, False


def _size(row: Row) -> int:
    return sum(len(str(value).encode()) if value is not None else 0 for value in row)


def _scalar(value: Value) -> Scalar:
    """Converts a value for JSON: blobs to hexadecimal digits, infinity to a word.

    A null character, which no store keeps, becomes U+FFFD.
    """
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _strip_comments(rest: str) -> str:
    """Returns a text without white space, semicolons and comments at its beginning."""
    while rest := rest.lstrip("; \t\r\n\f"):
        if rest.startswith("--"):
            rest = rest.partition("\n")[2]
        elif rest.startswith("/*"):
            rest = rest.partition("*/")[2]
        else:
            return rest
    return rest
