"""The dates of files in git: one pass through the log for a whole folder.

Promises: no git, no work tree, a broken repository or a slow one mean no dates, never an error.
Files with uncommitted changes are left out, because the log does not describe their current content.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from loguru import logger

_TIMEOUT = 60
_COMMIT = b"\x01"


def commit_dates(folder: Path, only: str | None = None) -> Mapping[Path, date]:
    """Return the day of the last commit of each unchanged file below `folder` (or of one file)."""
    where = only or "."
    format_ = "--format=%x01%cs"
    log = _git(
        folder, "log", "-z", "--name-only", "--no-renames", "--relative", format_, "--", where
    )
    if not log:
        return {}
    dates: dict[bytes, date] = {}
    day = date.min
    for part in log.split(b"\x00"):
        if part.startswith(_COMMIT):
            day = date.fromisoformat(part[1:].decode("ascii"))
        elif part:
            dates.setdefault(part.removeprefix(b"\n"), day)
    changed = _git(folder, "diff", "-z", "--name-only", "--no-ext-diff", "--relative", "HEAD", "--", where)  # fmt: skip
    for name in changed.split(b"\x00"):
        dates.pop(name, None)
    return {folder / os.fsdecode(name): day for name, day in dates.items()}


def _git(folder: Path, *arguments: str) -> bytes:
    """Return git's output, or nothing. The folder's settings cannot start other programs."""
    program = shutil.which("git")
    if program is None:
        return b""
    safe = ("-c", "core.fsmonitor=false", "-c", "log.showSignature=false")
    command = (program, "-C", str(folder), *safe, "--no-pager", "--no-optional-locks",
               "--literal-pathspecs", *arguments)  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=True)  # noqa: S603 - the program is git, the arguments are ours and one folder
    except (subprocess.SubprocessError, OSError) as error:
        logger.debug("no dates from git for {folder}: {error!r}", folder=folder, error=error)
        return b""
    return done.stdout
