"""The base rate that advice showed in place of a stated confidence that was known to be useless."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Give responses two columns, empty for those of before."""
    op.add_column("responses", sa.Column("base_right", sa.BigInteger()))
    op.add_column("responses", sa.Column("base_n", sa.BigInteger()))


def downgrade() -> None:
    """Refused: it would lose what was shown."""
    raise NotImplementedError("what advice showed is not dropped; restore a backup to go back")
