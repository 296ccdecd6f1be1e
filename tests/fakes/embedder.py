"""Vectors without a model: texts that share content words point the same way."""

import math
import struct
import zlib
from collections.abc import Sequence

from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.text.words import content


class WordEmbedder:
    """Port `Embedder` by hashed words. `trouble`, when set, is raised by every call."""

    def __init__(self, id: str = "fake:words", dimensions: int = 64) -> None:  # noqa: A002  (the port's name)
        self._id = id
        self._dimensions = dimensions
        self.trouble: CandorError | None = None
        self.embedded: list[str] = []

    @property
    def id(self) -> str:
        """Name of model and variant."""
        return self._id

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""
        return self._dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector per text."""
        if self.trouble is not None:
            raise self.trouble
        self.embedded.extend(texts)
        return [self._vector(text) for text in texts]

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Vectors alone."""
        return [PassageVectors(vector) for vector in await self.embed_documents(texts)]

    async def embed_query(self, text: str) -> Vector:
        """As a document."""
        return (await self.embed_documents([text]))[0]

    def _vector(self, text: str) -> Vector:
        numbers = [0.0] * self._dimensions
        for word in content(text) or ["\0"]:
            numbers[zlib.crc32(word.encode()) % self._dimensions] += 1
        length = math.sqrt(sum(number * number for number in numbers))
        return struct.pack(f"<{self._dimensions}f", *(number / length for number in numbers))
