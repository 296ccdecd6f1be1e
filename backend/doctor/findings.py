"""The finding of a check, and the form of a check."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from loguru import logger

from backend.composition.container import Container


class Level(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check, with a remedy."""

    level: Level
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A finding with the name of its check."""

    name: str
    finding: Finding


CheckFunction: TypeAlias = Callable[[Container], Awaitable[Finding]]
"""One check."""


def failed_check(name: str, error: Exception) -> Finding:
    """Return the finding of a check that fails with an unexpected error: its kind; the log has the
    rest.
    """
    logger.opt(exception=error).debug("the check {} failed", name)
    return Finding(Level.FAIL, type(error).__name__, "LOG_LEVEL=DEBUG candor doctor shows more.")
