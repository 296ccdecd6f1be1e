"""Sign bits of vectors: a 32nd of their size, for an approximate nearest-neighbour search.

Two unit vectors of similar direction agree in most signs (Charikar 2002), so counting differing
bits over all passages finds a few thousand that contain the nearest; comparing the question's exact
components with the signs of those narrows them to a few hundred, and the caller compares these
exactly, with the stored vectors. In memory a passage takes 48 bytes at 384 dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from use_cases.kernel.model import Vector

_BLOCK = 16_384  # passages at a time, so that intermediate counts stay in the processor's cache


@dataclass(frozen=True, slots=True)
class SignBits:
    """The signs of all stored vectors at one generation of the database.

    `planes` is (words, passages): word by word, so that a scan reads memory in order.
    """

    generation: int
    dimensions: int
    passage_ids: NDArray[np.int64]
    planes: NDArray[np.uint64]
    categories: NDArray[np.int32]
    category_codes: dict[str, int]

    def candidates(
        self,
        vector: Vector,
        *,
        limit: int,
        coarse: int,
        category: str | None,
        allowed: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        """Returns the ids of the `limit` most promising passages (of the `allowed`), in no order."""
        chosen = self._select(category)
        if allowed is not None:
            chosen = chosen[np.isin(self.passage_ids[chosen], allowed)]
        if len(chosen) > coarse:
            distances = self._distances(vector)
            if len(chosen) < len(distances):
                distances = distances[chosen]
            # Whole numbers below a thousand: counting them finds the border in a third of the time of sorting.
            border = np.searchsorted(np.cumsum(np.bincount(distances)), coarse)
            chosen = chosen[distances <= border]
        if len(chosen) > limit:
            scores = self._agreement(vector, chosen)
            chosen = chosen[np.argpartition(-scores, limit)[:limit]]
        return self.passage_ids[chosen]

    def _select(self, category: str | None) -> NDArray[np.intp]:
        if category is None:
            return np.arange(len(self.passage_ids))
        return np.flatnonzero(self.categories == self.category_codes.get(category, -1))

    def _distances(self, vector: Vector) -> NDArray[np.uint16]:
        """Returns the number of differing signs, for every passage."""
        words = _words(pack([vector]), 1)[0]
        distances = np.empty(len(self.passage_ids), dtype=np.uint16)
        for start in range(0, len(distances), _BLOCK):
            block = distances[start : start + _BLOCK]
            block[:] = 0
            for plane, word in zip(self.planes, words, strict=True):
                block += np.bitwise_count(plane[start : start + _BLOCK] ^ word)
        return distances

    def _agreement(self, vector: Vector, chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        """Returns the products of the exact question vector and the passages' signs, byte by byte."""
        codes = np.ascontiguousarray(self.planes[:, chosen].T).view(np.uint8).T
        asked = np.zeros((len(codes), 8), np.float32)
        asked.reshape(-1)[: self.dimensions] = np.frombuffer(vector, dtype="<f4")
        # Signs are 0 and 1 here, not -1 and 1: that scales and shifts all scores alike.
        scores = np.zeros(len(chosen), np.float32)
        for table, column in zip(asked @ _BITS.T, np.ascontiguousarray(codes), strict=True):
            scores += table.take(column)
        return scores


_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32)
"""The bits of each value of a byte."""


def products(rows: NDArray[np.float32], vector: Vector) -> NDArray[np.float32]:
    """Returns the dot product of each row with the vector.

    Einsum stays in this thread: for so few rows, waking BLAS's threads costs up to thirty times the
    product when the machine has other work.
    """
    return np.einsum("ij,j->i", rows, np.frombuffer(vector, dtype="<f4"))


def pack(vectors: Sequence[Vector]) -> bytes:
    """Packs the signs of vectors of one length, each padded to whole 64-bit words."""
    if not vectors:
        return b""
    rows = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(vectors), -1)
    bits = np.packbits(rows > 0, axis=1)
    width = -(-bits.shape[1] // 8) * 8
    return np.pad(bits, ((0, 0), (0, width - bits.shape[1]))).tobytes()


def unpack(generation: int, dimensions: int, rows: Sequence[tuple[str, bytes, bytes]]) -> SignBits:
    """Builds sign bits from stored rows: each document's category, passage ids and packed bits."""
    codes = {name: code for code, name in enumerate(sorted({row[0] for row in rows}))}
    ids = np.frombuffer(b"".join(row[1] for row in rows), dtype="<i8")
    counts = [len(row[1]) // 8 for row in rows]
    words = _words(b"".join(row[2] for row in rows), len(ids))
    return SignBits(
        generation=generation,
        dimensions=dimensions,
        passage_ids=ids,
        planes=np.ascontiguousarray(words.T),
        categories=np.repeat(np.array([codes[row[0]] for row in rows], dtype=np.int32), counts),
        category_codes=codes,
    )


def _words(packed: bytes, count: int) -> NDArray[np.uint64]:
    return np.frombuffer(packed, dtype=np.uint64).reshape(count, -1 if count else 0)
