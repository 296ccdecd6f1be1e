"""Durable jobs, the registry of prompts and default models, projects, and datasets."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DECIMAL = sa.Text().with_variant(sa.Numeric(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("job_id", _ID, nullable=False),
        sa.Column("kind", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("budget", _DECIMAL),
        sa.Column("spent", _DECIMAL, nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_kind_created_at_job_id", "jobs", ["kind", "created_at", "job_id"])
    op.create_table(
        "job_items",
        sa.Column("job_id", _ID, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("key", _ID, nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("finishes", sa.BigInteger(), nullable=False),
        sa.Column("cost", _DECIMAL, nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.Column("holder", _ID),
        sa.Column("error", sa.Text()),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "place", name="pk_job_items"),
        sa.UniqueConstraint("job_id", "key", name="uq_job_items_job_id_key"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.job_id"], "fk_job_items_job_id_jobs", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_job_items_job_id_state_place", "job_items", ["job_id", "state", "place"])
    op.create_index("ix_job_items_job_id_tick", "job_items", ["job_id", "tick"])
    _make_registry()
    _make_projects()
    _make_datasets()
    _make_report_links()


def _make_registry() -> None:
    op.create_table(
        "prompts",
        sa.Column("prompt_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("purpose", _ID),
        sa.Column("case_id", _ID),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("deleted_at", _MOMENT),
        sa.PrimaryKeyConstraint("prompt_id", name="pk_prompts"),
        sa.UniqueConstraint("purpose", name="uq_prompts_purpose"),
    )
    op.create_index("ix_prompts_case_id", "prompts", ["case_id"])
    op.create_index("ix_prompts_created_at_prompt_id", "prompts", ["created_at", "prompt_id"])
    op.create_table(
        "prompt_tags",
        sa.Column("tag", _ID, nullable=False),
        sa.Column("prompt_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("tag", "prompt_id", name="pk_prompt_tags"),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompts.prompt_id"], "fk_prompt_tags_prompt_id_prompts"
        ),
    )
    op.create_table(
        "prompt_versions",
        sa.Column("prompt_id", _ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("author", _ID, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("prompt_id", "number", name="pk_prompt_versions"),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompts.prompt_id"], "fk_prompt_versions_prompt_id_prompts"
        ),
    )
    op.create_index(
        "ix_prompt_versions_prompt_id_digest",
        "prompt_versions",
        ["prompt_id", "digest"],
        unique=True,
    )
    op.create_table(
        "prompt_labels",
        sa.Column("prompt_id", _ID, nullable=False),
        sa.Column("label", _ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("prompt_id", "label", name="pk_prompt_labels"),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompts.prompt_id"], "fk_prompt_labels_prompt_id_prompts"
        ),
    )
    op.create_table(
        "label_moves",
        sa.Column("move_id", _ID, nullable=False),
        sa.Column("prompt_id", _ID, nullable=False),
        sa.Column("label", _ID, nullable=False),
        sa.Column("from_version", sa.BigInteger()),
        sa.Column("to_version", sa.BigInteger()),
        sa.Column("author", _ID, nullable=False),
        sa.Column("moved_at", _MOMENT, nullable=False),
        sa.Column("evidence", _ID),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("move_id", name="pk_label_moves"),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompts.prompt_id"], "fk_label_moves_prompt_id_prompts"
        ),
    )
    op.create_index(
        "ix_label_moves_prompt_id_moved_at_move_id",
        "label_moves",
        ["prompt_id", "moved_at", "move_id"],
    )
    op.create_table(
        "model_defaults",
        sa.Column("purpose", _ID, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("author", _ID, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("purpose", name="pk_model_defaults"),
    )
    op.create_table(
        "model_outputs",
        sa.Column("key", _ID, nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_model_outputs"),
    )


def _make_projects() -> None:
    op.create_table(
        "projects",
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("deleted_at", _MOMENT),
        sa.PrimaryKeyConstraint("project_id", name="pk_projects"),
    )
    op.create_index("ix_projects_created_at_project_id", "projects", ["created_at", "project_id"])
    op.create_table(
        "prompt_cases",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("success_criteria", sa.Text(), nullable=False),
        sa.Column("default_assertions", sa.JSON(), nullable=False),
        sa.Column("default_dataset_id", _ID),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("deleted_at", _MOMENT),
        sa.PrimaryKeyConstraint("case_id", name="pk_prompt_cases"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], "fk_prompt_cases_project_id_projects"
        ),
    )
    op.create_index(
        "ix_prompt_cases_project_id_created_at_case_id",
        "prompt_cases",
        ["project_id", "created_at", "case_id"],
    )


def _make_datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("dataset_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("case_id", _ID),
        sa.Column("schema", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("item_count", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("drafting", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("deleted_at", _MOMENT),
        sa.PrimaryKeyConstraint("dataset_id", name="pk_datasets"),
    )
    op.create_index("ix_datasets_case_id", "datasets", ["case_id"])
    op.create_index("ix_datasets_created_at_dataset_id", "datasets", ["created_at", "dataset_id"])
    op.create_table(
        "dataset_versions",
        sa.Column("dataset_id", _ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("item_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("author", _ID, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_id", "number", name="pk_dataset_versions"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.dataset_id"], "fk_dataset_versions_dataset_id_datasets"
        ),
    )
    op.create_table(
        "dataset_items",
        sa.Column("dataset_id", _ID, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("key", _ID, nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_id", "place", "since", name="pk_dataset_items"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.dataset_id"], "fk_dataset_items_dataset_id_datasets"
        ),
    )
    op.create_index(
        "ix_dataset_items_dataset_id_key_since",
        "dataset_items",
        ["dataset_id", "key", "since"],
        unique=True,
    )


def _make_report_links() -> None:
    op.create_table(
        "report_links",
        sa.Column("link_id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("redaction", sa.JSON(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.PrimaryKeyConstraint("link_id", name="pk_report_links"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["jobs.job_id"], "fk_report_links_run_id_jobs", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_report_links_run_id", "report_links", ["run_id"])
    op.create_index("ix_report_links_digest", "report_links", ["digest"], unique=True)


def downgrade() -> None:
    """Refused: it would lose evaluations."""
    raise NotImplementedError("evaluations are not dropped; restore a backup to go back")
