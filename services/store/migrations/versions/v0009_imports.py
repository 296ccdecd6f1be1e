"""Imported conversations: their origin, their raw form, and what a message has beyond one of chat."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make three tables; no conversation of before is locked, and none of its messages hidden."""
    op.add_column("conversations", sa.Column("locked_at", _MOMENT))
    op.add_column("messages", sa.Column("hidden", sa.Boolean()))
    _imports()
    _payloads()
    _messages()


def downgrade() -> None:
    """Refused: it would lose imported conversations."""
    raise NotImplementedError("imports are not dropped; restore a backup to go back")


def _imports() -> None:
    op.create_table(
        "imports",
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("source", _ID, nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("url", _ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("shown_title", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("source_created_at", _MOMENT),
        sa.Column("source_updated_at", _MOMENT),
        sa.Column("imported_at", _MOMENT, nullable=False),
        sa.Column("parser_version", sa.BigInteger(), nullable=False),
        sa.Column("raw_digest", _ID, nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_imports"),
        sa.UniqueConstraint(
            "user_id", "source", "source_id", name="uq_imports_user_id_source_source_id"
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["conversations.chat_id"],
            "fk_imports_chat_id_conversations",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_imports_user_id_raw_digest", "imports", ["user_id", "raw_digest"])
    op.create_index("ix_imports_user_id_url", "imports", ["user_id", "url"])


def _payloads() -> None:
    op.create_table(
        "import_payloads",
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_import_payloads"),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["imports.chat_id"],
            "fk_import_payloads_chat_id_imports",
            ondelete="CASCADE",
        ),
    )


def _messages() -> None:
    op.create_table(
        "imported_messages",
        sa.Column("message_id", _ID, nullable=False),
        sa.Column("source_message_id", _ID, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("hidden_because", sa.Text()),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("source_created_at", _MOMENT),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("content_hash", _ID, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_imported_messages"),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.message_id"],
            "fk_imported_messages_message_id_messages",
            ondelete="CASCADE",
        ),
    )
