"""Recorded advice with the feedback on it, and the versions of each profile's calibration."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DECIMAL = sa.Text().with_variant(sa.Numeric(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; nothing of before is touched."""
    _responses()
    _feedback()
    _calibration_versions()
    _calibrations()
    _tuning_notes()


def downgrade() -> None:
    """Refused: it would lose all recorded advice."""
    raise NotImplementedError("recorded advice is not dropped; restore a backup to go back")


def _responses() -> None:
    op.create_table(
        "responses",
        sa.Column("response_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("profile", _ID, nullable=False),
        sa.Column("model", _ID, nullable=False),
        sa.Column("prompt_version", _ID, nullable=False),
        sa.Column("web_search_used", sa.Boolean(), nullable=False),
        sa.Column("stated_bp", sa.Integer()),
        sa.Column("calibrated_bp", sa.Integer()),
        sa.Column("outcome", _ID, nullable=False),
        sa.Column("feedback_at", _MOMENT),
        sa.Column("helpful", sa.Boolean()),
        sa.Column("event_key", _ID),
        sa.Column("event_ends", sa.Date()),
        sa.Column("period", sa.BigInteger()),
        sa.Column("phrase_key", sa.Text()),
        sa.Column("phrase", sa.Text()),
        sa.Column("phrase_capped", sa.Boolean()),
        sa.Column("calibration_id", _ID),
        *_answered(),
        sa.PrimaryKeyConstraint("response_id", name="pk_responses"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], "fk_responses_user_id_users", ondelete="CASCADE"
        ),
    )
    for owner in (["user_id"], ["profile"], []):
        along = [*owner, "created_at", "response_id"]
        op.create_index(f"ix_responses_{'_'.join(along)}", "responses", along)


def _answered() -> list[sa.Column[object]]:
    """What was answered, and how: nothing that statistics read."""
    return [
        sa.Column("profile_version", sa.Text(), nullable=False),
        sa.Column("prompt_type", sa.Text(), nullable=False),
        sa.Column("search_decision", sa.Text(), nullable=False),
        sa.Column("freshness", sa.Text(), nullable=False),
        sa.Column("advice_outcome", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger()),
        sa.Column("output_tokens", sa.BigInteger()),
        sa.Column("cost", _DECIMAL),
        sa.Column("latency_ms", sa.BigInteger(), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("choice", sa.Text()),
        sa.Column("feedback_notes", sa.Text()),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("main_advice", sa.Text(), nullable=False),
        sa.Column("reasoning", sa.Text(), nullable=False),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("tool_calls", sa.JSON(), nullable=False),
    ]


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("feedback_id", _ID, nullable=False),
        sa.Column("response_id", _ID, nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("helpful", sa.Boolean()),
        sa.Column("notes", sa.Text()),
        sa.Column("judge", sa.Text(), nullable=False),
        sa.Column("key", _ID),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("superseded_at", _MOMENT),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_feedback"),
        sa.UniqueConstraint("response_id", "key", name="uq_feedback_response_id_key"),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["responses.response_id"],
            "fk_feedback_response_id_responses",
            ondelete="CASCADE",
        ),
    )


def _calibration_versions() -> None:
    op.create_table(
        "calibration_versions",
        sa.Column("version_id", _ID, nullable=False),
        sa.Column("parent_id", _ID),
        sa.Column("profile", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("maps", sa.JSON(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("window_from", _MOMENT),
        sa.Column("window_to", _MOMENT),
        sa.Column("restores", _ID),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name="pk_calibration_versions"),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["calibration_versions.version_id"],
            "fk_calibration_versions_parent_id_calibration_versions",
        ),
    )
    op.create_index(
        "ix_calibration_versions_profile_created_at_version_id",
        "calibration_versions",
        ["profile", "created_at", "version_id"],
    )


def _calibrations() -> None:
    op.create_table(
        "calibrations",
        sa.Column("profile", _ID, nullable=False),
        sa.Column("version_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("profile", name="pk_calibrations"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["calibration_versions.version_id"],
            "fk_calibrations_version_id_calibration_versions",
        ),
    )


def _tuning_notes() -> None:
    op.create_table(
        "tuning_notes",
        sa.Column("note_id", _ID, nullable=False),
        sa.Column("profile", _ID, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("from_version", _ID),
        sa.Column("to_version", _ID),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("note_id", name="pk_tuning_notes"),
    )
    op.create_index(
        "ix_tuning_notes_profile_created_at_note_id",
        "tuning_notes",
        ["profile", "created_at", "note_id"],
    )
