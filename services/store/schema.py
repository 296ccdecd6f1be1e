"""The tables of the relational store, and the revisions its databases went through.

Every change here comes with a migration in `migrations/versions` and its id at the end of
`REVISIONS`; tests hold the three together.
"""

from datetime import datetime
from decimal import Decimal

from pydantic import JsonValue
from sqlalchemy import BigInteger, Column, Index, MetaData, Named, String, Table, TypedColumns

from services.store.columns import ExactDecimal, StoredId, StoredJson, StoredText, UtcMoment

REVISIONS = ("0001",)
"""Every revision a database can have, oldest first. The last one is what this version needs.

Written out here so that opening a current database imports no migration machinery.
"""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

REVISION_TABLE = "candor_revision"
"""Not Alembic's default name: the database may be shared with another program that uses it."""

revision = Table(
    REVISION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True, nullable=False)
)
"""Where a database says which revision it has; Alembic makes and keeps it."""


class AnswerColumns(TypedColumns):
    """A recorded answer; the fields of `use_cases.chat.model.Answer`, sequences as JSON."""

    answer_id = Column(StoredId, primary_key=True)
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
# A page of one person's answers, newest first, is one walk along this index.
Index(None, answers.c.user_id, answers.c.created_at, answers.c.answer_id)
