"""The needs of memories."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from use_cases.conversations.memories.model import Memory, RememberedText
from use_cases.kernel.model import Vector


class Memories(Protocol):
    """What people said before."""

    async def search(self, query: str, user_id: str) -> Sequence[Memory]:
        """Return memories of this person, best first. Raises upstream errors and those of storage."""
        ...


class MemoryTexts(Protocol):
    """The texts that are remembered here, with their vectors."""

    async def texts(self, user_id: str, embedder: str) -> Sequence[RememberedText]:
        """Return a person's, the newest first."""
        ...

    async def keep(self, embedder: str, vectors: Mapping[str, tuple[str, Vector]]) -> None:
        """Store the vectors of texts by memory id, each with its text; nothing for memories that are gone."""
        ...
