"""Random draws that are the same in every version of Python and on every machine.

Each place of use has draws of its own, seeded by its name, so that one place more changes no other.
Only `random.Random.random` is used: Python promises its sequence for a seed, and not that of `shuffle`.
"""

import hashlib
import random
from array import array
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Draws:
    """A sequence of draws. The seed is the SHA-256 of the parts of its name."""

    def __init__(self, *name: object) -> None:
        written = "\x1f".join(map(str, name)).encode("utf-8", "surrogatepass")
        seed = int.from_bytes(hashlib.sha256(written).digest())
        self.chance = random.Random(seed).random  # noqa: S311  (no secret)

    def below(self, limit: int) -> int:
        """A whole number from 0 to below the limit."""
        return int(self.chance() * limit)

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]

    def order(self, places: Sequence[int]) -> Iterator[int]:
        """The places in random order, shuffled as far as they are taken (Fisher and Yates).

        An order may stay half taken for long. It is an array because the collector of cycles looks
        through a list of 100,000 places again and again, and not through an array.
        """
        left, chance = array("q", places), self.chance
        size = len(left)
        for at in range(size):
            other = at + int(chance() * (size - at))
            place = left[other]
            left[other] = left[at]
            yield place
