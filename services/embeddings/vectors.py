"""Vectors in their stored form: unit length, little-endian float32 bytes; of tokens, their signs.

A passage's token vectors are the model's last states for the pieces of its words, each read in the
whole passage. Of each the signs of its components are kept, as `services/index/sqlite/bits.py` does for whole
passages, and its place in the embedded text. Layout, little-endian, for n tokens:

    1 byte   the version of this form
    2n       the first character of each token
    n        its length in characters, 255 at most
    48n      the signs of its 384 components, packed, 1 for a positive one

The product of a unit vector with signs s, divided by √384, is an estimate of its cosine with the vector
that had them, too small by √(2/π) for directions without a preferred axis (Charikar 2002); `compare`
corrects that. Leaves to others: which tokens are kept, and their weights.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from use_cases.kernel.model import Vector
from use_cases.knowledge.model import ComparedTokens


def to_bytes(rows: "NDArray[np.float32]") -> Sequence[Vector]:
    """Converts each row of an (n, dimensions) array to stored bytes."""
    return [row.tobytes() for row in rows.astype("<f4", copy=False)]


def unit(rows: "Sequence[Sequence[float]]") -> Sequence[Vector]:
    """Normalises each row to unit length, as stored bytes; a row of zeros stays unchanged."""
    import numpy as np  # on first use: numpy takes a tenth of a second of start-up

    array = np.asarray(rows, dtype=np.float64)
    lengths = np.linalg.norm(array, axis=1, keepdims=True)
    return to_bytes((array / np.where(lengths > 0, lengths, 1)).astype(np.float32))


_FORM = b"\x01"
_LONGEST = 255
_PLACE_BYTES = 3


def pack_tokens(states: NDArray[np.float32], places: Sequence[tuple[int, int]]) -> bytes:
    """Packs token states (tokens, components) and their places (start, end); empty for no tokens."""
    if not places:
        return b""
    starts = np.array([start for start, _ in places], dtype="<u2")
    lengths = np.array([min(end - start, _LONGEST) for start, end in places], dtype=np.uint8)
    signs = np.packbits(states > 0, axis=1)
    return _FORM + starts.tobytes() + lengths.tobytes() + signs.tobytes()


def compare(
    question: NDArray[np.float32], stored: Sequence[bytes]
) -> Sequence[ComparedTokens | None]:
    """Compares unit vectors of a question's tokens (tokens, components) with those of each passage.

    None stands for a passage without token vectors, or with those of another form.
    """
    size = _PLACE_BYTES + -(-question.shape[1] // 8)
    read = [_read(content, size) for content in stored]
    signs = [one[1] for one in read if one is not None]
    if not signs:
        return [None] * len(stored)
    bits = np.unpackbits(np.concatenate(signs), axis=1, count=question.shape[1])
    # Einsum stays in this thread: BLAS would wake others, at several times the cost on a busy machine.
    products = np.einsum("ij,kj->ik", question, bits.astype(np.float32))
    # With bits b of 0 and 1 the signs are 2b - 1.
    products = 2 * products - question.sum(axis=1, keepdims=True)
    cosines = np.clip(products * math.sqrt(math.pi / 2 / question.shape[1]), -1, 1)
    return list(_split(read, cosines))


def _read(content: bytes, size: int) -> tuple[Sequence[tuple[int, int]], NDArray[np.uint8]] | None:
    if content[:1] != _FORM or (len(content) - 1) % size:
        return None
    count = (len(content) - 1) // size
    starts = np.frombuffer(content, dtype="<u2", count=count, offset=1).astype(np.int64)
    lengths = np.frombuffer(content, dtype=np.uint8, count=count, offset=1 + 2 * count)
    signs = np.frombuffer(content, dtype=np.uint8, offset=1 + _PLACE_BYTES * count)
    places = zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
    return list(places), signs.reshape(count, size - _PLACE_BYTES)


def _split(
    read: Sequence[tuple[Sequence[tuple[int, int]], NDArray[np.uint8]] | None],
    cosines: NDArray[np.float32],
) -> Iterator[ComparedTokens | None]:
    begin = 0
    for one in read:
        if one is None:
            yield None
            continue
        end = begin + len(one[0])
        yield ComparedTokens(one[0], cosines[:, begin:end].tolist())
        begin = end
