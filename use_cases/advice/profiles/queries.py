"""A profile's queries to the loaded tables, and whether the tables are those that it needs.

Promises: the failure of a query is a sentence (`QueryTrouble`) with the profile's part and the
fault, because advice goes on without that query. Leaves the meaning of the rows to the callers.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from use_cases.advice.profile import GIVEN, Profile
from use_cases.kernel.errors import CandorError, QueryFailed
from use_cases.kernel.model import Rows, Scalar, Table
from use_cases.kernel.ports import StructuredData
from use_cases.kernel.text.sql_placeholders import PARTS

PAGE = 200
"""The rows of one page: the most that the tables give by default."""

MOST_ROWS = 20_000
"""The most rows of one query in all."""

_COLUMN = re.compile(r"\bcolumn\b", re.IGNORECASE)


class QueryTrouble(Exception):
    """A profile's query could not be used; the text is a sentence for the reader."""


async def ask(
    data: StructuredData, part: str, sql: str, values: Mapping[str, Scalar] | None = None
) -> Rows:
    """Returns the rows of a profile's query; `part` (such as `outcome.over_sql`) names it in
    `QueryTrouble`.
    """
    try:
        return await data.query(sql, values or {})
    except CandorError as error:
        raise QueryTrouble(f"The profile's {part} failed: {error.detail}") from error


async def first(
    data: StructuredData, part: str, sql: str, values: Mapping[str, Scalar] | None = None
) -> Scalar:
    """Returns the first column of the first row; None without a row. Raises `QueryTrouble`."""
    found = await ask(data, part, sql, values)
    return found.rows[0][0] if found.rows and found.rows[0] else None


async def pages(
    data: StructuredData, part: str, sql: str, values: Mapping[str, Scalar] | None = None
) -> AsyncIterator[Rows]:
    """Yields all rows of a query in pages of the largest size. Raises `QueryTrouble`, also for a query
    of more than `MOST_ROWS`.
    """
    read = 0
    while True:
        paged = f"SELECT * FROM ({bare(sql)}\n) LIMIT {PAGE} OFFSET {read}"  # noqa: S608  (the profile's own)
        found = await ask(data, part, paged, values)
        yield found
        read += len(found.rows)
        if not found.rows or (len(found.rows) < PAGE and not found.truncated):
            return
        if read > MOST_ROWS:
            raise QueryTrouble(f"The profile's {part} gives more than {MOST_ROWS:,} rows.")


def bare(sql: str) -> str:
    """Returns a query without its closing semicolon, for use in brackets."""
    return sql.strip().rstrip(";").rstrip()


def inline_values(sql: str, values: Mapping[str, Scalar]) -> str:
    """Returns the query with its values in the place of its `:names`, so that a person can run it
    again.
    """

    def literal(found: re.Match[str]) -> str:
        return found.group() if found[1] is None else _literal(values.get(found[1][1:]))

    return PARTS.sub(literal, bare(sql))


def missing_tables(profile: Profile, tables: Sequence[Table]) -> Sequence[str]:
    """Returns the tables that the profile needs and that are not loaded."""
    loaded = {table.name for table in tables}
    return [name for name in profile.tables if name not in loaded]


def require_tables(profile: Profile, tables: Sequence[Table]) -> None:
    """Raises `QueryTrouble` with a sentence for the reader, unless the profile's tables are loaded."""
    if missing := missing_tables(profile, tables):
        raise QueryTrouble(
            f"The profile {profile.profile_id} needs tables that are not loaded: "
            f"{', '.join(missing)}. `candor ingest` loads them."
        )


async def find_missing_column(
    profile: Profile, tables: Sequence[Table], data: StructuredData
) -> str | None:
    """Returns a sentence on the first query that uses a column its tables lack, because another file's
    table has the same name; None where none does.

    Each query is prepared without running (no row is asked for). Other faults of a query are left to
    its first run.
    """
    for part, sql in _queries(profile):
        read = [table for table in tables if table.name in profile.tables and _reads(sql, table)]
        try:
            if read:
                await data.query(f"SELECT 1 FROM ({bare(sql)}\n) LIMIT 0", {})  # noqa: S608  (the profile's own)
        except QueryFailed as failed:
            if _COLUMN.search(failed.detail):
                return _sentence(part, failed.detail, read)
        except CandorError:
            continue  # the query's own part says what is wrong
    return None


def _literal(value: Scalar) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def _sentence(part: str, detail: str, read: Sequence[Table]) -> str:
    of = ", ".join(f"`{table.name}` (of {table.document.name})" for table in read)
    return (
        f"{part}: {detail} It reads {of}. Another file's table may have that name: `candor tables` "
        "lists them, and a file of the same name that was ingested later has a suffix there."
    )


def _queries(profile: Profile) -> Iterator[tuple[str, str]]:
    for part in GIVEN:
        section, _, name = part.partition(".")
        sql = getattr(getattr(profile, section), name, None)
        if isinstance(sql, str):
            yield part, sql


def _reads(sql: str, table: Table) -> bool:
    return re.search(rf"\b{re.escape(table.name)}\b", sql, re.IGNORECASE) is not None
