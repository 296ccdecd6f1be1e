"""The tables of advice: recorded responses, what was told of them, and calibrations.

Responses carry the judgement in force beside the history of feedback, so that statistics read one
table. Confidence is in basis points.
"""

from datetime import date, datetime
from decimal import Decimal

from pydantic import JsonValue
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Named,
    Table,
    TypedColumns,
    UniqueConstraint,
)

from services.store.columns import ExactDecimal, StoredId, StoredJson, StoredText, UtcMoment
from services.store.metadata import metadata


class ResponseColumns(TypedColumns):
    """A recorded response; the fields of `use_cases.advice.model.Response`, sequences as JSON.

    `outcome` is what came of the advice, `advice_outcome` how the question ended. What statistics
    read comes first: SQLite finds it without leafing through the long texts after it.
    """

    response_id = Column(StoredId, primary_key=True)
    user_id: Named[str] = Column(
        StoredId, ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False
    )
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    profile: Named[str] = Column(StoredId, nullable=False)
    model: Named[str] = Column(StoredId, nullable=False)
    prompt_version: Named[str] = Column(StoredId, nullable=False)
    web_search_used: Named[bool] = Column(nullable=False)
    stated_bp: Named[int | None] = Column()
    calibrated_bp: Named[int | None] = Column()
    outcome: Named[str] = Column(StoredId, nullable=False)
    feedback_at: Named[datetime | None] = Column(UtcMoment)
    helpful: Named[bool | None] = Column()
    event_key: Named[str | None] = Column(StoredId)
    event_ends: Named[date | None] = Column()
    period: Named[int | None] = Column(BigInteger)
    phrase_key: Named[str | None] = Column(StoredText)
    phrase: Named[str | None] = Column(StoredText)
    phrase_capped: Named[bool | None] = Column()
    calibration_id: Named[str | None] = Column(StoredId)
    profile_version: Named[str] = Column(StoredText, nullable=False)
    prompt_type: Named[str] = Column(StoredText, nullable=False)
    search_decision: Named[str] = Column(StoredText, nullable=False)
    freshness: Named[str] = Column(StoredText, nullable=False)
    advice_outcome: Named[str] = Column(StoredText, nullable=False)
    input_tokens: Named[int | None] = Column(BigInteger)
    output_tokens: Named[int | None] = Column(BigInteger)
    cost: Named[Decimal | None] = Column(ExactDecimal)
    latency_ms: Named[int] = Column(BigInteger, nullable=False)
    interrupted: Named[bool] = Column(nullable=False)
    choice: Named[str | None] = Column(StoredText)
    feedback_notes: Named[str | None] = Column(StoredText)
    question: Named[str] = Column(StoredText, nullable=False)
    main_advice: Named[str] = Column(StoredText, nullable=False)
    reasoning: Named[str] = Column(StoredText, nullable=False)
    alternatives: Named[JsonValue] = Column(StoredJson, nullable=False)
    notices: Named[JsonValue] = Column(StoredJson, nullable=False)
    sources: Named[JsonValue] = Column(StoredJson, nullable=False)
    tool_calls: Named[JsonValue] = Column(StoredJson, nullable=False)
    base_right: Named[int | None] = Column(BigInteger)
    base_n: Named[int | None] = Column(BigInteger)


responses = Table("responses", metadata, ResponseColumns)
# A page, newest first, and a window of statistics are one walk along an index: one person's, one
# profile's, or all.
Index(None, responses.c.user_id, responses.c.created_at, responses.c.response_id)
Index(None, responses.c.profile, responses.c.created_at, responses.c.response_id)
Index(None, responses.c.created_at, responses.c.response_id)


class FeedbackColumns(TypedColumns):
    """What was told of a response; rows are added, and only `superseded_at` is ever changed."""

    feedback_id = Column(StoredId, primary_key=True)
    response_id: Named[str] = Column(
        StoredId, ForeignKey("responses.response_id", ondelete="CASCADE"), nullable=False
    )
    outcome: Named[str | None] = Column(StoredText)
    helpful: Named[bool | None] = Column()
    notes: Named[str | None] = Column(StoredText)
    judge: Named[str] = Column(StoredText, nullable=False)
    key: Named[str | None] = Column(StoredId)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    superseded_at: Named[datetime | None] = Column(UtcMoment)


feedback = Table("feedback", metadata, FeedbackColumns, UniqueConstraint("response_id", "key"))


class CalibrationVersionColumns(TypedColumns):
    """A calibration, never changed once it is there; `maps` is JSON with exact floats."""

    version_id = Column(StoredId, primary_key=True)
    parent_id: Named[str | None] = Column(StoredId, ForeignKey("calibration_versions.version_id"))
    profile: Named[str] = Column(StoredId, nullable=False)
    kind: Named[str] = Column(StoredText, nullable=False)
    maps: Named[JsonValue] = Column(StoredJson, nullable=False)
    author: Named[str] = Column(StoredText, nullable=False)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    n: Named[int] = Column(BigInteger, nullable=False)
    window_from: Named[datetime | None] = Column(UtcMoment)
    window_to: Named[datetime | None] = Column(UtcMoment)
    restores: Named[str | None] = Column(StoredId)
    reason: Named[str] = Column(StoredText, nullable=False)


calibration_versions = Table("calibration_versions", metadata, CalibrationVersionColumns)
Index(
    None,
    calibration_versions.c.profile,
    calibration_versions.c.created_at,
    calibration_versions.c.version_id,
)


class CalibrationColumns(TypedColumns):
    """The version in force of each profile; no row where nothing was tuned yet."""

    profile = Column(StoredId, primary_key=True)
    version_id: Named[str] = Column(
        StoredId, ForeignKey("calibration_versions.version_id"), nullable=False
    )


calibrations = Table("calibrations", metadata, CalibrationColumns)


class TuningNoteColumns(TypedColumns):
    """The audit: what was tried, by whom and with what result."""

    note_id = Column(StoredId, primary_key=True)
    profile: Named[str] = Column(StoredId, nullable=False)
    action: Named[str] = Column(StoredText, nullable=False)
    author: Named[str] = Column(StoredText, nullable=False)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    from_version: Named[str | None] = Column(StoredId)
    to_version: Named[str | None] = Column(StoredId)
    reason: Named[str] = Column(StoredText, nullable=False)


tuning_notes = Table("tuning_notes", metadata, TuningNoteColumns)
Index(None, tuning_notes.c.profile, tuning_notes.c.created_at, tuning_notes.c.note_id)
