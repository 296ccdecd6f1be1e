"""The mode of a chat, and of each answer."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Give both a column, empty for those of before: their mode is the usual one of their origin."""
    op.add_column("conversations", sa.Column("mode", sa.Text()))
    op.add_column("answers", sa.Column("mode", sa.Text()))


def downgrade() -> None:
    """Refused: it would lose the modes that people chose."""
    raise NotImplementedError("modes are not dropped; restore a backup to go back")
