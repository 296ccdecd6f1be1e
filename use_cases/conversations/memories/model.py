"""The values of memories."""

from dataclasses import dataclass
from datetime import datetime

from use_cases.kernel.model import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A memory that was found; `score` is from 0 to 1."""

    memory_id: str
    text: str
    score: float
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedText:
    """A text that is remembered here: the shown summary of the conversation `memory_id`.

    `vector` is the one of this text by the embedder that was asked for, None where it is not stored.
    """

    memory_id: str
    text: str
    created_at: datetime | None
    vector: Vector | None
