"""The versions of each profile's calibration in the relational store, as port `Calibrations`.

A version, its note and its place at the head are one transaction. Of several that replace the same
parent one wins, also between processes: on SQLite there is one writer at a time, on PostgreSQL the
second waits for the head's row (or, for a first version, for its primary key).
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from services.store.calibration_rows import note_of, note_values, version_of, version_values
from services.store.schema import calibration_versions, calibrations, tuning_notes
from services.store.store import Store
from use_cases.advice.errors import CalibrationNotFound, TuningConflict
from use_cases.advice.model import CalibrationVersion, TuningNote
from use_cases.kernel.errors import Conflict


class SqlCalibrations:
    """Calibrations in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def current(self, profile: str) -> CalibrationVersion | None:
        """The version in force."""
        one = (
            select(calibration_versions)
            .join(calibrations, calibrations.c.version_id == calibration_versions.c.version_id)
            .where(calibrations.c.profile == profile)
        )

        def work(connection: Connection) -> CalibrationVersion | None:
            row = connection.execute(one).mappings().first()
            return None if row is None else version_of(row)

        return await self._store.read(work)

    async def version(self, version_id: str) -> CalibrationVersion:
        """One version. Raises `CalibrationNotFound`."""
        one = select(calibration_versions).where(calibration_versions.c.version_id == version_id)

        def work(connection: Connection) -> CalibrationVersion:
            row = connection.execute(one).mappings().first()
            if row is None:
                raise CalibrationNotFound(f"There is no calibration version {version_id!r}.")
            return version_of(row)

        return await self._store.read(work)

    async def versions(self, profile: str, *, limit: int = 50) -> Sequence[CalibrationVersion]:
        """The newest first."""
        column = calibration_versions.c
        page = (
            select(calibration_versions)
            .where(column.profile == profile)
            .order_by(column.created_at.desc(), column.version_id.desc())
            .limit(limit)
        )

        def work(connection: Connection) -> Sequence[CalibrationVersion]:
            return tuple(version_of(row) for row in connection.execute(page).mappings())

        return await self._store.read(work)

    async def put_in_force(self, version: CalibrationVersion, note: TuningNote) -> None:
        """Keep version and note, when its parent is in force. Raises `TuningConflict`, `Conflict`."""
        # Made before the writer's turn: others wait for it.
        versioned, noted = version_values(version), note_values(note)

        def work(connection: Connection) -> None:
            if _head(connection, version.profile) != version.parent_id:
                raise _overtaken(version)
            _add(connection, versioned, noted)
            _advance(connection, version)

        await self._store.write(work)

    async def note(self, note: TuningNote) -> None:
        """Add to the audit. Raises `Conflict` for a taken id."""
        noted = note_values(note)
        await self._store.write(lambda connection: _add(connection, None, noted))

    async def notes(self, profile: str, *, limit: int = 50) -> Sequence[TuningNote]:
        """The newest first."""
        column = tuning_notes.c
        page = (
            select(tuning_notes)
            .where(column.profile == profile)
            .order_by(column.created_at.desc(), column.note_id.desc())
            .limit(limit)
        )

        def work(connection: Connection) -> Sequence[TuningNote]:
            return tuple(note_of(row) for row in connection.execute(page).mappings())

        return await self._store.read(work)


def _head(connection: Connection, profile: str) -> str | None:
    """The version in force, held until the transaction ends; nothing is held where there is none."""
    column = calibrations.c
    return connection.scalar(
        select(column.version_id).where(column.profile == profile).with_for_update()
    )


def _add(
    connection: Connection, version: Mapping[str, object] | None, note: Mapping[str, object]
) -> None:
    try:
        if version is not None:
            connection.execute(insert(calibration_versions), version)
        connection.execute(insert(tuning_notes), note)
    except IntegrityError as error:
        raise Conflict("A calibration version or note of this id is kept already.") from error


def _advance(connection: Connection, version: CalibrationVersion) -> None:
    """Put the version at the head. Raises `TuningConflict` when another was first at a first one."""
    head = {"profile": version.profile, "version_id": version.version_id}
    if version.parent_id is not None:
        mine = calibrations.c.profile == version.profile
        connection.execute(update(calibrations).where(mine), {"version_id": version.version_id})
        return
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    made = into(calibrations).on_conflict_do_nothing().returning(calibrations.c.profile)
    if connection.execute(made, head).first() is None:
        raise _overtaken(version)


def _overtaken(version: CalibrationVersion) -> TuningConflict:
    instead = "no version" if version.parent_id is None else f"version {version.parent_id!r}"
    return TuningConflict(f"It was made to replace {instead}, which is not in force now.")
