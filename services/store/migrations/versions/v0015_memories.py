"""The vectors of summaries."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "conversation_memories",
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("embedder", sa.Text(), nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_conversation_memories"),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["conversation_summaries.chat_id"],
            "fk_conversation_memories_chat_id_conversation_summaries",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Refused: there is no way back."""
    raise NotImplementedError("memories are not dropped; restore a backup to go back")
