"""Calibrations that processes put in force on a real file, and what must hold of them at any moment.

A tuner is a plain function of picklable values, so that it can be the whole of a process that is
killed, or of two that compete.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import anyio

from services.store.responses import SqlCalibrations
from services.store.store import Store
from tests.contracts.keeping import NOON
from tests.patience import PATIENCE
from use_cases.advice.errors import TuningConflict
from use_cases.advice.model import (
    CalibrationVersion,
    FittedMap,
    TuningAction,
    TuningNote,
    VersionKind,
)

PROFILE = "fantasy-nfl"
_MAPS = 40
"""Enough that a version fills more than one page of the file."""
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Tuned:
    """All that a database says of one profile's calibration; versions and notes newest first."""

    current: CalibrationVersion | None
    versions: Sequence[CalibrationVersion]
    notes: Sequence[TuningNote]


def version(number: int, parent: str | None, author: str = "anna") -> CalibrationVersion:
    """The version of this number; what it holds follows from the number alone."""
    maps = (
        FittedMap(
            model=f"model-{place}",
            prompt_version=None,
            intercept=number + 1 / (place + 3),
            slope=1 / (number + 3),
            n=number,
            effect=-1 / 3,
            effect_low=-0.4,
            effect_high=-0.3,
        )
        for place in range(_MAPS)
    )
    return CalibrationVersion(
        version_id=f"cal_{number:06}_{author}",
        parent_id=parent,
        profile=PROFILE,
        kind=VersionKind.TUNED,
        maps=tuple(maps),
        author=author,
        created_at=NOON + timedelta(seconds=number),
        n=number,
        reason=f"Number {number}.",
    )


def note_on(made: CalibrationVersion) -> TuningNote:
    """The note of what put it in force."""
    return TuningNote(
        note_id=f"note_of_{made.version_id}",
        profile=made.profile,
        action=TuningAction.APPLIED,
        author=made.author,
        created_at=made.created_at,
        from_version=made.parent_id,
        to_version=made.version_id,
        reason=made.reason,
    )


async def tuned(file: Path) -> Tuned:
    """What the file says, opened as any start opens it."""
    store = Store(file)
    calibrations = SqlCalibrations(store)
    try:
        return Tuned(
            await calibrations.current(PROFILE),
            await calibrations.versions(PROFILE, limit=_ALL),
            await calibrations.notes(PROFILE, limit=_ALL),
        )
    finally:
        await store.close()


def assert_whole(found: Tuned) -> None:
    """One chain of versions, each as it was made and with its note; its end is in force."""
    parent: str | None = None
    for number, made in enumerate(reversed(found.versions), 1):
        assert made == version(number, parent, made.author)
        parent = made.version_id
    assert found.notes == tuple(note_on(made) for made in found.versions)
    assert found.current == (found.versions[0] if found.versions else None)


def integrity(file: Path) -> list[str]:
    """SQLite's own word on the file, and on every reference in it: `["ok"]`, or what is wrong."""
    with closing(sqlite3.connect(file)) as connection:
        said = connection.execute("PRAGMA integrity_check").fetchall()
        said += connection.execute("PRAGMA foreign_key_check").fetchall()
    return [str(row[0]) for row in said]


def tune_for_ever(file: Path, telling: Connection) -> None:
    """Put one version after the other in force, and tell the number of each as it is durable."""

    async def run() -> None:
        store = Store(file)
        calibrations = SqlCalibrations(store)
        while True:
            before = await calibrations.current(PROFILE)
            made = version(1 + _number(before), None if before is None else before.version_id)
            await calibrations.put_in_force(made, note_on(made))
            telling.send_bytes(str(made.n).encode())

    anyio.run(run)


def tune_in_turns(file: Path, author: str, rounds: int, met: Barrier, telling: Connection) -> None:
    """In each round wait until both have read what is in force, replace it, and tell who won."""

    async def run() -> None:
        store = Store(file)
        calibrations = SqlCalibrations(store)
        for _ in range(rounds):
            # Both have written, then both have read: each waits here for the other.
            met.wait(PATIENCE)
            before = await calibrations.current(PROFILE)
            met.wait(PATIENCE)
            parent = None if before is None else before.version_id
            made = version(1 + _number(before), parent, author)
            try:
                await calibrations.put_in_force(made, note_on(made))
            except TuningConflict:
                telling.send((parent, None))
            else:
                telling.send((parent, made.version_id))
        await store.close()

    anyio.run(run)


def _number(made: CalibrationVersion | None) -> int:
    return 0 if made is None else made.n
