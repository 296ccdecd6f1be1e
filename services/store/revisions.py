"""Reads the revision of a database, and migrates it to the one that this version needs.

`stored_revision` only reads, and is all that happens to a current database. `upgrade` imports
Alembic, so it runs only when there is something to do.
"""

import sqlalchemy as sa

from services.store.schema import MIGRATIONS, REVISION_TABLE, REVISIONS, metadata, revision
from use_cases.kernel.errors import NewerDatabase, OlderDatabase, StorageDamaged

_LOCK = 0x43414E444F52  # "CANDOR": any number that other users of the server will not take


def stored_revision(connection: sa.Connection, name: str) -> str | None:
    """The revision the database has, None when there is nothing in it yet.

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
    """Bring the database to the newest revision, inside the caller's write transaction.

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
