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
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from services.store.attachments import SqlAttachments
from services.store.schema import REVISIONS
from services.store.store import Store
from tests.contracts.keeping import NOON, at_minute
from tests.contracts.test_attachments import ATTACHMENT
from tests.contracts.test_labels import HOSTILE
from tests.services.store.revisions.everything import write_out

FOLDER = Path(__file__).parent


async def _fill(store: Store) -> None:
    """An attached file with its text, and one without."""
    attachments = SqlAttachments(store)
    for place, text in enumerate((HOSTILE, None)):
        made = replace(
            ATTACHMENT,
            file_id=f"file_0012_{place}",
            chat_id="chat_0009",
            key=f"conversations/chat_0009/files/{place}-0012",
            sha256=str(place) * 64,
            characters=None if text is None else len(text),
        )
        await attachments.announce(made.key, at_minute(10))
        await attachments.add(made, text, NOON)
    await attachments.link_secret("sesame-0012")


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
