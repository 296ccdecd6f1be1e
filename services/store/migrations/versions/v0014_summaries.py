"""Summaries of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conversation_summaries",
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("run_id", _ID),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("method", sa.Text()),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("made_at", _MOMENT),
        sa.Column("edited", sa.Text()),
        sa.Column("edited_at", _MOMENT),
        sa.PrimaryKeyConstraint("chat_id", name="pk_conversation_summaries"),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["conversations.chat_id"],
            "fk_conversation_summaries_chat_id_conversations",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "summary_submissions",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("submitted_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_summary_submissions"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["jobs.job_id"], "fk_summary_submissions_run_id_jobs", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Refused: it would lose summaries."""
    raise NotImplementedError("summaries are not dropped; restore a backup to go back")
