"""Compares two texts by the embedding model: the likeness in meaning that evaluations ask for."""

import struct
from collections.abc import Sequence
from math import dist
from operator import mul

from use_cases.kernel.model import Vector
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.errors import EmbedderUnavailable


class TextSimilarity:
    """The nearness of two texts. `embedder` is None where none is available."""

    def __init__(self, *, embedder: Embedder | None) -> None:
        self._embedder = embedder

    async def similarity(self, a: str, b: str, metric: str) -> float:
        """The cosine of two texts, their dot product, or for `euclidean` 1 / (1 + distance).

        Raises `EmbedderUnavailable` and upstream errors.
        """
        if self._embedder is None:
            raise EmbedderUnavailable("There is no embedding model.")
        one, other = map(_components, await self._embedder.embed_documents([a, b]))
        # The vectors have the length 1, so that the cosine is the dot product.
        return 1 / (1 + dist(one, other)) if metric == "euclidean" else sum(map(mul, one, other))


def _components(vector: Vector) -> Sequence[float]:
    return struct.unpack(f"<{len(vector) // 4}f", vector)
