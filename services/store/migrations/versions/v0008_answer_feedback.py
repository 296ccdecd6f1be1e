"""A person's judgement of a recorded answer."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Give answers two columns, empty for those of before."""
    op.add_column("answers", sa.Column("right", sa.Boolean()))
    op.add_column("answers", sa.Column("feedback_notes", sa.Text()))


def downgrade() -> None:
    """Refused: it would lose feedback."""
    raise NotImplementedError("feedback is not dropped; restore a backup to go back")
