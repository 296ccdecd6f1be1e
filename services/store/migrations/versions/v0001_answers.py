"""Recorded answers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DECIMAL = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    """Make the table and the index its pages are read along."""
    op.create_table(
        "answers",
        sa.Column("answer_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("category", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("tool_calls", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_version", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger()),
        sa.Column("output_tokens", sa.BigInteger()),
        sa.Column("cost", _DECIMAL),
        sa.Column("latency_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", name="pk_answers"),
    )
    op.create_index(
        "ix_answers_user_id_created_at_answer_id",
        "answers",
        ["user_id", "created_at", "answer_id"],
    )


def downgrade() -> None:
    """Refused: there is no earlier database, and dropping the table would lose every answer."""
    raise NotImplementedError("answers are not dropped; restore a backup to go back")
