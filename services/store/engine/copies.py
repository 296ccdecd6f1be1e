"""A copy of an SQLite file beside it, made before its tables are changed.

Promises: a copy is whole or not there, no older copy is overwritten, and there is only one of each
content, so that a change which fails again and again does not fill the disk.
"""

import errno
import filecmp
import itertools
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from loguru import logger

from services.store.engine.errors import storage_errors
from use_cases.kernel.errors import StorageFull, StorageReadOnly


def keep_copy(file: Path, revision: str) -> Path:
    """Copies `file` as it is now to `FILE.before-REVISION`, or to `FILE.before-REVISION.2` and so on.

    Returns the copy. The caller keeps others from writing meanwhile. Raises `StorageFull`,
    `StorageReadOnly`, or another storage error; the file itself is only read.
    """
    place = file.with_name(f"{file.name}.before-{revision}")
    part = place.with_name(f"{place.name}.part")
    try:
        with storage_errors(str(part)):
            part.unlink(missing_ok=True)
            _copy(file, part)
        kept = _settled(part, place)
    except OSError as error:
        kind = StorageFull if error.errno == errno.ENOSPC else StorageReadOnly
        raise kind(f"{file} cannot be copied: {error.strerror}.") from error
    finally:
        _discard(part)
    logger.info("copied the database before changing its tables: {}", kept)
    return kept


def _copy(file: Path, part: Path) -> None:
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)


def _settled(part: Path, place: Path) -> Path:
    """Gives it the first name that is free, unless the same content has a name already."""
    later = (place.with_name(f"{place.name}.{number}") for number in itertools.count(2))
    names = itertools.chain([place], later)
    kept = next(n for n in names if not n.exists() or filecmp.cmp(part, n, shallow=False))
    if not kept.exists():
        part.rename(kept)
        _make_durable(kept.parent)
    return kept


def _make_durable(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _discard(part: Path) -> None:
    for leftover in (part, part.with_name(f"{part.name}-journal")):
        if leftover.is_file():
            leftover.unlink()
