"""Makes `REVISION.sql` and `REVISION.jsonl` of the present revision, the same ones each time.

`python -m tests.services.store.revisions.present` takes the database of the revision before, lets the
present code migrate it, and adds rows of everything new, with the values of the contract suites. A
column without a value in any row is an error.
"""

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from sqlalchemy import update

from services.store.schema import REVISIONS
from services.store.searchable_conversations import conversation_changes
from services.store.store import Store
from tests.contracts.keeping import ANNA, kept_in, opening, turn
from tests.services.store.revisions.everything import write_out
from use_cases.chat.model import Feedback

FOLDER = Path(__file__).parent


async def _fill(store: Store) -> None:
    """An answer that a person corrected, in a conversation whose tokens are the same each time."""
    kept = kept_in(store)
    await turn(kept, opening("0020", minute=20))
    said = Feedback(
        right=False, notes="Too long.", expected="90 days", expected_document="policies/travel.md"
    )
    await kept.answers.judge(ANNA, "ans_0020", said)
    fixed = update(conversation_changes).values(token=conversation_changes.c.change_id)
    await store.write(lambda connection: connection.execute(fixed))


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
