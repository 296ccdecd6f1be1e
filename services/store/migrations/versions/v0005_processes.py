"""What several processes share: leases and rates; what keys use a day, and how much they may."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DECIMAL = sa.Text().with_variant(sa.Numeric(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and give keys two limits: none, for those of before."""
    op.create_table(
        "leases",
        sa.Column("lease_id", _ID, nullable=False),
        sa.Column("name", _ID, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lease_id", name="pk_leases"),
    )
    op.create_index("ix_leases_name", "leases", ["name"])
    op.create_table(
        "rates",
        sa.Column("name", _ID, nullable=False),
        sa.Column("full_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rates"),
    )
    op.create_table(
        "key_usage",
        sa.Column("key_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", _DECIMAL, nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "day", name="pk_key_usage"),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_keys.key_id"], "fk_key_usage_key_id_api_keys", ondelete="CASCADE"
        ),
    )
    op.add_column("api_keys", sa.Column("tokens_per_day", sa.BigInteger()))
    op.add_column("api_keys", sa.Column("cost_per_day", _DECIMAL))


def downgrade() -> None:
    """Refused: it would lose what keys have used, and their limits."""
    raise NotImplementedError("the use of keys is not dropped; restore a backup to go back")
