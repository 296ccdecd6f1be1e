"""The versions of each profile's calibration and the audit: their tables, and port `Calibrations`.

A version, its note and its place at the head are one transaction. Of several that replace the same
parent one wins, also between processes: on SQLite there is one writer at a time, on PostgreSQL the
second waits for the head's row (or, for a first version, for its primary key).
"""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.store.column_types import StoredId
from services.store.paging import NewestFirst
from services.store.rows import (
    Rows,
    SqlAdapter,
    add_unless_there,
    metadata,
    refers,
    required,
    table_of,
)
from use_cases.advice.errors import CalibrationNotFound, TuningConflict
from use_cases.advice.model import (
    CalibrationVersion,
    TuningNote,
)
from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import Page

calibration_versions = table_of(
    CalibrationVersion,
    "calibration_versions",
    refers("parent_id", "calibration_versions.version_id", cascade=False),
    sa.Index(None, "profile", "created_at", "version_id"),
    key="version_id",
    ids="profile restores",
)
"""A calibration, never changed once it is there; `maps` is JSON with exact floats."""


calibrations = sa.Table(
    "calibrations",
    metadata,
    sa.Column("profile", StoredId, primary_key=True),
    sa.Column("version_id", StoredId, nullable=False),
    refers("version_id", "calibration_versions.version_id", cascade=False),
)
"""The version in force of each profile; no row where nothing was tuned yet."""


tuning_notes = table_of(
    TuningNote,
    "tuning_notes",
    sa.Index(None, "profile", "created_at", "note_id"),
    key="note_id",
    ids="profile from_version to_version",
)
"""The audit: what was tried, by whom and with what result."""

_VERSIONS = Rows(CalibrationVersion, calibration_versions, "calibration version")
_NOTES = Rows(TuningNote, tuning_notes, "tuning note")
_NEWEST_VERSIONS = NewestFirst(_VERSIONS, calibration_versions.c.created_at)
_NEWEST_NOTES = NewestFirst(_NOTES, tuning_notes.c.created_at)


class SqlCalibrations(SqlAdapter):
    """Calibrations in a database."""

    async def current(self, profile: str) -> CalibrationVersion | None:
        """Returns the version in force."""
        head = sa.select(calibrations.c.version_id).where(calibrations.c.profile == profile)
        return await self._one(_VERSIONS, calibration_versions.c.version_id.in_(head))

    async def version(self, version_id: str) -> CalibrationVersion:
        """Returns a version. Raises `CalibrationNotFound`."""
        return required(
            await self._one(_VERSIONS, calibration_versions.c.version_id == version_id),
            CalibrationNotFound(f"There is no calibration version {version_id!r}."),
        )

    async def versions(self, profile: str, *, limit: int = 50) -> Page[CalibrationVersion]:
        """Returns the newest first."""
        own = calibration_versions.c.profile == profile
        return await self._store.read(
            lambda connection: _NEWEST_VERSIONS.page(connection, own, limit=limit)
        )

    async def put_in_force(self, version: CalibrationVersion, note: TuningNote) -> None:
        """Keeps version and note, when its parent is in force. Raises `TuningConflict`, `Conflict`."""
        row = _VERSIONS.values(version)

        def work(connection: sa.Connection) -> None:
            if _head(connection, version.profile) != version.parent_id:
                raise _overtaken(version)
            _add(connection, row, note)
            _advance(connection, version)

        await self._store.write(work)

    async def note(self, note: TuningNote) -> None:
        """Adds to the audit. Raises `Conflict` for a taken id."""
        await self._store.write(lambda connection: _add(connection, None, note))

    async def notes(self, profile: str, *, limit: int = 50) -> Page[TuningNote]:
        """Returns the newest first."""
        own = tuning_notes.c.profile == profile
        return await self._store.read(
            lambda connection: _NEWEST_NOTES.page(connection, own, limit=limit)
        )


def _head(connection: sa.Connection, profile: str) -> str | None:
    """Returns the version in force, held until the transaction ends; nothing is held where there is
    none.
    """
    column = calibrations.c
    return connection.scalar(
        sa.select(column.version_id).where(column.profile == profile).with_for_update()
    )


def _add(connection: sa.Connection, version: dict[str, object] | None, note: TuningNote) -> None:
    try:
        if version is not None:
            connection.execute(sa.insert(calibration_versions), version)
        connection.execute(sa.insert(tuning_notes), _NOTES.values(note))
    except IntegrityError as error:
        raise Conflict("A calibration version or note of this id is kept already.") from error


def _advance(connection: sa.Connection, version: CalibrationVersion) -> None:
    """Puts the version at the head. Raises `TuningConflict` when another was first at a first one."""
    head = {"profile": version.profile, "version_id": version.version_id}
    if version.parent_id is not None:
        mine = calibrations.c.profile == version.profile
        connection.execute(sa.update(calibrations).where(mine), {"version_id": version.version_id})
        return
    if not add_unless_there(connection, calibrations, head):
        raise _overtaken(version)


def _overtaken(version: CalibrationVersion) -> TuningConflict:
    instead = "no version" if version.parent_id is None else f"version {version.parent_id!r}"
    return TuningConflict(f"It was made to replace {instead}, which is not in force now.")
