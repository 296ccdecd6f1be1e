"""Recorded advice to judge: Ahn rather than Bell in some round of the small league."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.fakes.league import LEAGUE
from tests.fakes.profiles import PLAIN, InMemoryProfiles
from tests.fakes.responses import InMemoryResponses
from tests.fakes.structured_data import MemoryTables
from use_cases.advice.model import (
    Advice,
    Alternative,
    Confidence,
    Freshness,
    OutcomeState,
    Response,
)
from use_cases.advice.outcomes.feedback import GiveFeedback, Resolved, ResolveOutcomes
from use_cases.advice.ports import FeedbackResult
from use_cases.advice.profiles.entities import Entities
from use_cases.kernel.model import Caller

ANN = Caller("ann")
NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)


@dataclass
class Desk:
    """Where outcomes are told by people and by the tables."""

    data: MemoryTables
    profiles: InMemoryProfiles = field(default_factory=lambda: InMemoryProfiles(LEAGUE, PLAIN))
    responses: InMemoryResponses = field(default_factory=InMemoryResponses)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    ids: CountedIds = field(default_factory=CountedIds)
    zone: tzinfo = UTC

    async def keep(self, response: Response) -> None:
        """Record advice."""
        await self.responses.keep(response)

    def outcome(self, response_id: str = "adv_1") -> OutcomeState:
        """The outcome in force."""
        return self.responses.recorded[response_id].outcome

    async def resolve(self, *given: Response, profile: str | None = None) -> Resolved:
        """Record advice, and let the tables decide all there is."""
        for response in given:
            await self.keep(response)
        action = ResolveOutcomes(
            responses=self.responses,
            profiles=self.profiles,
            data=self.data,
            entities=Entities(self.data),
            clock=self.clock,
            ids=self.ids,
        )
        return await action.run(ANN, profile)

    async def tell(
        self,
        outcome: OutcomeState | None = None,
        *,
        helpful: bool | None = None,
        notes: str | None = None,
        key: str | None = None,
        response_id: str = "adv_1",
        caller: Caller = ANN,
    ) -> FeedbackResult:
        """Let a person tell the outcome, a minute later."""
        self.clock.move(60)
        action = GiveFeedback(
            responses=self.responses,
            profiles=self.profiles,
            data=self.data,
            entities=Entities(self.data),
            clock=self.clock,
            ids=self.ids,
            zone=self.zone,
        )
        return await action.run(caller, response_id, outcome, helpful=helpful, notes=notes, key=key)


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
