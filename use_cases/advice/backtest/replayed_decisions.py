"""Decisions of the past and those who advised on them: what a backtest replays. Pure.

Promises: an adviser is asked with what was known before the decision, and with nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import exp
from typing import TypeAlias

from use_cases.advice.comparison.chance_curve import Decided, fit_slope


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An A-or-B decision in a period. `a_value` and `b_value` were known of them beforehand."""

    period: int
    a: str
    b: str
    a_value: float
    b_value: float

    @property
    def gap(self) -> float:
        """How far apart they were; never below 0."""
        return abs(self.a_value - self.b_value)

    @property
    def higher(self) -> str:
        """The one that promised more; A where both promised the same."""
        return self.a if self.a_value >= self.b_value else self.b

    @property
    def lower(self) -> str:
        """The other one."""
        return self.b if self.a_value >= self.b_value else self.a


class Adviser(StrEnum):
    """Who advised: each chose the higher one, and differs in how sure it said to be."""

    CONSTANT = "constant"
    """Says 0.80, whatever the gap is."""
    CONFIDENT = "confident"
    """Says 0.70, and 0.05 more for each unit of the gap, up to 0.95."""
    CURVE = "curve"
    """Says the chance of a curve that is fitted to the decisions of earlier periods."""


Chance: TypeAlias = Callable[[float], float]
"""The probability that the higher one wins, by the gap."""


def chance(adviser: Adviser, earlier: Sequence[Decided]) -> Chance:
    """What an adviser says who knows these decisions of earlier periods."""
    match adviser:
        case Adviser.CONSTANT:
            return lambda _gap: 0.80
        case Adviser.CONFIDENT:
            return lambda gap: min(0.95, 0.70 + 0.05 * gap)
        case Adviser.CURVE:
            slope = fit_slope(earlier)
            return lambda gap: 1 / (1 + exp(-slope * gap))


class TurnedClock:
    """Port `Clock`: the moment it was turned to, so that what must wait a day waits a day."""

    def __init__(self, begin: datetime) -> None:
        self._now = begin

    def now(self) -> datetime:
        """The moment it shows."""
        return self._now

    def monotonic(self) -> float:
        """The same in seconds: it grows as the clock is turned."""
        return self._now.timestamp()

    def turn_to(self, moment: datetime) -> None:
        """Show this moment. Raises `ValueError` for one that has passed."""
        if moment < self._now:
            raise ValueError(f"{moment} is before {self._now}")
        self._now = moment
