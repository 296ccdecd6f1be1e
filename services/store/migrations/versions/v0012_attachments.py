"""The files of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "file_objects",
        sa.Column("key", _ID, nullable=False),
        sa.Column("announced_until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_file_objects"),
    )
    op.create_table(
        "file_attachments",
        sa.Column("file_id", _ID, nullable=False),
        sa.Column("chat_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", _ID, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", _ID, nullable=False),
        sa.Column("key", _ID, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("characters", sa.BigInteger()),
        sa.Column("text_note", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.PrimaryKeyConstraint("file_id", name="pk_file_attachments"),
        sa.UniqueConstraint(
            "chat_id", "sha256", "name", name="uq_file_attachments_chat_id_sha256_name"
        ),
        sa.UniqueConstraint("key", name="uq_file_attachments_key"),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["conversations.chat_id"],
            "fk_file_attachments_chat_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["file_objects.key"], "fk_file_attachments_key_file_objects"
        ),
    )
    op.create_index(
        "ix_file_attachments_chat_id_created_at_file_id",
        "file_attachments",
        ["chat_id", "created_at", "file_id"],
    )
    op.create_table(
        "link_secrets",
        sa.Column("name", _ID, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_link_secrets"),
    )


def downgrade() -> None:
    """Refused: it would lose files."""
    raise NotImplementedError("files are not dropped; restore a backup to go back")
