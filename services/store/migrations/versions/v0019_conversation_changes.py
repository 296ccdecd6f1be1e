"""The log of changed conversations, which the search over them follows."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_KEPT = 10_000
"""The changes that are kept; who has not looked for longer compares everything."""

_CHANGED = "updated_at, leaf_id, title, locked_at, user_id, draft_of"
_OWN = "coalesce({row}.draft_of, {row}.chat_id)"
"""The chat about a draft belongs to the conversation that the draft is made of."""
_DRAFTED = (
    "(SELECT coalesce(c.draft_of, c.chat_id) FROM conversations c WHERE c.chat_id = {row}.draft_id)"
)
_WRITES: tuple[tuple[str, str, str], ...] = (
    ("conversations", _OWN, f"UPDATE OF {_CHANGED}"),
    ("imports", "{row}.chat_id", "UPDATE"),
    ("file_attachments", "{row}.chat_id", "UPDATE"),
    ("project_drafts", _DRAFTED, "UPDATE"),
    ("conversation_projects", "{row}.conversation_id", "UPDATE"),
)
"""The tables that the search depends on, and the conversation of a row. Messages are left out: a new message
changes its conversation, too."""


def upgrade() -> None:
    """Create the table; on SQLite the triggers that write it, and a first row, which later looks begin at.

    Elsewhere a number that is given out first may be committed last, so nothing is logged.
    """
    op.create_table(
        "conversation_changes",
        sa.Column("change_id", sa.Integer(), primary_key=True),
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
    )
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, chat, update in _WRITES:
        for name, event, row in (
            ("inserted", "INSERT", "NEW"),
            ("changed", update, "NEW"),
            ("removed", "DELETE", "OLD"),
        ):
            op.execute(
                f"CREATE TRIGGER {table}_{name} AFTER {event} ON {table} BEGIN"  # noqa: S608  (constants)
                f" INSERT INTO conversation_changes (chat_id, token)"
                f" SELECT coalesce({chat.format(row=row)}, ''), hex(randomblob(8));"
                f" DELETE FROM conversation_changes WHERE change_id <="
                f" (SELECT max(change_id) FROM conversation_changes) - {_KEPT};"
                " END"
            )
    # A token tells a row from one of the same number in a restored copy of the file.
    op.execute("INSERT INTO conversation_changes (chat_id, token) VALUES ('', hex(randomblob(8)))")


def downgrade() -> None:
    """Refused, as all of them."""
    raise NotImplementedError("the log is not dropped; restore a backup to go back")
