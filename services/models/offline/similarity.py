"""How near texts are to a question by meaning, with the vectors of those seen lately at hand.

Passages of one answer overlap, a turn of two searches weighs the same units twice, and the next
question finds some of them again: to embed a sentence takes about as long as everything else that
is done for it. Promises: a bounded number of vectors, of which those used last are kept; without an
embedder, or when it fails, every similarity is 0.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from use_cases.kernel.errors import CandorError
from use_cases.knowledge.ports import Embedder

MOST_KEPT = 8_192
"""Vectors; with 384 dimensions they take 14 MB."""

Vector = NDArray[np.float32]


class Similarities:
    """Cosines of texts and questions. Each embedder needs its own."""

    def __init__(self, embedder: Embedder | None, *, most: int = MOST_KEPT) -> None:
        self._embedder = embedder
        self._most = most
        self._kept: OrderedDict[bytes, Vector] = OrderedDict()

    async def of(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """One for each text, in their order."""
        if self._embedder is None:
            return [0.0] * len(texts)
        known = {text: vector for text in set(texts) if (vector := self._seen(text)) is not None}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        try:
            asked = _vector(await self._embedder.embed_query(question))
            found = await self._embedder.embed_documents(new) if new else ()
        except CandorError:
            # The search has already told the reader that there are no embeddings.
            return [0.0] * len(texts)
        for text, vector in zip(new, map(_vector, found), strict=True):
            known[text] = self._kept[_key(text)] = vector
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return [float(known[text] @ asked) for text in texts]

    def _seen(self, text: str) -> Vector | None:
        key = _key(text)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)


def _key(text: str) -> bytes:
    """Of one length, however long the text is."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _vector(vector: bytes) -> Vector:
    return np.frombuffer(vector, dtype="<f4")
