"""The schema of the relational store: all its tables, the revision of a database, and the way to the newest.

A module of this package that declares a table belongs to it. Every change of a table comes with a
migration in `migrations/versions`; tests hold the two together. `stored_revision` only reads, and is all
that happens to a current database. `upgrade` imports Alembic, so it runs only when there is something to
do.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import sqlalchemy as sa

from services.store.rows import metadata
from use_cases.kernel.errors import NewerDatabase, OlderDatabase, StorageDamaged

__all__ = ["MIGRATIONS", "REVISIONS", "REVISION_TABLE", "metadata", "revision"]

for _module in iter_modules([str(Path(__file__).parent)]):
    if not _module.ispkg and _module.name not in ("store_schema", "store"):
        import_module(f"services.store.{_module.name}")

MIGRATIONS = Path(__file__).parent / "migrations"
"""The folder of the migrations."""

REVISIONS = tuple(sorted(file.stem[1:5] for file in (MIGRATIONS / "versions").glob("v*.py")))
"""Every revision since 0.2.0, oldest first. The last one is what this version needs.

Read from the names of the files, so that opening a current database imports no migration machinery.
"""

REVISION_TABLE = "candor_revision"
"""Not Alembic's default name: the database may be shared with another program that uses it."""

revision = sa.Table(
    REVISION_TABLE,
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), primary_key=True, nullable=False),
)
"""Where a database says which revision it has; Alembic makes and keeps it."""

_LOCK = 0x43414E444F52  # "CANDOR": any number that other users of the server will not take


def stored_revision(connection: sa.Connection, name: str) -> str | None:
    """Returns the revision the database has, None when there is nothing in it yet.

    Raises `OlderDatabase` for a revision from before 0.2.0, `NewerDatabase` for another one that this
    version does not know, and `StorageDamaged` for an SQLite file that holds somebody else's tables
    (a server's database may be shared).
    """
    if not connection.dialect.has_table(connection, REVISION_TABLE):
        if connection.dialect.name == "sqlite" and sa.inspect(connection).get_table_names():
            raise StorageDamaged(f"{name} contains tables of another program.", hint=_FOREIGN)
        return None
    stored = connection.scalar(sa.select(revision.c.version_num))
    if stored is not None and stored < REVISIONS[0]:
        raise OlderDatabase(f"{name} has revision {stored!r}, from before Candor 0.2.0.")
    if stored is not None and stored not in REVISIONS:
        raise NewerDatabase(f"{name} has revision {stored!r}, which this version does not know.")
    return stored


def upgrade(connection: sa.Connection, name: str) -> None:
    """Brings the database to the newest revision, inside the caller's write transaction.

    Several processes may try at once: the first does it, the others then find it done. Raises as
    `stored_revision` does, before anything is changed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if stored_revision(connection, name) == REVISIONS[-1]:
        return
    _run_migrations(connection)
    if connection.dialect.name == "sqlite":
        _check_references(connection, name)


def _run_migrations(connection: sa.Connection) -> None:
    # Here, not at the top: half a second of import that a current database does not need.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "metadata": metadata})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, REVISIONS[-1])


def _check_references(connection: sa.Connection, name: str) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StorageDamaged(f"{name} has rows that refer to missing rows.")


_FOREIGN = "Point the settings at another file: this one belongs to another program."
