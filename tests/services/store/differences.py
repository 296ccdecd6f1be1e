"""What a migrated database and the declared tables disagree about."""

from collections.abc import Sequence
from typing import cast

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from services.store.store import REVISION_TABLE


def differences(connection: Connection, declared: MetaData) -> Sequence[object]:
    """What Alembic would still change to make the database as declared; empty when it agrees."""
    options = {"compare_type": True, "version_table": REVISION_TABLE}
    context = MigrationContext.configure(connection, opts=options)
    # Alembic calls it Any; every element is one change.
    return cast("Sequence[object]", compare_metadata(context, declared))
