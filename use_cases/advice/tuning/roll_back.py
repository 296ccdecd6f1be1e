"""Rollback of a calibration: the previous one is put in force again, as a new version.

Promises: nothing is removed; the new version contains exactly the maps of the one it restores, and
is stored only if the version it replaces is still in force. A rollback of a rollback brings back
the version that the first one undid. Leaves to others: authorisation.
"""

from collections.abc import Sequence

from use_cases.advice.errors import CalibrationNotFound, NothingToRollBack, TuningConflict
from use_cases.advice.model import CalibrationVersion, TuningAction, TuningNote, VersionKind
from use_cases.advice.ports import Calibrations, Profiles
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Ids

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
    return target.version_id if target else "No calibration"
