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

from services.store.schema import REVISIONS
from services.store.store import Store
from services.store.summaries import SqlSummaries
from tests.contracts.keeping import NOON, at_minute
from tests.contracts.test_labels import HOSTILE
from tests.services.store.revisions.everything import write_out
from use_cases.conversations.summaries.model import Submission, Summary, SummaryMethod
from use_cases.kernel.model import LOCAL

FOLDER = Path(__file__).parent


async def _fill(store: Store) -> None:
    """A summary that was made and edited, and what a run waits for."""
    summaries = SqlSummaries(store)
    await summaries.begin(LOCAL, "chat_0009", "job_complete")
    made = Summary(
        chat_id="chat_0009",
        text=HOSTILE,
        method=SummaryMethod.MODEL,
        model="openai:gpt-4.1-mini",
        messages=5,
        made_at=NOON,
    )
    await summaries.keep(made)
    await summaries.edit(LOCAL, "chat_0009", "Mine.", at_minute(1))
    await summaries.submit("job_complete", Submission("7", NOON))


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
