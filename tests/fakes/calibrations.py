"""Calibration versions, which of them are in force, and the audit, in memory."""

from use_cases.advice.errors import CalibrationNotFound, TuningConflict
from use_cases.advice.model import CalibrationVersion, TuningNote
from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import Page, page_of


class InMemoryCalibrations:
    """Port `Calibrations`; `heads` names the version in force of each profile."""

    def __init__(self) -> None:
        self.kept: dict[str, CalibrationVersion] = {}
        self.heads: dict[str, str] = {}
        self.audit: dict[str, TuningNote] = {}

    async def current(self, profile: str) -> CalibrationVersion | None:
        """The version in force."""
        head = self.heads.get(profile)
        return None if head is None else self.kept[head]

    async def version(self, version_id: str) -> CalibrationVersion:
        """One version."""
        if version_id not in self.kept:
            raise CalibrationNotFound(f"There is no calibration version {version_id!r}.")
        return self.kept[version_id]

    async def versions(self, profile: str, *, limit: int = 50) -> Page[CalibrationVersion]:
        """The newest first."""
        own = [version for version in self.kept.values() if version.profile == profile]
        own.sort(key=lambda version: (version.created_at, version.version_id), reverse=True)
        return page_of(own, limit)

    async def put_in_force(self, version: CalibrationVersion, note: TuningNote) -> None:
        """Keep version and note, when its parent is in force."""
        if self.heads.get(version.profile) != version.parent_id:
            raise TuningConflict(f"Version {version.parent_id!r} is not the one in force.")
        if version.version_id in self.kept:
            raise Conflict(f"A version {version.version_id!r} is kept already.")
        await self.note(note)
        self.kept[version.version_id] = version
        self.heads[version.profile] = version.version_id

    async def note(self, note: TuningNote) -> None:
        """Add to the audit."""
        if note.note_id in self.audit:
            raise Conflict(f"A note {note.note_id!r} is kept already.")
        self.audit[note.note_id] = note

    async def notes(self, profile: str, *, limit: int = 50) -> Page[TuningNote]:
        """The newest first."""
        own = [note for note in self.audit.values() if note.profile == profile]
        own.sort(key=lambda note: (note.created_at, note.note_id), reverse=True)
        return page_of(own, limit)
