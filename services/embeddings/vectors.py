"""Vectors in their stored form: unit length, little-endian float32 bytes; of tokens, their signs.

A passage's token vectors are the model's last states for the pieces of its words, each read in the
whole passage. Of each the signs of 128 components at most are kept, evenly spread (of 384 every third), and its
place in the embedded text. Layout, little-endian, for n tokens:

    1 byte   the version of this form
    2n       the first character of each token
    n        its length in characters, 255 at most
    16n      the signs, packed, 1 for a positive one

The product of a unit vector with the signs of all c components, divided by √c, is an estimate of its cosine with
the vector that had them, too small by √(2/π) for directions without a preferred axis (Charikar 2002); the signs of
every third give a third of it. `compare` corrects both. The form before, which has all signs, is read as this one.
Leaves to others: which tokens are kept, and their weights.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

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


_ALL_SIGNS, _FORM = b"\x01", b"\x02"
_MOST_SIGNS = 128
_LONGEST = 255
_PLACE_BYTES = 3


def pack_tokens(states: NDArray[np.float32], places: Sequence[tuple[int, int]]) -> bytes:
    """Packs token states (tokens, components) and their places (start, end); empty for no tokens."""
    if not places:
        return b""
    starts = np.array([start for start, _ in places], dtype="<u2")
    lengths = np.array([min(end - start, _LONGEST) for start, end in places], dtype=np.uint8)
    signs = np.packbits(states[:, :: _step(states.shape[1])] > 0, axis=1)
    return _FORM + starts.tobytes() + lengths.tobytes() + signs.tobytes()


def _step(components: int) -> int:
    """Returns the distance between components whose signs are kept."""
    return -(-components // _MOST_SIGNS)


def compare(
    question: NDArray[np.float32], stored: Sequence[bytes]
) -> Sequence[ComparedTokens | None]:
    """Compares unit vectors of a question's tokens (tokens, components) with those of each passage.

    None stands for a passage without token vectors, or with those of another form.
    """
    read, cosines = _cosines(question, stored)
    return list(_split(read, cosines))


def nearest(
    question: NDArray[np.float32], stored: Sequence[bytes]
) -> Sequence[Sequence[float] | None]:
    """Returns for each passage the best cosine of each token of a question; None as in `compare`."""
    read, cosines = _cosines(question, stored)
    counts = [len(one[1]) for one in read if one is not None]
    if not counts:
        return [None] * len(stored)
    begins = np.cumsum([0, *counts[:-1]])
    best = iter(np.maximum.reduceat(cosines, begins, axis=0).tolist())
    return [None if one is None else next(best) for one in read]


_Read: TypeAlias = tuple[bytes, NDArray[np.uint8]]
"""The stored form of a passage's tokens, and the codes of its vectors (tokens, bytes)."""


def _cosines(
    question: NDArray[np.float32], stored: Sequence[bytes]
) -> tuple[Sequence[_Read | None], NDArray[np.float32]]:
    """Returns what was read of each passage, and the cosines (tokens of all, tokens of the question)."""
    components = question.shape[1]
    read = [_read(content, components) for content in stored]
    asked = question[:, :: _step(components)]
    tokens, signs = asked.shape
    length = -(-signs // 8)
    codes = np.concatenate([np.empty((0, length), np.uint8), *(one[1] for one in read if one)])
    padded = np.zeros((tokens, 8 * length), np.float32)
    padded[:, :signs] = asked
    # What each value of each byte adds, a half byte and the other: a sum of rows of it is a product with
    # the signs, bit by bit. No product of matrices, for which BLAS would wake other threads at several
    # times the cost.
    halves = np.einsum("tbhc,vc->hbvt", padded.reshape(tokens, length, 2, 4), _SIGNS)
    added = halves[0][:, :, None] + halves[1][:, None]
    added = added.reshape(length, 256, tokens)
    total = np.zeros((len(codes), tokens), np.float32)
    for table, column in zip(added, np.ascontiguousarray(codes.T), strict=True):
        total += table.take(column, axis=0)
    total *= math.sqrt(math.pi / 2 * components) / signs
    return read, np.clip(total, -1, 1, out=total)


_SIGNS = np.unpackbits(np.arange(16, dtype=np.uint8)[:, None], axis=1)[:, 4:] * np.float32(2) - 1
"""The signs that each value of half a byte stands for."""


def _read(content: bytes, components: int) -> _Read | None:
    step = _step(components)
    signs = {_ALL_SIGNS: components, _FORM: -(-components // step)}.get(content[:1], 0)
    length = -(-signs // 8)
    count, rest = divmod(len(content) - 1, _PLACE_BYTES + length)
    if not signs or count < 1 or rest:
        return None
    codes = np.frombuffer(content, dtype=np.uint8, offset=1 + _PLACE_BYTES * count)
    codes = codes.reshape(count, length)
    if content[:1] == _ALL_SIGNS and step > 1:
        codes = np.packbits(np.unpackbits(codes, axis=1, count=components)[:, ::step], axis=1)
    return content, codes


def _places(content: bytes, count: int) -> Sequence[tuple[int, int]]:
    starts = np.frombuffer(content, dtype="<u2", count=count, offset=1).astype(np.int64)
    lengths = np.frombuffer(content, dtype=np.uint8, count=count, offset=1 + 2 * count)
    return list(zip(starts.tolist(), (starts + lengths).tolist(), strict=True))


def _split(
    read: Sequence[_Read | None], cosines: NDArray[np.float32]
) -> Iterator[ComparedTokens | None]:
    begin = 0
    for one in read:
        if one is None:
            yield None
            continue
        content, codes = one
        end = begin + len(codes)
        yield ComparedTokens(_places(content, len(codes)), cosines[begin:end].T.tolist())
        begin = end
