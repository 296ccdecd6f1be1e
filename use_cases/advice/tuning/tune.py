"""Tuning of stated confidence by outcomes: fit a profile's maps and put them in force, or roll back.

Promises: a dry run changes nothing but the audit; an applied tuning is a new version that names the
one it replaces, stored only if that one is still in force; every run, refused ones too, is in the
audit with its reason. A rollback removes nothing either: it is a new version with exactly the maps of
the one it restores, and a rollback of a rollback brings back the version that the first one undid.
Leaves to others: authorisation (the doors require the scope), and scheduling.

Tuning applies to all users of a profile, so it rests on all users' outcomes: it reads stated
confidence and outcome of other users' responses, never a text.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from use_cases.advice.errors import CalibrationNotFound, NothingToRollBack, TuningConflict
from use_cases.advice.model import (
    CalibrationVersion,
    ResponseFilter,
    TuningAction,
    TuningNote,
    VersionKind,
)
from use_cases.advice.ports import Calibrations, Profiles, Responses
from use_cases.advice.profile import Profile
from use_cases.advice.tuning.maps import adjustments, map_in_force, phrase_map
from use_cases.advice.tuning.proposal import propose, suggestion, summarise
from use_cases.advice.tuning.tuning_report import (
    Adjustment,
    CalibrationProposal,
    TuningRequest,
    TuningResult,
    TuningStatus,
)
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Caller
from use_cases.kernel.model_names import full_name
from use_cases.kernel.ports import Clock, Ids

LONGEST_WINDOW = 3_650
"""The longest window of a report or a tuning, in days."""


class TuneConfidence:
    """Fits the maps of a profile to its outcomes, and puts them in force where the evidence is
    enough.
    """

    def __init__(
        self,
        *,
        responses: Responses,
        calibrations: Calibrations,
        profiles: Profiles,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._responses = responses
        self._calibrations = calibrations
        self._profiles = profiles
        self._clock = clock
        self._ids = ids

    async def run(self, caller: Caller, request: TuningRequest) -> TuningResult:
        """Returns the findings and the action. A failed guard is a reason in the result.

        Raises `ProfileUnknown`, `ProfileBroken`, `InvalidInput` for a window outside 1 to
        `LONGEST_WINDOW` days, and `TuningConflict` when another tuning or rollback came first (or
        `expected_parent` is not in force); the conflict is in the audit too.
        """
        check_window(request.days_back)
        profile = self._profiles.profile(request.profile)
        # Read before the outcomes: what is stored later replaces only what the fit started from.
        current = await self._calibrations.current(profile.profile_id)
        tuning = _Tuning(caller, request, profile, current, self._clock.now())
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

    async def _proposal(self, tuning: "_Tuning") -> CalibrationProposal:
        everyone = replace(tuning.caller, owns_all=True)
        scored = await self._responses.scored(everyone, tuning.wanted)
        # Some thousand rows take tenths of a second, in which others want to be served.
        return await asyncio.to_thread(
            propose,
            scored,
            tuning.current,
            tuning.profile.phrases,
            tuning.now,
            finest_only=tuning.request.prompt_version is not None,
        )

    async def _carry_out(self, tuning: "_Tuning", result: TuningResult) -> None:
        if result.status is TuningStatus.TUNING_APPLIED and result.candidate:
            version = result.candidate
            note = tuning.note(self._ids, TuningAction.APPLIED, version, version.reason)
            await self._calibrations.put_in_force(version, note)
            return
        action = TuningAction.DRY_RUN if tuning.request.dry_run else TuningAction.NOT_APPLIED
        await self._calibrations.note(tuning.note(self._ids, action, None, result.summary))


def check_window(days_back: int) -> None:
    """Raises `InvalidInput` for a window outside 1 to `LONGEST_WINDOW` days."""
    if not 1 <= days_back <= LONGEST_WINDOW:
        raise InvalidInput(f"The window must have 1 to {LONGEST_WINDOW} days, not {days_back}.")


@dataclass(frozen=True, slots=True)
class _Tuning:
    """One run: its request, and the version in force when it began."""

    caller: Caller
    request: TuningRequest
    profile: Profile
    current: CalibrationVersion | None
    now: datetime

    @property
    def parent_id(self) -> str | None:
        return self.current.version_id if self.current else None

    @property
    def wanted(self) -> ResponseFilter:
        return ResponseFilter(
            since=self.now - timedelta(days=self.request.days_back),
            profile=self.profile.profile_id,
            model=full_name(self.request.model) if self.request.model else None,
            prompt_version=self.request.prompt_version,
        )

    def check_parent(self) -> None:
        expected = self.request.expected_parent
        if expected is not None and expected != self.parent_id:
            raise TuningConflict(f"In force is {self.parent_id or 'nothing'}, not {expected}.")

    def candidate(
        self, proposal: CalibrationProposal, version_id: str
    ) -> CalibrationVersion | None:
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
            window_to=proposal.window_to,
            reason=suggestion(proposal, self.adjusted(proposal)),
        )

    def adjusted(self, proposal: CalibrationProposal) -> tuple[Adjustment, ...]:
        return tuple(
            adjustment
            for new in proposal.maps
            for adjustment in adjustments(
                self.profile.phrases,
                map_in_force(self.current, new.model, new.prompt_version),
                new,
            )
        )

    def result(
        self, proposal: CalibrationProposal, candidate: CalibrationVersion | None
    ) -> TuningResult:
        status = TuningStatus.TUNING_APPLIED if candidate else TuningStatus.NOT_APPLIED
        if self.request.dry_run:
            status = TuningStatus.DRY_RUN_COMPLETE
        adjusted = self.adjusted(proposal)
        return TuningResult(
            **{each.name: getattr(proposal, each.name) for each in fields(proposal)},
            status=status,
            profile=self.profile.profile_id,
            analyzed_period_days=self.request.days_back,
            window_from=self.now - timedelta(days=self.request.days_back),
            summary=summarise(status, proposal, adjusted),
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


NOTHING = "nothing"
"""The name of the state without a calibration in a rollback."""


class RollBackCalibration:
    """Puts an earlier calibration in force again, or none."""

    def __init__(
        self, *, calibrations: Calibrations, profiles: Profiles, clock: Clock, ids: Ids
    ) -> None:
        self._calibrations = calibrations
        self._profiles = profiles
        self._clock = clock
        self._ids = ids

    async def run(
        self, caller: Caller, profile: str | None = None, to: str | None = None
    ) -> CalibrationVersion:
        """Returns the new version in force.

        `to` is a version of the profile or `nothing`; None: the version in force before the present
        one. `profile` None: the one that the version belongs to; for `nothing` the only one that
        has something in force; else the default. Raises `NothingToRollBack` when nothing is in
        force, or `to` is in force already; `CalibrationNotFound`, `ProfileUnknown`,
        `ProfileBroken`, and `TuningConflict` when another tuning or rollback came first.
        """
        profile_id = self._profiles.profile(profile or await self._meant(to)).profile_id
        current = await self._calibrations.current(profile_id)
        if current is None:
            raise NothingToRollBack(
                f"Nothing is in force for {profile_id}.", hint=_hint(await self._corrected())
            )
        target = await self._target(current, to)
        if _is_in_force(target, current):
            if not current.maps:
                raise NothingToRollBack(f"Nothing is in force for {profile_id}.")
            raise NothingToRollBack(f"{_name(target)} is in force already.")
        version = self._version(caller, current, target)
        try:
            note = self._note(version, TuningAction.ROLLED_BACK, version.reason)
            await self._calibrations.put_in_force(version, note)
        except TuningConflict as conflict:
            note = self._note(version, TuningAction.CONFLICT, conflict.detail)
            await self._calibrations.note(note)
            raise
        return version

    async def _meant(self, to: str | None) -> str | None:
        """Returns the profile that `to` implies; None where it implies none."""
        if to is None:
            return None
        if to != NOTHING:
            return (await self._calibrations.version(to)).profile
        corrected = await self._corrected()
        return corrected[0] if len(corrected) == 1 else None

    async def _corrected(self) -> Sequence[str]:
        """Returns the profiles whose confidence is corrected now."""
        found = [(name, await self._calibrations.current(name)) for name in self._profiles.names()]
        return [name for name, version in found if version is not None and version.maps]

    async def _target(
        self, current: CalibrationVersion, to: str | None
    ) -> CalibrationVersion | None:
        wanted = current.parent_id if to is None else to
        if wanted is None or wanted == NOTHING:
            return None
        version = await self._calibrations.version(wanted)
        if version.profile != current.profile:
            raise CalibrationNotFound(f"{wanted} is no calibration of {current.profile}.")
        return version

    def _version(
        self, caller: Caller, current: CalibrationVersion, target: CalibrationVersion | None
    ) -> CalibrationVersion:
        return CalibrationVersion(
            version_id=self._ids.new("cal"),
            parent_id=current.version_id,
            profile=current.profile,
            kind=VersionKind.ROLLED_BACK,
            maps=target.maps if target else (),
            author=caller.user_id,
            created_at=self._clock.now(),
            n=target.n if target else 0,
            window_from=target.window_from if target else None,
            window_to=target.window_to if target else None,
            restores=target.version_id if target else None,
            reason=f"{_name(target)} again, instead of {current.version_id}.",
        )

    def _note(self, version: CalibrationVersion, action: TuningAction, reason: str) -> TuningNote:
        return TuningNote(
            note_id=self._ids.new("note"),
            profile=version.profile,
            action=action,
            author=version.author,
            created_at=version.created_at,
            from_version=version.parent_id,
            to_version=version.version_id if action is TuningAction.ROLLED_BACK else None,
            reason=reason,
        )


def _is_in_force(target: CalibrationVersion | None, current: CalibrationVersion) -> bool:
    """Returns whether the rollback would change nothing: versions of the same maps are the same
    calibration.
    """
    return tuple(target.maps if target else ()) == tuple(current.maps)


def _hint(corrected: Sequence[str]) -> str | None:
    """Returns the profile to name instead; None: the error's own hint."""
    if not corrected:
        return None
    return f"Name the profile: something is in force for {', '.join(corrected)}."


def _name(target: CalibrationVersion | None) -> str:
    return target.version_id if target and target.maps else "No calibration"
