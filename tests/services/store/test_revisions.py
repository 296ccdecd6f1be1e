"""A database of every revision opens with all it holds, as the code of its time read it."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from services.store.responses import SqlResponses
from services.store.store import REVISION_TABLE, REVISIONS, Store, all_tables
from tests.contracts.keeping import ANNA, BORIS
from tests.contracts.test_responses import FULL, given
from tests.services.store.engine.test_copies import copies, revision_of
from tests.services.store.revisions.everything import Item, Json, everything
from tests.services.store.statements import differing, rows, scalar

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parent / "revisions"

Rows = Mapping[str, Sequence[Mapping[str, object]]]


@pytest.fixture(params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old(file: Path, revision: str) -> Path:
    """The database of this revision."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((FOLDER / f"{revision}.sql").read_bytes().decode())
    return file


def rows_in(file: Path) -> Rows:
    """Every row of every table, by column."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        found = {
            str(name): connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
            for (name,) in tables
        }
    return {
        table: [dict(zip(row.keys(), tuple(row), strict=True)) for row in rows]
        for table, rows in found.items()
        if table != REVISION_TABLE
    }


def told(revision: str) -> Sequence[Item]:
    """What the code of its time read."""
    lines = (FOLDER / f"{revision}.jsonl").read_text().splitlines()
    return [cast("Item", tuple(json.loads(line))) for line in lines]


def holds(now: Json, then: Json) -> bool:
    """Whether everything of then is there; fields that were not yet there are no difference."""
    if isinstance(now, dict) and isinstance(then, dict):
        return all(name in now and holds(now[name], value) for name, value in then.items())
    if isinstance(now, list) and isinstance(then, list):
        return len(now) == len(then) and all(map(holds, now, then))
    return now == then


async def test_what_was_read_then_is_read_now(old: Path, revision: str) -> None:
    before = told(revision)
    kinds = {kind for kind, _, _ in before}
    store = Store(old)
    now = [item async for item in everything(store) if item[0] in kinds]
    await store.close()
    assert [item[:2] for item in now] == [item[:2] for item in before]
    for one, other in zip(now, before, strict=True):
        assert holds(one[2], other[2]), (one, other)


async def test_every_row_of_then_is_there_byte_for_byte(old: Path) -> None:
    before = rows_in(old)
    store = Store(old)
    assert await rows(store, "PRAGMA foreign_key_check") == []
    assert await scalar(store, "PRAGMA integrity_check") == "ok"
    assert await differing(store, all_tables()) == []
    await store.close()
    now = rows_in(old)
    for table, then in before.items():
        assert then
        for one, other in zip(now[table], then, strict=True):
            assert one == {**dict.fromkeys(one), **other}


async def test_it_takes_advice_for_people_old_and_new(old: Path) -> None:
    users = rows_in(old).get("users", ())
    store = Store(old)
    responses = SqlResponses(store)
    await responses.keep(FULL)
    assert await responses.response(ANNA, "resp_full") == FULL
    await responses.keep(given("resp_new", BORIS))
    await store.close()
    now = rows_in(old)["users"]
    assert [row["user_id"] for row in now][:2] == ["anna", "boris"]
    # The new code gives a row more columns, and changes none that it had.
    assert [{**row, **known} for row, known in zip(now, users, strict=False)] == now[: len(users)]
    assert len(now) == max(2, len(users))


async def test_a_copy_of_before_is_kept_beside_it(old: Path, revision: str) -> None:
    before = rows_in(old)
    store = Store(old)
    await store.open()
    await store.close()
    assert revision_of(old) == REVISIONS[-1]
    if revision == REVISIONS[-1]:
        assert copies(old) == []
        return
    assert copies(old) == [f"candor.sqlite.before-{REVISIONS[-1]}"]
    copy = old.with_name(f"candor.sqlite.before-{REVISIONS[-1]}")
    assert (revision_of(copy), rows_in(copy)) == (revision, before)
