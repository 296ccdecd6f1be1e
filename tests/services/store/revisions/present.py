"""Makes `REVISION.sql` and `REVISION.jsonl` of the present revision, the same ones each time.

`python -m tests.services.store.revisions.present` takes the database of the revision before, lets the
present code migrate it, and adds rows of everything new, with the values of the contract suites. The
first revision keeps the rows that it has. A column without a value in any row is an error.
"""

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from services.store.store import REVISIONS, Store, all_tables
from tests.services.store.revisions.everything import write_out

FOLDER = Path(__file__).parent
LOG = "conversation_changes"
"""Triggers write it while other rows are copied, so it comes last."""


async def _fill(store: Store) -> None:
    """Add rows of everything that the newest revision brought: none yet."""
    await store.open()


def _restore(dump: Path, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump.read_bytes().decode())


async def _copy_rows(dump: Path, file: Path) -> None:
    """Copy the rows of a dump into a new database, as far as it has their columns."""
    store = Store(file)
    await store.open()
    await store.close()
    before = file.with_suffix(".before")
    _restore(dump, before)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ATTACH ? AS before", (str(before),))
        tables = [table.name for table in all_tables().sorted_tables if table.name != LOG]
        for table in (*tables, LOG):
            known = _columns(connection, "before", table)
            names = ", ".join(
                f'"{one}"' for one in _columns(connection, "main", table) if one in known
            )
            connection.execute(f'DELETE FROM main."{table}"')
            connection.execute(
                f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM before."{table}"'
            )
        connection.commit()


def _columns(connection: sqlite3.Connection, database: str, table: str) -> Sequence[str]:
    found = connection.execute(f'PRAGMA {database}.table_info("{table}")').fetchall()
    return [name for _, name, *_ in found]


def _empty_columns(file: Path) -> Sequence[str]:
    """Return the columns without a value in any row."""
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return [
            f"{table}.{column}"
            for (table,) in tables.fetchall()
            for column in _columns(connection, "main", table)
            if not connection.execute(f'SELECT count("{column}") FROM "{table}"').fetchone()[0]
        ]


async def _main() -> None:
    *earlier, present = REVISIONS
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{present}.sqlite"
        if earlier:
            _restore(FOLDER / f"{earlier[-1]}.sql", file)
        else:
            await _copy_rows(FOLDER / f"{present}.sql", file)
        store = Store(file)
        await _fill(store)
        await store.close()
        if empty := _empty_columns(file):
            sys.exit(f"no value in {', '.join(empty)}")
        await write_out(file, FOLDER)


if __name__ == "__main__":
    anyio.run(_main)
