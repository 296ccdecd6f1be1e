"""Recorded advice to judge: Ahn rather than Bell in some round of the small league."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from use_cases.advice.model import Advice, Alternative, Confidence, Freshness, Response


def advice(
    response_id: str = "adv_1",
    *,
    choice: str | None = "Aidan Ahn",
    others: Sequence[str] = ("Bruno Bell",),
    period: int | None = 2,
    ends: date | None = None,
    sure: bool = True,
    profile: str = "league",
    user: str = "ann",
) -> Response:
    """A response without an outcome."""
    return Response(
        response_id=response_id,
        user_id=user,
        profile=profile,
        profile_version="1",
        prompt_type="default",
        prompt_version="advice-1",
        model="test",
        question="Ahn or Bell?",
        advice=Advice(
            main_advice="Ahn.",
            reasoning="",
            confidence=Confidence(6_000, 6_000, "high", "Likely") if sure else None,
            choice=choice,
            alternatives=[Alternative(other, "") for other in others],
        ),
        search_decision="DEFAULT_NO",
        web_search_used=False,
        freshness=Freshness.NOT_NEEDED,
        latency_ms=1,
        created_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
        period=period,
        event_ends=ends,
    )
