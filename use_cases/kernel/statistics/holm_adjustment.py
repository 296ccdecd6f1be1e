"""Holm's adjustment of the p-values of one family of tests.

Promises: the chance of any false rejection in the family stays within the level, whatever the tests
have in common. Leaves to others: the choice of the family.
"""

from collections.abc import Sequence

LEVEL = 0.05
"""The p below which a test rejects."""


def holm(ps: Sequence[float]) -> list[float]:
    """Adjust p-values (Holm 1979), in the given order: max over smaller of (m - rank) p, at most 1."""
    adjusted = [0.0] * len(ps)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = largest
    return adjusted
