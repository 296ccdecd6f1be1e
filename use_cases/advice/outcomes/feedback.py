"""Outcomes of recorded advice: a person's feedback, and resolution from the loaded tables.

Promises: an outcome is stored only for advice that could be right or wrong and whose event is over:
by the last day that the question named, and nothing overrules it; else by the profile's, or by the
tables where they show an earlier decision. A repeated outcome changes nothing; another one
supersedes the first, whose history stays. Helpfulness is independent of the outcome and can be
reported at any time.

The tables judge each response by its profile's query once its period is over; a repeated run changes
nothing, and a broken profile or response affects no other outcome. A person's outcome supersedes
theirs, and is never overruled. Outcomes that no table contains are left to people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo

from use_cases.advice.errors import FeedbackInvalid, NothingToScore, OutcomeTooEarly
from use_cases.advice.model import Feedback, JudgedBy, OutcomeState, Response, ResponseFilter
from use_cases.advice.outcomes.deciders import Decider
from use_cases.advice.ports import FeedbackResult, Profiles, Responses
from use_cases.advice.profiles.entities import Entities
from use_cases.advice.profiles.queries import QueryTrouble
from use_cases.advice.profiles.question_period import period_end
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import Caller, Page
from use_cases.kernel.ports import Clock, Ids, StructuredData

LONGEST_NOTES = 4_000
LONGEST_KEY = 200
PROFILE_KEY = "profile:"
"""The prefix of the keys of feedback that comes from the tables."""

_OUTCOMES = (OutcomeState.RIGHT, OutcomeState.WRONG, OutcomeState.VOID)


class GiveFeedback:
    """Stores a person's feedback on a response."""

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

    async def run(
        self,
        caller: Caller,
        response_id: str,
        outcome: OutcomeState | None = None,
        *,
        helpful: bool | None = None,
        notes: str | None = None,
        key: str | None = None,
    ) -> FeedbackResult:
        """Stores the feedback. `outcome` is right, wrong or void; `key` makes a repeated request
        idempotent.

        Raises `FeedbackInvalid`, `ResponseNotFound`, `NothingToScore`, `OutcomeTooEarly` or
        `FeedbackKeyReused`.
        """
        notes = (notes or "").strip() or None
        _check(outcome, helpful, notes, key)
        response = await self._responses.response(caller, response_id)
        if outcome is not None:
            await self._check_time(response, outcome)
        feedback = Feedback(
            feedback_id=self._ids.new("fb"),
            response_id=response_id,
            outcome=outcome,
            created_at=self._clock.now(),
            helpful=helpful,
            notes=notes,
            key=key,
        )
        return await self._responses.judge(caller, feedback)

    async def _check_time(self, response: Response, outcome: OutcomeState) -> None:
        if response.advice.confidence is None:
            raise NothingToScore(f"The advice {response.response_id} states no confidence.")
        # That an event will not count (it is called off, say) can be known before.
        if outcome is OutcomeState.VOID:
            return
        today = self._clock.now().astimezone(self._zone).date()
        by_profile = await self._ends(response)
        ends = response.event_ends or by_profile
        if ends is None or ends <= today:
            return
        # A day of the profile's own is the calendar's, and the tables know better. One that the
        # question named (it differs from the profile's) may be that of another event.
        if ends == by_profile and await self._is_over(response, today):
            return
        raise OutcomeTooEarly(f"The event of this advice ends on {ends.isoformat()}.")

    async def _ends(self, response: Response) -> date | None:
        """Returns the last day of the period; None where the profile no longer gives it."""
        try:
            rule = self._profiles.profile(response.profile).period
            if rule is None or response.period is None:
                return None
            return await period_end(rule, response.period, self._data)
        except (CandorError, QueryTrouble):
            return None

    async def _is_over(self, response: Response, today: date) -> bool:
        """Returns whether the tables show the period as decided, independent of the calendar."""
        try:
            profile = self._profiles.profile(response.profile)
            if profile.outcome is None or response.period is None:
                return False
            decider = Decider(profile, profile.outcome, self._data, self._entities)
            return await decider.is_over(response.period, today)
        except (CandorError, QueryTrouble):
            return False


class ReadAdvice:
    """The caller's recorded advice."""

    def __init__(self, *, responses: Responses) -> None:
        self._responses = responses

    async def list(self, caller: Caller, *, limit: int = 20) -> Page[Response]:
        """Returns the newest `limit` responses."""
        return await self._responses.responses(caller, ResponseFilter(), limit=limit)

    async def show(self, caller: Caller, response_id: str) -> Response:
        """Returns one response with its judgement in force. Raises `ResponseNotFound`."""
        return await self._responses.response(caller, response_id)


def _check(
    outcome: OutcomeState | None, helpful: bool | None, notes: str | None, key: str | None
) -> None:
    if outcome is None and helpful is None and notes is None:
        raise FeedbackInvalid("The feedback tells neither an outcome, nor helpfulness, nor notes.")
    if outcome is not None and outcome not in _OUTCOMES:
        raise FeedbackInvalid(f"{outcome.value!r} is no outcome that can be told.")
    if notes is not None and len(notes) > LONGEST_NOTES:
        raise FeedbackInvalid(f"The notes are longer than {LONGEST_NOTES:,} characters.")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise FeedbackInvalid(f"A feedback key has 1 to {LONGEST_KEY} characters.")
    if key is not None and key.startswith(PROFILE_KEY):
        raise FeedbackInvalid(f"Keys that begin with {PROFILE_KEY!r} are those of the profiles.")


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
        """Judges all advice without an outcome, of all profiles or of one.

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
