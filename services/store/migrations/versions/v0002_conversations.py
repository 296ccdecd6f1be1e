"""Users, conversations with their messages, and API keys; an answer may belong to a conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and give answers their conversation (none, for those of before)."""
    _users()
    _conversations()
    _messages()
    _api_keys()
    with op.batch_alter_table("answers") as answers:
        answers.add_column(sa.Column("chat_id", _ID))
        answers.create_foreign_key(
            "fk_answers_chat_id_conversations",
            "conversations",
            ["chat_id"],
            ["chat_id"],
            ondelete="CASCADE",
        )
        answers.create_index("ix_answers_chat_id", ["chat_id"])
        answers.create_index("ix_answers_created_at_answer_id", ["created_at", "answer_id"])


def downgrade() -> None:
    """Refused: it would lose every conversation."""
    raise NotImplementedError("conversations are not dropped; restore a backup to go back")


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("email", _ID),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("client_id", _ID),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("leaf_id", _ID),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_conversations"),
        sa.UniqueConstraint("client_id", "user_id", name="uq_conversations_client_id_user_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], "fk_conversations_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_conversations_user_id_updated_at_chat_id",
        "conversations",
        ["user_id", "updated_at", "chat_id"],
    )
    op.create_index(
        "ix_conversations_updated_at_chat_id", "conversations", ["updated_at", "chat_id"]
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("message_id", _ID, nullable=False),
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("parent_id", _ID),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("client_id", _ID),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("model_messages", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["conversations.chat_id"],
            "fk_messages_chat_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["messages.message_id"], "fk_messages_parent_id_messages"
        ),
    )
    op.create_index(
        "ix_messages_chat_id_created_at_message_id",
        "messages",
        ["chat_id", "created_at", "message_id"],
    )
    op.create_index("ix_messages_parent_id", "messages", ["parent_id"])


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", _ID, nullable=False),
        sa.Column("prefix", _ID, nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("last_used_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
        sa.UniqueConstraint("prefix", name="uq_api_keys_prefix"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], "fk_api_keys_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])
