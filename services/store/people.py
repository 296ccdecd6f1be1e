"""The people whom things are filed under."""

from datetime import datetime

from sqlalchemy import Column, Connection, Named, Table, TypedColumns

from services.store.columns import StoredId, StoredText, UtcMoment
from services.store.metadata import metadata
from services.store.rows import add_unless_there


class UserColumns(TypedColumns):
    """A person; made when a name is first seen, and filled in by a login where there is one."""

    user_id = Column(StoredId, primary_key=True)
    name: Named[str | None] = Column(StoredText)
    email: Named[str | None] = Column(StoredId, unique=True)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)


users = Table("users", metadata, UserColumns)


def provide_user(connection: Connection, user_id: str, moment: datetime) -> None:
    """Make the person's row where the name is new; nothing for one who is there."""
    add_unless_there(connection, users, {"user_id": user_id, "created_at": moment})
