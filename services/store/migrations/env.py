"""Alembic's environment: migrates on the given connection, in that connection's transaction."""

from typing import cast

from alembic import context
from sqlalchemy import Connection, MetaData

from services.store.store import REVISION_TABLE

context.configure(
    connection=cast("Connection", context.config.attributes["connection"]),
    target_metadata=cast("MetaData", context.config.attributes["metadata"]),
    version_table=REVISION_TABLE,
    # SQLite cannot alter most of a table; batch mode makes a new one and moves the rows.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
