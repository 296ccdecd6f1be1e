"""In-memory `StructuredData`: the tables it was given, in an SQLite of its own."""

import re
import sqlite3
import weakref
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Self

from use_cases.kernel.errors import QueryFailed, QueryRefused, QueryTooExpensive
from use_cases.kernel.model import Caller, DateOrigin, DocumentRef, Rows, Scalar, Table
from use_cases.knowledge.model import TableData

_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
_NAMED = re.compile(r":(\w+)")
_MOST_STEPS = 200  # of 10,000 operations each


class MemoryTables:
    """Answers SELECTs over its tables. It guards against mistakes, not against malice."""

    def __init__(self, *tables: TableData, max_rows: int = 200) -> None:
        self._max_rows = max_rows
        self._tables = sorted(map(_described, tables), key=lambda table: table.name)
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._database.close)
        for table in tables:
            names = ", ".join(column.name for column in table.columns)
            places = ", ".join("?" * len(table.columns))
            self._database.execute(f"CREATE TABLE {table.name} ({names})")
            self._database.executemany(f"INSERT INTO {table.name} VALUES ({places})", table.rows)
        self._database.commit()

    def for_caller(self, caller: Caller) -> Self:
        """The same for every caller."""
        return self

    async def tables(self) -> Sequence[Table]:
        """Its tables, by name."""
        return self._tables

    async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
        """The rows of one statement."""
        read: set[str] = set()

        def permit(action: int, table: str | None, *_: str | None) -> int:
            if action == sqlite3.SQLITE_READ and table:
                read.add(table)
            return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY

        steps = iter(range(_MOST_STEPS))
        self._database.set_authorizer(permit)
        self._database.set_progress_handler(lambda: next(steps, None) is None, 10_000)
        try:
            return self._rows(sql, read, parameters)
        except (OverflowError, UnicodeEncodeError) as error:
            raise QueryFailed(
                "A value of the query is larger than 64 bits, or is not text."
            ) from error
        except sqlite3.ProgrammingError as error:
            raise QueryRefused("Only one statement is allowed.") from error
        except sqlite3.DatabaseError as error:
            raise _error(error) from error

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def _rows(self, sql: str, read: set[str], parameters: Mapping[str, Scalar] | None) -> Rows:
        names = dict.fromkeys(_NAMED.findall(sql)) | dict(parameters or {})
        cursor = self._database.execute(sql, names)
        if not cursor.description:
            raise QueryFailed("The query contains no statement.")
        found: list[Sequence[str | int | float | None]] = cursor.fetchmany(self._max_rows + 1)
        return Rows(
            sql,
            [str(column[0]) for column in cursor.description],
            found[: self._max_rows],
            truncated=len(found) > self._max_rows,
            limit=self._max_rows,
            tables=[table for table in self._tables if table.name in read],
        )


def _described(table: TableData) -> Table:
    document = DocumentRef(
        document_id=f"doc_{table.name}",
        version_id=1,
        name=f"{table.name}.csv",
        title=table.title,
        category="tables",
        updated=date(2026, 3, 1),
        date_origin=DateOrigin.STATED,
    )
    return Table(
        table.name, table.title, table.description, table.columns, len(table.rows), document
    )


def _error(error: sqlite3.DatabaseError) -> Exception:
    message = str(error)
    if "interrupted" in message:
        return QueryTooExpensive("The query took too many steps.")
    if "not authorized" in message or "prohibited" in message:
        return QueryRefused("Only SELECT is allowed.")
    return QueryFailed(f"{message}.")
