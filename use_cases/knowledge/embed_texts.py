"""Texts of others as vectors of the embedding model that runs on this machine; nothing of them is stored.

Promises: the texts go with the passages of documents, so that no question waits for them.
"""

from collections.abc import Sequence

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Vector
from use_cases.kernel.ports import Embedder
from use_cases.kernel.text.plain_text import without_unstorable
from use_cases.knowledge.errors import EmbedderUnavailable

MOST_TEXTS = 256
"""About a quarter of a minute of two processors."""


class EmbedTexts:
    """Embeds texts; each call raises `EmbedderUnavailable` where `embedder` is None."""

    def __init__(self, *, embedder: Embedder | None) -> None:
        self._given = embedder

    @property
    def model(self) -> str:
        """The name of the model, such as `local:all-MiniLM-L6-v2`."""
        return self._embedder.id

    @property
    def dimensions(self) -> int:
        """The length of its vectors."""
        return self._embedder.dimensions

    @property
    def _embedder(self) -> Embedder:
        if self._given is None:
            raise EmbedderUnavailable("The embedding model of this machine cannot be used.")
        return self._given

    async def run(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Returns a unit vector of each text, in their order. The model reads the beginning of a long one.

        Raises `InvalidInput` for no text, an empty one, or more than `MOST_TEXTS`, and
        `EmbedderUnavailable`.
        """
        if not 1 <= len(texts) <= MOST_TEXTS:
            raise InvalidInput(
                f"There are {len(texts)} texts to embed; 1 to {MOST_TEXTS} are possible.",
                hint="Send them in several requests.",
            )
        cleaned = [without_unstorable(text).strip() for text in texts]
        if not all(cleaned):
            raise InvalidInput(f"The text at place {cleaned.index('')} is empty.")
        return [each.vector for each in await self._embedder.embed_passages(cleaned)]
