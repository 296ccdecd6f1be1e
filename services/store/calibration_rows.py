"""Calibration versions and notes of the audit as rows, and back."""

from collections.abc import Mapping

from sqlalchemy import RowMapping

from services.store.advice_codec import decode_maps, encode_maps
from services.store.schema import calibration_versions, tuning_notes
from use_cases.advice.model import CalibrationVersion, TuningAction, TuningNote, VersionKind
from use_cases.kernel.errors import StorageDamaged


def version_values(version: CalibrationVersion) -> Mapping[str, object]:
    """The row of a version, by column. Raises `ValueError` for a map that is not finite."""
    return {
        "version_id": version.version_id,
        "parent_id": version.parent_id,
        "profile": version.profile,
        "kind": version.kind.value,
        "maps": encode_maps(version.maps),
        "author": version.author,
        "created_at": version.created_at,
        "n": version.n,
        "window_from": version.window_from,
        "window_to": version.window_to,
        "restores": version.restores,
        "reason": version.reason,
    }


def version_of(row: RowMapping) -> CalibrationVersion:
    """The version in a row that holds all columns of `calibration_versions`.

    Raises `StorageDamaged`.
    """
    column = calibration_versions.c
    try:
        return CalibrationVersion(
            version_id=row[column.version_id],
            parent_id=row[column.parent_id],
            profile=row[column.profile],
            kind=VersionKind(row[column.kind]),
            maps=decode_maps(row[column.maps]),
            author=row[column.author],
            created_at=row[column.created_at],
            n=row[column.n],
            window_from=row[column.window_from],
            window_to=row[column.window_to],
            restores=row[column.restores],
            reason=row[column.reason],
        )
    except ValueError as error:
        name = row[column.version_id]
        raise StorageDamaged(f"The calibration version {name!r} cannot be read.") from error


def note_values(note: TuningNote) -> Mapping[str, object]:
    """The row of a note, by column."""
    return {
        "note_id": note.note_id,
        "profile": note.profile,
        "action": note.action.value,
        "author": note.author,
        "created_at": note.created_at,
        "from_version": note.from_version,
        "to_version": note.to_version,
        "reason": note.reason,
    }


def note_of(row: RowMapping) -> TuningNote:
    """The note in a row that holds all columns of `tuning_notes`. Raises `StorageDamaged`."""
    column = tuning_notes.c
    try:
        return TuningNote(
            note_id=row[column.note_id],
            profile=row[column.profile],
            action=TuningAction(row[column.action]),
            author=row[column.author],
            created_at=row[column.created_at],
            from_version=row[column.from_version],
            to_version=row[column.to_version],
            reason=row[column.reason],
        )
    except ValueError as error:
        name = row[column.note_id]
        raise StorageDamaged(f"The tuning note {name!r} cannot be read.") from error
