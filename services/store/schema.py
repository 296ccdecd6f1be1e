"""The tables of the relational store, and the revisions its databases went through.

Every change here comes with a migration in `migrations/versions` and its id at the end of
`REVISIONS`; tests hold the three together.
"""

from datetime import datetime
from decimal import Decimal

from pydantic import JsonValue
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    MetaData,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
)

from services.store.advice_tables import (
    calibration_versions,
    calibrations,
    feedback,
    responses,
    tuning_notes,
)
from services.store.columns import ExactDecimal, StoredId, StoredJson, StoredText, UtcMoment
from services.store.metadata import metadata
from services.store.shared_tables import key_usage, leases, rates

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every revision a database can have, oldest first. The last one is what this version needs.

Written out here so that opening a current database imports no migration machinery.
"""

REVISION_TABLE = "candor_revision"
"""Not Alembic's default name: the database may be shared with another program that uses it."""

revision = Table(
    REVISION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True, nullable=False)
)
"""Where a database says which revision it has; Alembic makes and keeps it."""


class UserColumns(TypedColumns):
    """A person; made when a name is first seen, and filled in by a login where there is one."""

    user_id = Column(StoredId, primary_key=True)
    name: Named[str | None] = Column(StoredText)
    email: Named[str | None] = Column(StoredId, unique=True)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)


users = Table("users", metadata, UserColumns)


class ConversationColumns(TypedColumns):
    """A conversation of one person. `leaf_id` is the last message of the branch that is shown.

    `client_id` is the id that the person's own frontend gave it, unique among theirs.
    """

    chat_id = Column(StoredId, primary_key=True)
    user_id: Named[str] = Column(
        StoredId, ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False
    )
    client_id: Named[str | None] = Column(StoredId)
    title: Named[str] = Column(StoredText, nullable=False)
    leaf_id: Named[str | None] = Column(StoredId)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    updated_at: Named[datetime] = Column(UtcMoment, nullable=False)


conversations = Table(
    # In this order a frontend's id alone finds its conversations, too.
    "conversations",
    metadata,
    ConversationColumns,
    UniqueConstraint("client_id", "user_id"),
)
# A page of conversations, the last used first, is one walk along an index: one person's, or all.
Index(None, conversations.c.user_id, conversations.c.updated_at, conversations.c.chat_id)
Index(None, conversations.c.updated_at, conversations.c.chat_id)


class MessageColumns(TypedColumns):
    """A message of a conversation, in a tree: two answers to one question have one parent.

    `parts` is what a reader sees, in order; `model_messages` what the next turn gives the model.
    An answer's message has the answer's id.
    """

    message_id = Column(StoredId, primary_key=True)
    chat_id: Named[str] = Column(
        StoredId, ForeignKey("conversations.chat_id", ondelete="CASCADE"), nullable=False
    )
    # No cascade: SQLite would go down message by message, and fails below the thousandth.
    parent_id: Named[str | None] = Column(StoredId, ForeignKey("messages.message_id"))
    role: Named[str] = Column(StoredText, nullable=False)
    client_id: Named[str | None] = Column(StoredId)
    text: Named[str] = Column(StoredText, nullable=False)
    parts: Named[JsonValue] = Column(StoredJson, nullable=False)
    model_messages: Named[str | None] = Column(StoredText)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)


messages = Table("messages", metadata, MessageColumns)
Index(None, messages.c.chat_id, messages.c.created_at, messages.c.message_id)
# A deletion looks for children by their parent.
Index(None, messages.c.parent_id)


class AnswerColumns(TypedColumns):
    """A recorded answer; the fields of `use_cases.chat.model.Answer`, sequences as JSON."""

    answer_id = Column(StoredId, primary_key=True)
    chat_id: Named[str | None] = Column(
        StoredId, ForeignKey("conversations.chat_id", ondelete="CASCADE")
    )
    user_id: Named[str] = Column(StoredId, nullable=False)
    question: Named[str] = Column(StoredText, nullable=False)
    category: Named[str | None] = Column(StoredText)
    text: Named[str] = Column(StoredText, nullable=False)
    outcome: Named[str] = Column(StoredText, nullable=False)
    sources: Named[JsonValue] = Column(StoredJson, nullable=False)
    tool_calls: Named[JsonValue] = Column(StoredJson, nullable=False)
    notices: Named[JsonValue] = Column(StoredJson, nullable=False)
    model: Named[str] = Column(StoredText, nullable=False)
    prompt_version: Named[str] = Column(StoredText, nullable=False)
    input_tokens: Named[int | None] = Column(BigInteger)
    output_tokens: Named[int | None] = Column(BigInteger)
    cost: Named[Decimal | None] = Column(ExactDecimal)
    latency_ms: Named[int] = Column(BigInteger, nullable=False)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    interrupted: Named[bool] = Column(nullable=False)


answers = Table("answers", metadata, AnswerColumns)
# A page of answers, newest first, is one walk along an index: one person's, or all.
Index(None, answers.c.user_id, answers.c.created_at, answers.c.answer_id)
Index(None, answers.c.created_at, answers.c.answer_id)
Index(None, answers.c.chat_id)


class ApiKeyColumns(TypedColumns):
    """A key: its public prefix and the SHA-256 of the whole; the key itself is nowhere.

    `tokens_per_day` and `cost_per_day` are limits of its own; NULL for those of the settings.
    """

    key_id = Column(StoredId, primary_key=True)
    prefix: Named[str] = Column(StoredId, nullable=False, unique=True)
    digest: Named[str] = Column(StoredId, nullable=False)
    user_id: Named[str] = Column(
        StoredId, ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False
    )
    label: Named[str] = Column(StoredText, nullable=False)
    scopes: Named[JsonValue] = Column(StoredJson, nullable=False)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    expires_at: Named[datetime | None] = Column(UtcMoment)
    last_used_at: Named[datetime | None] = Column(UtcMoment)
    revoked_at: Named[datetime | None] = Column(UtcMoment)
    tokens_per_day: Named[int | None] = Column(BigInteger)
    cost_per_day: Named[Decimal | None] = Column(ExactDecimal)


api_keys = Table("api_keys", metadata, ApiKeyColumns)
Index(None, api_keys.c.user_id)

ADVICE_TABLES = (responses, feedback, calibration_versions, calibrations, tuning_notes)
"""Declared in `advice_tables`; named here, so that `metadata` holds them for whoever takes it."""

SHARED_TABLES = (leases, rates, key_usage)
"""Declared in `shared_tables`."""
