"""Vectors in their stored form: unit length, little-endian float32 bytes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from use_cases.kernel.model import Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHARACTERS = 32_768
"""The characters of a text that are read: more than 256 tokens ever need, a bound of the work."""


def to_bytes(rows: "NDArray[np.float32]") -> Sequence[Vector]:
    """Convert each row of an (n, dimensions) array to stored bytes."""
    return [row.tobytes() for row in rows.astype("<f4", copy=False)]


def unit(rows: "Sequence[Sequence[float]]") -> Sequence[Vector]:
    """Normalise each row to unit length, as stored bytes; a row of zeros stays unchanged."""
    import numpy as np  # on first use: numpy takes a tenth of a second of start-up

    array = np.asarray(rows, dtype=np.float64)
    lengths = np.linalg.norm(array, axis=1, keepdims=True)
    return to_bytes((array / np.where(lengths > 0, lengths, 1)).astype(np.float32))
