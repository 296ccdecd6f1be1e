"""Labels of people."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "eval_labels",
        sa.Column("label_id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("repeat", sa.BigInteger(), nullable=False),
        sa.Column("assertion", sa.Text(), nullable=False),
        sa.Column("labeller", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("output_digest", _ID, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("replaced_at", _MOMENT),
        sa.PrimaryKeyConstraint("label_id", name="pk_eval_labels"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["jobs.job_id"], "fk_eval_labels_run_id_jobs", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_eval_labels_run_id_place", "eval_labels", ["run_id", "place"])
    op.create_index(
        "ix_eval_labels_run_id_created_at_label_id",
        "eval_labels",
        ["run_id", "created_at", "label_id"],
    )


def downgrade() -> None:
    """Refused: it would lose labels."""
    raise NotImplementedError("labels are not dropped; restore a backup to go back")
