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

from services.store.schema import REVISIONS
from services.store.store import Store
from tests.contracts.keeping import ANNA, at_minute, opening, turn
from tests.contracts.test_labels import HOSTILE
from tests.contracts.test_project_drafts import drafting_in, message, reply, version
from tests.contracts.test_project_drafts import project as begun
from tests.services.store.revisions.everything import write_out

FOLDER = Path(__file__).parent
CHAT = "chat_0011"


async def _fill(store: Store) -> None:
    """A draft with two versions, the chat about it, and its project."""
    drafting = drafting_in(store)
    drafts, transcript = drafting.drafts, drafting.transcript
    await turn(drafting.kept, opening("0011"), text="Every day.")
    made_of = await drafts.conversation(ANNA, CHAT)
    for each in (version("0011"), version("hand", HOSTILE)):
        await drafts.save(ANNA, each, made_of)
    opened = await transcript.open(ANNA, replace(message("0011"), conversation_id=CHAT))
    await transcript.close(reply("0011", opened, HOSTILE), "msg_d0011", "[]", None)
    project, _ = await drafts.begin_project(ANNA, replace(begun(), conversation_id=CHAT))
    await drafts.finish_project(replace(project, url="https://linear.app/1"), at_minute(120))


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
