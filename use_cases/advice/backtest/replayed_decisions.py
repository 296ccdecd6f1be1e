"""The past decisions and the advisers of a backtest. Pure.

Promises: an adviser gets only what was known before the decision.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import exp
from typing import TypeAlias

from use_cases.advice.comparison.option_values import Decided, fit_slope


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An A-or-B decision in a period. `a_value` and `b_value` were known beforehand."""

    period: int
    a: str
    b: str
    a_value: float
    b_value: float

    @property
    def gap(self) -> float:
        """The difference of the two values; never below 0."""
        return abs(self.a_value - self.b_value)

    @property
    def higher(self) -> str:
        """The option with the higher value; A where both are equal."""
        return self.a if self.a_value >= self.b_value else self.b

    @property
    def lower(self) -> str:
        """The other option."""
        return self.b if self.a_value >= self.b_value else self.a


class Adviser(StrEnum):
    """The advisers: each chooses the higher option, and they differ in their confidence."""

    CONSTANT = "constant"
    """States 0.80 for every gap."""
    CONFIDENT = "confident"
    """States 0.70, and 0.05 more for each unit of the gap, up to 0.95."""
    CURVE = "curve"
    """States the chance of a curve that is fitted to the decisions of earlier periods."""


Chance: TypeAlias = Callable[[float], float]
"""The probability that the higher option wins, by the gap."""


def chance(adviser: Adviser, earlier: Sequence[Decided]) -> Chance:
    """Return the adviser's chance, given these decisions of earlier periods."""
    match adviser:
        case Adviser.CONSTANT:
            return lambda _gap: 0.80
        case Adviser.CONFIDENT:
            return lambda gap: min(0.95, 0.70 + 0.05 * gap)
        case Adviser.CURVE:
            slope = fit_slope(earlier)
            return lambda gap: 1 / (1 + exp(-slope * gap))


class TurnedClock:
    """Port `Clock`: a clock set by hand, so that a wait of a day takes no time."""

    def __init__(self, begin: datetime) -> None:
        self._now = begin

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def monotonic(self) -> float:
        """Return the same in seconds; it never decreases."""
        return self._now.timestamp()

    def turn_to(self, moment: datetime) -> None:
        """Set the time. Raises `ValueError` for one that has passed."""
        if moment < self._now:
            raise ValueError(f"{moment} is before {self._now}")
        self._now = moment
