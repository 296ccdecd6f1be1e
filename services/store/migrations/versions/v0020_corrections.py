"""The correction of a wrong answer."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Give answers two columns, empty for those of before."""
    op.add_column("answers", sa.Column("expected", sa.Text()))
    op.add_column("answers", sa.Column("expected_document", sa.Text()))


def downgrade() -> None:
    """Refused: it would lose corrections."""
    raise NotImplementedError("corrections are not dropped; restore a backup to go back")
