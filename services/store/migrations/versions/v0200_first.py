"""The first revision: every table of 0.2.0, in `v0200_first.sql`, and the log of changed conversations.

The file has the words of both dialects as `$id`, `$moment` and so on. It stays as it is: a later
change of a table is a revision of its own.
"""

from pathlib import Path
from string import Template

from alembic import op

revision = "0200"
down_revision = None

_TYPES = {
    "sqlite": {
        "id": "TEXT",
        "moment": "DATETIME",
        "decimal": "TEXT",
        "bytes": "BLOB",
        "serial": "INTEGER",
    },
    "postgresql": {
        "id": 'TEXT COLLATE "C"',
        "moment": "TIMESTAMP WITH TIME ZONE",
        "decimal": "NUMERIC",
        "bytes": "BYTEA",
        "serial": "SERIAL",
    },
}

_KEPT = 10_000
"""The changes that are kept, on a server some hundred more; who has not looked for longer compares everything."""

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
    """Creates the tables, and the triggers that log changes."""
    dialect = op.get_bind().dialect.name
    tables = Template(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    for statement in tables.substitute(_TYPES[dialect]).split(";\n"):
        if statement:
            op.execute(statement)
    if dialect == "sqlite":
        _log_changes()
    else:
        _log_changes_of_server()


def _log_changes_of_server() -> None:
    """Creates the same triggers on a server.

    A number that is given out first may be committed last there, so the token is that of the transaction, in
    twenty digits: all transactions below the oldest one that still runs have ended.
    """
    number = "lpad(pg_current_xact_id()::text, 20, '0')"
    for table, chat, update in _WRITES:
        op.execute(
            f"CREATE FUNCTION {table}_changed() RETURNS trigger LANGUAGE plpgsql AS $$"  # noqa: S608  (constants)
            f" DECLARE changed {table}; place integer;"
            f" BEGIN IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;"
            f" INSERT INTO conversation_changes (chat_id, token)"
            f" SELECT coalesce({chat.format(row='changed')}, ''), {number} RETURNING change_id INTO place;"
            f" IF place % 100 = 0 THEN DELETE FROM conversation_changes WHERE change_id IN"
            f" (SELECT change_id FROM conversation_changes WHERE change_id <= place - {_KEPT}"
            f" ORDER BY change_id FOR UPDATE SKIP LOCKED); END IF; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_changed AFTER INSERT OR {update} OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_changed()"
        )
    op.execute(f"INSERT INTO conversation_changes (chat_id, token) VALUES ('', {number})")  # noqa: S608  (constants)


def _log_changes() -> None:
    """Creates the triggers, and a first row, which later looks begin at."""
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
    """Refused: there is nothing before it."""
    raise NotImplementedError("revisions are not undone; restore a backup to go back")
