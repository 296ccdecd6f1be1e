"""Vectors in a quarter of their size: each component as a whole number of 8 bits.

Each vector is multiplied so that its greatest component is 127, and rounded; its direction is what counts,
and stays within a thousandth. What was rounded once stays what it is.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from use_cases.kernel.model import Vector

_GREATEST = 127


def to_whole(vectors: Sequence[Vector]) -> Sequence[bytes]:
    """Rounds vectors of one length."""
    if not vectors:
        return []
    rows = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(vectors), -1)
    greatest = np.abs(rows).max(axis=1, keepdims=True)
    whole = np.rint(rows * (_GREATEST / np.where(greatest > 0, greatest, 1)))
    return [row.tobytes() for row in whole.astype(np.int8)]


def directions(whole: Sequence[bytes], dimensions: int) -> NDArray[np.float32]:
    """Returns the unit vectors of rounded ones, by row; a row of zeros for one of zeros."""
    rows = np.frombuffer(b"".join(whole), dtype=np.int8).reshape(-1, dimensions).astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.where(lengths > 0, lengths, 1)[:, None]
    return rows


def rounded(vectors: Sequence[Vector]) -> Sequence[Vector]:
    """Returns the unit vectors that stand for these ones, of one length, where they are kept rounded."""
    if not vectors:
        return []
    return [row.tobytes() for row in directions(to_whole(vectors), len(vectors[0]) // 4)]
