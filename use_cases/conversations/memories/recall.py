"""Recalls what a person said before: a few memories that are near enough, for a model to read.

Promises: at most four, each with a score of at least .38; a service of memories that fails costs the
caller nothing but the memories.
"""

from collections.abc import Sequence

from loguru import logger

from use_cases.conversations.memories.model import Memory
from use_cases.conversations.memories.ports import Memories
from use_cases.kernel.errors import STORAGE_ERRORS, CandorError
from use_cases.kernel.model import Caller

LEAST_SCORE = 0.38
MOST = 4
_LONGEST_QUERY = 2_000


class RecallMemories:
    """The caller's own memories."""

    def __init__(self, *, memories: Memories) -> None:
        self._memories = memories

    async def recall(
        self, caller: Caller, query: str, *, besides: str | None = None
    ) -> Sequence[Memory]:
        """The best memories for a text, without the one of the conversation `besides`.

        Raises errors of storage only.
        """
        try:
            found = await self._memories.search(query[:_LONGEST_QUERY], caller.user_id)
        except STORAGE_ERRORS:
            raise
        except CandorError as error:
            logger.warning("no memories: {}: {}", error.code, error.detail)
            return ()
        near = [each for each in found if each.score >= LEAST_SCORE and each.memory_id != besides]
        return sorted(near, key=lambda memory: -memory.score)[:MOST]


def numbered(memories: Sequence[Memory]) -> str:
    """Return one line for each memory, such as `1. They prefer SQLite.`"""
    lines = (" ".join(each.text.split()) for each in memories)
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
