"""Check that the tables of a profile have the columns that its queries use.

Another file's table may have the same name. Each query is prepared without running (no row is asked
for). Leaves other faults of a query to its first run.
"""

import re
from collections.abc import Iterator, Sequence

from use_cases.advice.profile import GIVEN, Profile
from use_cases.advice.profiles.queries import bare
from use_cases.kernel.errors import CandorError, QueryFailed
from use_cases.kernel.model import Table
from use_cases.kernel.ports import StructuredData

_COLUMN = re.compile(r"\bcolumn\b", re.IGNORECASE)


async def find_missing_column(
    profile: Profile, tables: Sequence[Table], data: StructuredData
) -> str | None:
    """Return a sentence on the first query that uses a column its tables lack; None where none
    does.
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
