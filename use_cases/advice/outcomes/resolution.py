"""Resolution of outcomes from the loaded tables.

Promises: each response is judged by its profile's query once its period is over, a repeated run
changes nothing, and a broken profile or response affects no other outcome. A person's judgement is
never overruled. Leaves to people the outcomes that no table contains.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo

from use_cases.advice.model import Feedback, JudgedBy, OutcomeState, Response, ResponseFilter
from use_cases.advice.outcomes.deciders import Decider
from use_cases.advice.outcomes.feedback import PROFILE_KEY
from use_cases.advice.ports import Profiles, Responses
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.queries import QueryTrouble
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Ids, StructuredData

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Responses of a profile that could not be resolved, and the reason."""

    profile: str
    reason: str
    responses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The number of responses by new outcome. `pending`: their period is not over."""

    right: int = 0
    wrong: int = 0
    void: int = 0
    pending: int = 0
    failed: Sequence[Unresolved] = ()


@dataclass(slots=True)
class _Counts:
    by_state: dict[OutcomeState, int] = field(default_factory=dict[OutcomeState, int])
    failed: dict[tuple[str, str], list[str]] = field(
        default_factory=dict[tuple[str, str], list[str]]
    )

    def add(self, state: OutcomeState) -> None:
        self.by_state[state] = self.by_state.get(state, 0) + 1

    def resolved(self) -> Resolved:
        count = self.by_state.get
        return Resolved(
            right=count(OutcomeState.RIGHT, 0),
            wrong=count(OutcomeState.WRONG, 0),
            void=count(OutcomeState.VOID, 0),
            pending=count(OutcomeState.PENDING, 0),
            failed=tuple(Unresolved(*key, tuple(ids)) for key, ids in self.failed.items()),
        )


class ResolveOutcomes:
    """Judges the caller's advice by the tables."""

    def __init__(
        self,
        *,
        responses: Responses,
        profiles: Profiles,
        data: StructuredData,
        entities: Entities,
        clock: Clock,
        ids: Ids,
        zone: tzinfo = UTC,
    ) -> None:
        self._responses = responses
        self._profiles = profiles
        self._data = data
        self._entities = entities
        self._clock = clock
        self._ids = ids
        self._zone = zone

    async def run(self, caller: Caller, profile: str | None = None) -> Resolved:
        """JudgedBy all advice without an outcome, of all profiles or of one.

        Raises `ProfileUnknown` or `ProfileBroken` for the profile that is named.
        """
        if profile is not None:
            self._profiles.profile(profile)
        today = self._clock.now().astimezone(self._zone).date()
        counts, deciders = _Counts(), dict[str, Decider]()
        for response in await self._pending(caller, profile):
            try:
                decider = self._decider(response.profile, deciders)
                if decider is not None:
                    counts.add(await self._judge(caller, response, decider, today))
            except (QueryTrouble, CandorError) as trouble:
                key = (response.profile, str(trouble))
                counts.failed.setdefault(key, []).append(response.response_id)
        return counts.resolved()

    async def _pending(self, caller: Caller, profile: str | None) -> Sequence[Response]:
        """Returns the advice that chose something and has no outcome yet, newest first."""
        wanted = ResponseFilter(profile=profile, outcome=OutcomeState.PENDING)
        found: list[Response] = []
        last: str | None = None
        while True:
            page = await self._responses.responses(caller, wanted, limit=_PAGE, before=last)
            found += page
            if not page.more:
                return [one for one in found if one.advice.choice and one.advice.confidence]
            last = page[-1].response_id

    def _decider(self, profile_id: str, known: dict[str, Decider]) -> Decider | None:
        """Returns the profile's decider; None where the profile has no outcome rule."""
        if profile_id not in known:
            profile = self._profiles.profile(profile_id)
            if profile.outcome is None:
                return None
            known[profile_id] = Decider(profile, profile.outcome, self._data, self._entities)
        return known[profile_id]

    async def _judge(
        self, caller: Caller, response: Response, decider: Decider, today: date
    ) -> OutcomeState:
        if response.event_ends is not None and response.event_ends > today:
            return OutcomeState.PENDING
        found = await decider.decide(response, today)
        if found is None:
            return OutcomeState.PENDING
        earlier = await self._responses.feedback(caller, response.response_id)
        if any(row.judge is JudgedBy.PERSON and row.outcome is not None for row in earlier):
            raise QueryTrouble("A person has told the outcome meanwhile.")
        state, values = found
        feedback = Feedback(
            feedback_id=self._ids.new("fb"),
            response_id=response.response_id,
            outcome=state,
            created_at=self._clock.now(),
            judge=JudgedBy.PROFILE,
            notes=values,
            key=f"{PROFILE_KEY}{response.response_id}",
        )
        await self._responses.judge(caller, feedback)
        return state
