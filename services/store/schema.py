"""All tables of the relational store, and the revisions its databases went through.

Every change of a table comes with a migration in `migrations/versions`; tests hold the two together.
A new table is a module here that declares it, named in `TABLES`.
"""

from pathlib import Path

import sqlalchemy as sa

from services.store.admissions import rates
from services.store.answers import answers
from services.store.api_keys import api_keys
from services.store.attachments import file_attachments, file_objects, link_secrets
from services.store.calibrations import calibration_versions, calibrations, tuning_notes
from services.store.chats import conversations, messages
from services.store.datasets import dataset_items, dataset_versions, datasets
from services.store.eval_feedback import eval_feedback
from services.store.imports import import_payloads, imported_messages, imports
from services.store.jobs import job_items, jobs
from services.store.leases import leases
from services.store.memories import conversation_memories
from services.store.outputs import model_outputs
from services.store.people import users
from services.store.project_drafts import (
    conversation_projects,
    project_draft_versions,
    project_drafts,
)
from services.store.projects import projects, prompt_cases
from services.store.prompts import (
    label_moves,
    model_defaults,
    prompt_labels,
    prompt_tags,
    prompt_versions,
    prompts,
)
from services.store.relay import relayed_pieces
from services.store.report_links import report_links
from services.store.responses import feedback, responses
from services.store.rows import metadata
from services.store.searchable_conversations import conversation_changes
from services.store.sessions import sign_in_attempts, user_sessions
from services.store.summaries import conversation_summaries, summary_submissions
from services.store.usage import key_usage

__all__ = ["MIGRATIONS", "REVISIONS", "REVISION_TABLE", "TABLES", "metadata", "revision"]

MIGRATIONS = Path(__file__).parent / "migrations"
"""The folder of the migrations."""

REVISIONS = tuple(sorted(file.stem[1:5] for file in (MIGRATIONS / "versions").glob("v*.py")))
"""Every revision since 0.2.0, oldest first. The last one is what this version needs.

Read from the names of the files, so that opening a current database imports no migration machinery.
"""

REVISION_TABLE = "candor_revision"
"""Not Alembic's default name: the database may be shared with another program that uses it."""

revision = sa.Table(
    REVISION_TABLE,
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), primary_key=True, nullable=False),
)
"""Where a database says which revision it has; Alembic makes and keeps it."""

TABLES = (
    users,
    conversations,
    messages,
    imports,
    import_payloads,
    imported_messages,
    project_drafts,
    project_draft_versions,
    conversation_projects,
    answers,
    responses,
    feedback,
    calibration_versions,
    calibrations,
    tuning_notes,
    api_keys,
    key_usage,
    leases,
    relayed_pieces,
    rates,
    jobs,
    job_items,
    prompts,
    prompt_tags,
    prompt_versions,
    prompt_labels,
    label_moves,
    model_defaults,
    model_outputs,
    projects,
    prompt_cases,
    datasets,
    dataset_versions,
    dataset_items,
    report_links,
    eval_feedback,
    file_objects,
    file_attachments,
    link_secrets,
    user_sessions,
    sign_in_attempts,
    conversation_summaries,
    summary_submissions,
    conversation_memories,
    conversation_changes,
)
"""Every table that `metadata` declares."""
