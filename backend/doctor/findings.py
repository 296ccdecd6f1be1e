"""The finding of a check, and the repair of a damaged database file, as commands for an administrator.

Promises: nothing is changed here, and no command deletes anything. The file is moved into a new
folder, never over another. The knowledge database is then rebuilt from its sources. The database of
users' data is only ever replaced by a copy.
"""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import TypeAlias

from loguru import logger

from backend.composition.container import Container
from backend.settings.settings import Settings

_BESIDE = ("", "-wal", "-shm", "-journal")


def remedy(file: Path, settings: Settings) -> str:
    """Returns the repair of this damaged file; its path and the files beside it are named."""
    away = _free_folder(file.parent)
    parts = [file.with_name(f"{file.name}{ending}") for ending in _BESIDE]
    there = " ".join(quote(str(part)) for part in parts if part.exists())
    move = f"mkdir {quote(str(away))} && mv {there} {quote(str(away))}"
    if file == settings.knowledge_path.absolute():
        return (
            "Stop a running server, move the file away, and ingest your documents again (upload"
            f" again what came by upload): {move} && candor ingest FOLDER"
        )
    if file == settings.conversation_index_path.absolute():
        return (
            "Stop a running server and move the file away; it is made anew from your conversations:"
            f" {move} && candor search --index"
        )
    keep = "Do not delete it: it holds what people made."
    copies = _copies(file)
    if copies:
        older = f" Older copies: {', '.join(map(str, copies[1:]))}." if copies[1:] else ""
        return (
            f"{keep} Stop a running server, then put back a backup of your own, or the copy that"
            " Candor kept before its tables last changed:"
            f" {move} && cp {quote(str(copies[0]))} {quote(str(file))}{older}"
        )
    return (
        f"{keep} There is no copy of Candor's own beside it. Stop a running server, move it away, and"
        f" put your backup at {file}; without one, Candor begins a new file: {move}"
    )


def _free_folder(folder: Path) -> Path:
    """Returns a folder that does not exist yet: `damaged-1`, `damaged-2` and so on."""
    names = (folder / f"damaged-{number}" for number in itertools.count(1))
    return next(name for name in names if not name.exists())


def _copies(file: Path) -> list[Path]:
    """Returns the copies beside it, the newest first."""
    found = [path for path in file.parent.glob(f"{file.name}.before-*") if path.suffix != ".part"]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


class Level(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check, with a remedy."""

    level: Level
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A finding with the name of its check."""

    name: str
    finding: CheckResult


CheckFunction: TypeAlias = Callable[[Container], Awaitable[CheckResult]]
"""One check."""


def failed_check(name: str, error: Exception) -> CheckResult:
    """Returns the finding of a check that fails with an unexpected error: its kind; the log has the
    rest.
    """
    logger.opt(exception=error).debug("the check {} failed", name)
    return CheckResult(
        Level.FAIL, type(error).__name__, "LOG_LEVEL=DEBUG candor doctor shows more."
    )
