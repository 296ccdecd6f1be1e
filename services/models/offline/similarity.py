"""The similarity of texts to a question by meaning, with a cache of the last vectors.

Passages of one answer overlap, a turn of two searches weighs the same units twice, and the next
question finds some of them again: to embed a sentence takes about as long as everything else in its
processing. Promises: the cache is bounded and keeps the vectors used last; without an embedder, or
when it fails, every similarity is 0.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import Embedder

MAX_VECTORS = 8_192
"""The number of vectors in the cache; with 384 dimensions they take 14 MB."""

FloatVector = NDArray[np.float32]


class Similarities:
    """The cosines of texts and questions. Each embedder needs its own instance."""

    def __init__(self, embedder: Embedder | None, *, most: int = MAX_VECTORS) -> None:
        self._embedder = embedder
        self._most = most
        self._kept: OrderedDict[bytes, FloatVector] = OrderedDict()

    async def of(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return the similarity of each text to the question, in their order."""
        if self._embedder is None:
            return [0.0] * len(texts)
        known = {text: vector for text in set(texts) if (vector := self._seen(text)) is not None}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        try:
            asked = _vector(await self._embedder.embed_query(question))
            found = await self._embedder.embed_documents(new) if new else ()
        except CandorError:
            # The search has already reported that there are no embeddings.
            return [0.0] * len(texts)
        for text, vector in zip(new, map(_vector, found), strict=True):
            known[text] = self._kept[_key(text)] = vector
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return [float(known[text] @ asked) for text in texts]

    def _seen(self, text: str) -> FloatVector | None:
        key = _key(text)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)


def _key(text: str) -> bytes:
    """Return a key of fixed length for a text of any length."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _vector(vector: bytes) -> FloatVector:
    return np.frombuffer(vector, dtype="<f4")
