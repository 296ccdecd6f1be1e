"""The loaded tables: list them, query them.

Promises: the port receives a non-empty statement of bounded size.
Leaves to others: the statement's permissions (the port `StructuredData`), and presentation.
"""

from collections.abc import Sequence

from use_cases.kernel.errors import QueryFailed, QueryTooExpensive
from use_cases.kernel.model import Caller, Rows, Table
from use_cases.kernel.ports import StructuredData

MAX_STATEMENT_CHARACTERS = 10_000


class ReadTables:
    """The use cases that list and query the loaded tables."""

    def __init__(self, *, data: StructuredData) -> None:
        self._data = data

    async def list(self) -> Sequence[Table]:
        """Return the tables by name, with columns, sizes and documents."""
        return await self._data.tables()

    async def query(self, sql: str, *, caller: Caller) -> Rows:
        """Return the rows of one read-only statement.

        Raises `QueryFailed` (also for an empty statement), `QueryRefused`, `QueryTooExpensive` (also
        for one that is too long) or `TooManyQueries`.
        """
        if not sql.strip():
            raise QueryFailed("The query is empty.", hint="Write one SELECT statement.")
        if len(sql) > MAX_STATEMENT_CHARACTERS:
            raise QueryTooExpensive(
                f"The query is longer than {MAX_STATEMENT_CHARACTERS:,} characters.",
                hint="Use a join or a range instead of a long list.",
            )
        return await self._data.for_caller(caller).query(sql)
