"""Makes `REVISION.sql` and `REVISION.jsonl` of the present revision, the same ones each time.

`python -m tests.services.store.revisions.present` takes the database of the revision before, lets the
present code migrate it, and adds rows of everything new, with the values of the contract suites. A
column without a value in any row is an error.
"""

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from services.store.people import SqlUsers
from services.store.schema import REVISIONS
from services.store.sessions import SqlSessions
from services.store.store import Store
from tests.contracts.test_labels import HOSTILE
from tests.services.store.revisions.everything import write_out
from use_cases.kernel.identity.sessions import UserSession
from use_cases.kernel.identity.sign_in import Attempt
from use_cases.kernel.identity.users import Identity

FOLDER = Path(__file__).parent
MOMENT = datetime(2026, 4, 2, 9, 30, tzinfo=UTC)


async def _fill(store: Store) -> None:
    """Users who signed in, one of them an administrator and one deactivated, a session, an attempt."""
    users, sessions = SqlUsers(store), SqlSessions(store)
    identity = Identity("https://accounts.example", "1001", "ada@example.com", name=HOSTILE)
    ada = await users.sign_in(identity, "user_ada", MOMENT)
    await users.change(replace(ada, is_admin=True, deactivated_at=MOMENT))
    later = MOMENT + timedelta(hours=24)
    session = UserSession(
        digest="5e" * 32, user=ada, created_at=MOMENT, expires_at=later, seen_at=MOMENT
    )
    await sessions.add(session)
    await sessions.begin(Attempt("a7" * 32, later, "/chats"), MOMENT)


def _empty_columns(file: Path) -> Sequence[str]:
    """The columns without a value in any row."""
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return [
            f"{table}.{column}"
            for (table,) in tables.fetchall()
            for _, column, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            if not connection.execute(f'SELECT count("{column}") FROM "{table}"').fetchone()[0]
        ]


async def _main() -> None:
    before, present = REVISIONS[-2:]
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{present}.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript((FOLDER / f"{before}.sql").read_bytes().decode())
        store = Store(file)
        await _fill(store)
        await store.close()
        if empty := _empty_columns(file):
            sys.exit(f"no value in {', '.join(empty)}")
        await write_out(file, FOLDER)


if __name__ == "__main__":
    anyio.run(_main)
