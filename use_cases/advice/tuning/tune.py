"""Correct stated confidence by what happened: fit a profile's maps, and put them in force.

Promises: a dry run changes nothing but the audit; what is applied is a new version that names the
one it replaces, stored only if that one is still in force; every run, refused ones too, is in the
audit with its reason. Leaves to others: taking it back (`roll_back.py`), who may do it (the doors
ask for the scope), and when.

Tuning is for everyone who uses a profile, so it rests on everyone's outcomes: of other people's
responses it sees stated confidence and outcome, never a text.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from use_cases.advice.errors import TuningConflict
from use_cases.advice.model import (
    CalibrationVersion,
    ResponseFilter,
    TuningAction,
    TuningNote,
    VersionKind,
)
from use_cases.advice.ports import Calibrations, Profiles, Responses
from use_cases.advice.profile import Profile
from use_cases.advice.tuning.evidence import TuningPolicy
from use_cases.advice.tuning.maps import map_in_force
from use_cases.advice.tuning.proposal import Proposal, weigh
from use_cases.advice.tuning.summary import summarised
from use_cases.advice.tuning.thresholds import adjustments, phrase_map
from use_cases.advice.tuning.tuning_report import Adjustment, TuningResult, TuningStatus, TuningWish
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Caller
from use_cases.kernel.model_names import full_name
from use_cases.kernel.ports import Clock, Ids

LONGEST_WINDOW = 3_650
"""Days that a report or a tuning may look back."""


class TuneConfidence:
    """Fit the maps of a profile to its outcomes; put them in force where the evidence is enough."""

    def __init__(
        self,
        *,
        responses: Responses,
        calibrations: Calibrations,
        profiles: Profiles,
        clock: Clock,
        ids: Ids,
        policy: TuningPolicy | None = None,
    ) -> None:
        self._responses = responses
        self._calibrations = calibrations
        self._profiles = profiles
        self._clock = clock
        self._ids = ids
        self._policy = policy or TuningPolicy()

    async def run(self, caller: Caller, wish: TuningWish) -> TuningResult:
        """What was found and done. A guard that stands against a map is a reason in the result.

        Raises `ProfileUnknown`, `ProfileBroken`, `InvalidInput` for a window outside 1 to
        `LONGEST_WINDOW` days, and `TuningConflict` when another tuning or rollback came first (or
        `expected_parent` is not in force), which the audit then tells too.
        """
        check_window(wish.days_back)
        profile = self._profiles.profile(wish.profile)
        # Read before the outcomes: what is stored later replaces only what the fit started from.
        current = await self._calibrations.current(profile.profile_id)
        tuning = _Tuning(caller, wish, profile, current, self._clock.now())
        try:
            tuning.check_parent()
            proposal = await self._proposal(tuning)
            candidate = tuning.candidate(proposal, self._ids.new("cal"))
            result = tuning.result(proposal, candidate)
            await self._carry_out(tuning, result)
        except TuningConflict as conflict:
            note = tuning.note(self._ids, TuningAction.CONFLICT, None, conflict.detail)
            await self._calibrations.note(note)
            raise
        return result

    async def _proposal(self, tuning: "_Tuning") -> Proposal:
        everyone = replace(tuning.caller, owns_all=True)
        scored = await self._responses.scored(everyone, tuning.wanted)
        # Some thousand rows take tenths of a second, in which others want to be served.
        return await asyncio.to_thread(
            weigh,
            scored,
            tuning.current,
            tuning.profile.phrases,
            tuning.now,
            self._policy,
            finest_only=tuning.wish.prompt_version is not None,
        )

    async def _carry_out(self, tuning: "_Tuning", result: TuningResult) -> None:
        if result.status is TuningStatus.TUNING_APPLIED and result.candidate:
            version = result.candidate
            note = tuning.note(self._ids, TuningAction.APPLIED, version, result.summary)
            await self._calibrations.put_in_force(version, note)
            return
        action = TuningAction.DRY_RUN if tuning.wish.dry_run else TuningAction.NOT_APPLIED
        await self._calibrations.note(tuning.note(self._ids, action, None, result.summary))


def check_window(days_back: int) -> None:
    """Raises `InvalidInput` for days that no window has."""
    if not 1 <= days_back <= LONGEST_WINDOW:
        raise InvalidInput(f"The window must have 1 to {LONGEST_WINDOW} days, not {days_back}.")


@dataclass(frozen=True, slots=True)
class _Tuning:
    """One run: who wants what, and what was in force when it began."""

    caller: Caller
    wish: TuningWish
    profile: Profile
    current: CalibrationVersion | None
    now: datetime

    @property
    def parent_id(self) -> str | None:
        return self.current.version_id if self.current else None

    @property
    def wanted(self) -> ResponseFilter:
        return ResponseFilter(
            since=self.now - timedelta(days=self.wish.days_back),
            profile=self.profile.profile_id,
            model=full_name(self.wish.model) if self.wish.model else None,
            prompt_version=self.wish.prompt_version,
        )

    def check_parent(self) -> None:
        expected = self.wish.expected_parent
        if expected is not None and expected != self.parent_id:
            raise TuningConflict(f"In force is {self.parent_id or 'nothing'}, not {expected}.")

    def candidate(self, proposal: Proposal, version_id: str) -> CalibrationVersion | None:
        if not proposal.maps:
            return None
        return CalibrationVersion(
            version_id=version_id,
            parent_id=self.parent_id,
            profile=self.profile.profile_id,
            kind=VersionKind.TUNED,
            maps=proposal.all_maps,
            author=self.caller.user_id,
            created_at=self.now,
            n=proposal.n,
            window_from=self.wanted.since,
            window_to=proposal.settled,
            reason=summarised(TuningStatus.TUNING_APPLIED, proposal, self.adjusted(proposal)),
        )

    def adjusted(self, proposal: Proposal) -> tuple[Adjustment, ...]:
        return tuple(
            adjustment
            for new in proposal.maps
            for adjustment in adjustments(
                self.profile.phrases,
                map_in_force(self.current, new.model, new.prompt_version),
                new,
            )
        )

    def result(self, proposal: Proposal, candidate: CalibrationVersion | None) -> TuningResult:
        status = TuningStatus.TUNING_APPLIED if candidate else TuningStatus.NOT_APPLIED
        if self.wish.dry_run:
            status = TuningStatus.DRY_RUN_COMPLETE
        adjusted = self.adjusted(proposal)
        return TuningResult(
            status=status,
            profile=self.profile.profile_id,
            analyzed_period_days=self.wish.days_back,
            window_from=self.now - timedelta(days=self.wish.days_back),
            window_to=proposal.settled,
            responses=proposal.responses,
            n=proposal.n,
            previous_calibration=proposal.previous,
            summary=summarised(status, proposal, adjusted),
            excluded=proposal.excluded,
            reasons=proposal.reasons,
            base_rates=proposal.base_rates,
            maps=proposal.maps,
            effect=proposal.effect,
            suggested_adjustments=adjusted,
            new_phrase_configuration=tuple(
                phrase_map(self.profile.phrases, each)
                for each in (candidate.maps if candidate else ())
            ),
            candidate=candidate,
        )

    def note(
        self, ids: Ids, action: TuningAction, version: CalibrationVersion | None, reason: str
    ) -> TuningNote:
        return TuningNote(
            note_id=ids.new("note"),
            profile=self.profile.profile_id,
            action=action,
            author=self.caller.user_id,
            created_at=self.now,
            from_version=self.parent_id,
            to_version=version.version_id if version else None,
            reason=reason,
        )
