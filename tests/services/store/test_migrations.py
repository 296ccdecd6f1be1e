"""Migrations: they end at the declared tables, all or nothing, and are never gone back on."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect

from services.store import store as opening
from services.store.engine.engines import sqlite_migrator
from services.store.store import MIGRATIONS, REVISIONS, Store, all_tables
from tests.services.store.differences import differences
from tests.services.store.statements import differing

pytestmark = pytest.mark.anyio


def config(connection: Connection | None = None) -> Config:
    made = Config(attributes={"connection": connection, "metadata": all_tables()})
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("path_separator", "os")
    return made


def up(connection: Connection, target: str) -> None:
    command.upgrade(config(connection), target)


def down(connection: Connection, target: str) -> None:
    command.downgrade(config(connection), target)


def test_the_revisions_are_those_of_the_migrations() -> None:
    newest_first = ScriptDirectory.from_config(config()).walk_revisions()
    assert tuple(script.revision for script in newest_first)[::-1] == REVISIONS


async def test_migrations_make_the_declared_tables(store: Store) -> None:
    assert await differing(store, all_tables()) == []


async def test_a_forgotten_migration_would_be_noticed(store: Store) -> None:
    declared = MetaData()
    assert len(await differing(store, declared)) > 0


@pytest.mark.exhaustive
def test_every_revision_on_the_way_is_reached_alone(file: Path) -> None:
    engine = sqlite_migrator(file, busy_timeout=0.05)
    for revision in REVISIONS:
        with engine.begin() as connection:
            up(connection, revision)
    with engine.connect() as connection:
        assert differences(connection, all_tables()) == []
    engine.dispose()


async def test_going_back_is_refused_and_changes_nothing(store: Store, file: Path) -> None:
    engine = sqlite_migrator(file, busy_timeout=0.05)
    for target in ("base", *REVISIONS[:-1]):
        with engine.connect() as connection, pytest.raises(NotImplementedError, match="backup"):
            down(connection, target)
    engine.dispose()
    assert await differing(store, all_tables()) == []


async def test_a_migration_that_fails_leaves_nothing_behind(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_after_the_tables(connection: Connection, name: str) -> None:
        raise RuntimeError(f"{name}: the power went out")

    monkeypatch.setattr(opening, "_check_references", fails_after_the_tables)
    with pytest.raises(RuntimeError, match="power"):
        await Store(file).open()
    engine = sqlite_migrator(file, busy_timeout=0.05)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()
