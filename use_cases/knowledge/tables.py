"""The loaded tables, one noun: list them, ask them.

Promises that what reaches the port is a statement of a sensible size. Leaves what a statement may
do to the port (`StructuredData`), and how rows are shown to the doors.
"""

from collections.abc import Sequence

from use_cases.kernel.errors import QueryFailed, QueryTooExpensive
from use_cases.kernel.model import Caller, Rows, Table
from use_cases.kernel.ports import StructuredData

MAX_STATEMENT_CHARACTERS = 10_000


class ReadTables:
    """The loaded tables."""

    def __init__(self, *, data: StructuredData) -> None:
        self._data = data

    async def list(self) -> Sequence[Table]:
        """The tables by name, with their columns, sizes and the documents they came from."""
        return await self._data.tables()

    async def query(self, sql: str, *, caller: Caller) -> Rows:
        """The rows of one read-only statement.

        Raises `QueryFailed` (also for no statement at all), `QueryRefused`, `QueryTooExpensive` (also
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
