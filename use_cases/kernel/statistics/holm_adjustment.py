"""Several tests that must not mislead together: Holm's adjustment of p-values, and shares of one level.

Promises: the chance of any false rejection in the family stays within the level, whatever the tests
have in common. Leaves to others: the choice of the family.
"""

from collections.abc import Sequence
from math import pi

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


def level_of(comparisons: int, look: int = 1) -> float:
    """Return the level of each of several comparisons that are looked at again as their items grow.

    The comparisons have equal shares, so that their intervals hold together (Dunn 1961, JASA 56:52). The
    k-th look spends 6 / (pi k)^2 of the whole: 3.0 %, 0.76 %, 0.34 %, so that any number of looks spends
    no more than 5 % (an alpha-spending sequence without a planned end; Lan, DeMets 1983, Biometrika 70:659).
    """
    return LEVEL * 6 / (pi * look) ** 2 / comparisons
