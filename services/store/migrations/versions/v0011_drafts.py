"""Project drafts with their versions and chats, and the projects of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make four tables; no conversation of before is the chat about a draft."""
    _chats()
    _drafts()
    _replies()
    _projects()


def downgrade() -> None:
    """Refused: it would lose drafts."""
    raise NotImplementedError("drafts are not dropped; restore a backup to go back")


def _chats() -> None:
    op.add_column("conversations", sa.Column("draft_of", _ID))
    op.create_index("ix_conversations_draft_of", "conversations", ["draft_of"], unique=True)


def _drafts() -> None:
    op.create_table(
        "project_drafts",
        sa.Column("draft_id", _ID, nullable=False),
        sa.Column("active_version_id", _ID),
        sa.PrimaryKeyConstraint("draft_id", name="pk_project_drafts"),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["conversations.chat_id"],
            "fk_project_drafts_draft_id_conversations",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "project_draft_versions",
        sa.Column("version_id", _ID, nullable=False),
        sa.Column("draft_id", _ID, nullable=False),
        sa.Column("version_number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_manual_edit", sa.Boolean(), nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("version_id", name="pk_project_draft_versions"),
        sa.UniqueConstraint(
            "draft_id",
            "version_number",
            name="uq_project_draft_versions_draft_id_version_number",
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["project_drafts.draft_id"],
            "fk_project_draft_versions_draft_id_project_drafts",
            ondelete="CASCADE",
        ),
    )


def _replies() -> None:
    op.create_table(
        "draft_replies",
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("tool_calls", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_version", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger()),
        sa.Column("output_tokens", sa.BigInteger()),
        sa.Column("cost", sa.Numeric().with_variant(sa.Text(), "sqlite")),
        sa.Column("latency_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("reply_id", _ID, nullable=False),
        sa.Column("draft_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reply_id", name="pk_draft_replies"),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["project_drafts.draft_id"],
            "fk_draft_replies_draft_id_project_drafts",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_draft_replies_draft_id", "draft_replies", ["draft_id"])


def _projects() -> None:
    op.create_table(
        "conversation_projects",
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("url", sa.Text()),
        sa.PrimaryKeyConstraint("project_id", name="pk_conversation_projects"),
        sa.UniqueConstraint("conversation_id", name="uq_conversation_projects_conversation_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.chat_id"],
            "fk_conversation_projects_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )
