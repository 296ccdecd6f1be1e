"""Running answers that are followed from another process."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "relayed_pieces",
        sa.Column("turn_id", _ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("turn_id", "place", name="pk_relayed_pieces"),
    )


def downgrade() -> None:
    """Refused: there is no way back."""
    raise NotImplementedError("revisions are not undone; restore a backup to go back")
