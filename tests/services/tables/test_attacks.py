"""Nothing gets through: writes, files, secrets, bombs."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.tables.structured_data import GuardedTables
from tests.patience import PATIENCE
from tests.services.tables.attacks import ATTACKS, BOMBS, Attack
from tests.services.tables.databases import SECRET
from use_cases.kernel.errors import CandorError, QueryRefused, QueryTooExpensive

pytestmark = pytest.mark.anyio

QUICK = 0.2  # seconds; so that the bombs do not make the tests slow


def state(path: Path) -> tuple[str, list[str]]:
    """The file's content, and the names beside it."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return digest, sorted(p.name for p in path.parent.iterdir() if "-" not in p.suffix)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
async def test_an_attack_is_stopped(attack: Attack, database: Path) -> None:
    before = state(database)
    deadline = QUICK if attack.stopped is QueryTooExpensive else PATIENCE
    tables = GuardedTables(database, deadline_seconds=deadline)
    try:
        if attack.stopped is None:
            rows = await tables.query(attack.sql)
            assert len(rows.rows) <= 200
        else:
            with pytest.raises(attack.stopped) as stopped:
                await tables.query(attack.sql)
            said(stopped.value)
        assert (await tables.query("SELECT count(*) FROM directory")).rows == [(4,)]
    finally:
        await tables.close()
    assert state(database) == before


def said(error: CandorError) -> None:
    """A sentence with a hint, and no secret in it."""
    assert error.detail.endswith((".", "?"))
    assert error.hint
    assert SECRET not in error.detail + error.hint


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 50
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


async def test_nine_million_rows_come_as_the_first_two_hundred(database: Path) -> None:
    rows = await GuardedTables(database).query("SELECT a.n, b.n FROM numbers a, numbers b")

    assert len(rows.rows) == 200
    assert rows.truncated
    assert rows.limit == 200


CHILD = """
import json, resource, sys
import anyio
from pathlib import Path
from services.tables.structured_data import GuardedTables
from tests.services.tables.attacks import BOMBS
from use_cases.kernel.errors import CandorError

async def main():
    tables = GuardedTables(Path(sys.argv[1]), deadline_seconds=0.4)
    await tables.query("SELECT count(*) FROM directory")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for bomb in BOMBS:
        try:
            await tables.query(bomb.sql)
        except CandorError:
            pass
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps((after - before) * 1024))

limit = 2 * 1024 ** 3
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
anyio.run(main)
"""


@pytest.mark.exhaustive
def test_no_bomb_takes_more_memory_than_the_budget_allows(database: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(database)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
        cwd=Path(__file__).parents[3],
    )

    grown: int = json.loads(done.stdout)

    assert grown < 256 * 1024 * 1024  # the budget, and arrays that double before they are seen
    assert len(BOMBS) > 30


async def test_the_memory_budget_is_named(database: Path) -> None:
    tables = GuardedTables(database, deadline_seconds=30, max_memory_bytes=4 * 1024 * 1024)

    with pytest.raises(QueryTooExpensive, match="more than 4 MB of memory"):
        await tables.query("SELECT a.n FROM numbers a, numbers b ORDER BY a.n * b.n % 97")


async def test_the_deadline_is_named(database: Path) -> None:
    tables = GuardedTables(database, deadline_seconds=0.05)

    with pytest.raises(QueryTooExpensive, match=r"longer than 0\.05 seconds"):
        await tables.query("SELECT count(*) FROM numbers a, numbers b, numbers c")


async def test_a_refusal_names_the_tables_that_can_be_asked(database: Path) -> None:
    with pytest.raises(QueryRefused) as refusal_error:
        await GuardedTables(database).query("SELECT * FROM secrets")

    assert refusal_error.value.detail == "The table 'secrets' is not one of the loaded tables."
    assert refusal_error.value.hint == "The loaded tables are: directory, kpi_catalog, numbers."
