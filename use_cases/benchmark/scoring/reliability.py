"""Reliability: does a contestant do the same again, and does it come to an end?

Promises: a repeat that failed is like no other one, and counts against completion; one repeat alone has
no reliability, nor have repeats that all failed: nothing was measured. Leaves to others: the repeats, which must not come out of a cache, else all are alike.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, fsum
from typing import TypeAlias

from use_cases.kernel.statistics.intervals import deviation

Edits: TypeAlias = frozenset[Hashable]
"""What stands for each edited cell and its new value, the same in every repeat."""

PASSING_F1 = 0.9
MOST_DAMAGE = 0.001
"""A repeat passes with this F1 and no larger corruption rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One of several cleanings of a task: its edits, and its scores under one rule."""

    edits: Edits
    f1: float
    corruption_rate: float | None
    completed: bool = True

    @property
    def passed(self) -> bool:
        """Whether it came to an end, repaired nearly all, and damaged next to nothing."""
        return (
            self.completed
            and self.f1 >= PASSING_F1
            and (self.corruption_rate or 0.0) <= MOST_DAMAGE
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How alike the repeats of a task are; None with one repeat, or where all failed.

    `reliability_score` is the mean over pairs of repeats of the Jaccard index of their edits, 1 where
    both have none, and 0 where one failed. `exact_agreement` is the share of pairs with the same edits. `f1_deviation` is the
    standard deviation. `pass_all` is for each number k of repeats the chance that k of them, drawn
    without replacement, all pass: pass^k (tau-bench, Yao and others, 2024).
    """

    repeats: int
    reliability_score: float | None
    exact_agreement: float | None
    f1_deviation: float | None
    completion_rate: float | None
    passed: int
    pass_all: tuple[float, ...]


def measure_reliability(repeats: Sequence[Repeat]) -> Reliability:
    """Compare all repeats of one task by one contestant with each other."""
    count = len(repeats)
    alike = [
        jaccard(one.edits, other.edits) if one.completed and other.completed else 0.0
        for one, other in combinations(repeats, 2)
        if any(each.completed for each in repeats)
    ]
    passed = sum(each.passed for each in repeats)
    return Reliability(
        repeats=count,
        reliability_score=fsum(alike) / len(alike) if alike else None,
        exact_agreement=alike.count(1.0) / len(alike) if alike else None,
        f1_deviation=deviation([each.f1 for each in repeats]) if count > 1 else None,
        completion_rate=sum(each.completed for each in repeats) / count if count else None,
        passed=passed,
        pass_all=tuple(comb(passed, k) / comb(count, k) for k in range(1, count + 1)),
    )


def jaccard(one: Edits, other: Edits) -> float:
    """The share of the edits of either that both have; 1 of none."""
    either = len(one | other)
    return len(one & other) / either if either else 1.0
