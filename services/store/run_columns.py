"""The columns that every recorded run of a model has, whichever capability it was for."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Column, Named, TypedColumns

from services.store.columns import ExactDecimal, StoredItems, StoredText, UtcMoment
from use_cases.kernel.citations.sources import Source, ToolCall


class RunColumns(TypedColumns):
    """The fields of `use_cases.kernel.runs.record.RunRecord`, and what the run's text cites."""

    question: Named[str] = Column(StoredText, nullable=False)
    sources: Named[Sequence[Source]] = Column(StoredItems[Source](Source), nullable=False)
    tool_calls: Named[Sequence[ToolCall]] = Column(StoredItems[ToolCall](ToolCall), nullable=False)
    notices: Named[Sequence[str]] = Column(StoredItems[str](str), nullable=False)
    model: Named[str] = Column(StoredText, nullable=False)
    prompt_version: Named[str] = Column(StoredText, nullable=False)
    input_tokens: Named[int | None] = Column(BigInteger)
    output_tokens: Named[int | None] = Column(BigInteger)
    cost: Named[Decimal | None] = Column(ExactDecimal)
    latency_ms: Named[int] = Column(BigInteger, nullable=False)
    created_at: Named[datetime] = Column(UtcMoment, nullable=False)
    interrupted: Named[bool] = Column(nullable=False)
