"""The summaries of files."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_FILES = "file_attachments"


def upgrade() -> None:
    """Add the columns, and the moment of the summary to the index."""
    op.add_column(_FILES, sa.Column("summary_text", sa.Text()))
    op.add_column(_FILES, sa.Column("summary_model", sa.Text()))
    op.add_column(_FILES, sa.Column("summarised_at", sa.DateTime(timezone=True)))
    op.add_column(_FILES, sa.Column("summary_run_id", _ID))
    op.drop_index("ix_file_attachments_chat_id_created_at_file_id", _FILES)
    op.create_index(
        "ix_file_attachments_chat_id_created_at_file_id_summarised_at",
        _FILES,
        ["chat_id", "created_at", "file_id", "summarised_at"],
    )


def downgrade() -> None:
    """Refused: it would lose summaries."""
    raise NotImplementedError("summaries are not dropped; restore a backup to go back")
