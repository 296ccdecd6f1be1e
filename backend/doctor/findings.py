"""What a check finds, and the shape of a check."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from loguru import logger

from backend.composition.container import Container


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it."""

    level: Level
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A finding with the name of what was looked at."""

    name: str
    finding: Finding


Look: TypeAlias = Callable[[Container], Awaitable[Finding]]
"""Looks at one thing."""


def broken(name: str, error: Exception) -> Finding:
    """What is found when a check fails in a way nobody thought of: its kind; the log has the rest."""
    logger.opt(exception=error).debug("the check {} failed", name)
    return Finding(Level.FAIL, type(error).__name__, "LOG_LEVEL=DEBUG candor doctor shows more.")
