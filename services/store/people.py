"""The person whom something is filed under."""

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from services.store.schema import users


def provide_user(connection: Connection, user_id: str, moment: datetime) -> None:
    """Make the person's row where the name is new; nothing for one who is there."""
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    user = {"user_id": user_id, "created_at": moment}
    connection.execute(into(users).on_conflict_do_nothing(), user)
