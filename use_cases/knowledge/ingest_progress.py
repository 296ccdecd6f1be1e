"""What an ingestion is doing at the moment, for those who watch it.

Promises: a report costs nothing that could slow the work down, and changes nothing in it. Several
documents are on their way at once, so reports of different stages take turns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Stage(StrEnum):
    """A step on the way of a document from its file to the index."""

    FOUND = "found"
    READING = "reading"
    CUTTING = "cutting"
    STARTING_MODEL = "starting the embedding model"
    EMBEDDING = "embedding"
    SAVING = "saving"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReport:
    """One stage: of the document `name`, or of a batch of `documents` with `total` passages, `done` of them.

    Found: so many `documents` are looked at in this run. Embedding with a `total` of 0: it is over
    without vectors.
    """

    stage: Stage
    name: str | None = None
    documents: int = 1
    done: int = 0
    total: int = 0


Watch: TypeAlias = Callable[[StageReport], None]
"""Called with each stage, on the event loop: it must return at once."""


def unwatched(_report: StageReport) -> None:
    """Nobody watches."""
