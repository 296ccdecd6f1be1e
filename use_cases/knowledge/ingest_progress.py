"""The progress of an ingestion, as reports to a callback.

Promises: a report does not slow the work down, and changes nothing in it. A document is read while
another one is saved, so reports of these stages alternate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Stage(StrEnum):
    """A stage between a document's file and the index."""

    FOUND = "found"
    READING = "reading"
    CUTTING = "cutting"
    STARTING_MODEL = "starting the embedding model"
    EMBEDDING = "embedding"
    SAVING = "saving"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReport:
    """The stage of the document `name`; found: the run covers `documents` sources.

    Starting the model and embedding come after all texts: `done` of `total` passages.
    """

    stage: Stage
    name: str | None = None
    documents: int = 1
    done: int = 0
    total: int = 0


Watch: TypeAlias = Callable[[StageReport], None]
"""A callback for each stage, on the event loop: it must return at once."""


def ignore_report(_report: StageReport) -> None:
    """Ignore the report."""
