"""Stated values as models state them, with outcomes drawn from a known truth."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import exp
from typing import TypeAlias

from use_cases.advice.model import OutcomeState, Scored
from use_cases.advice.profile import CERTAIN

GAP = 0.18
"""By how much an overconfident one is too high."""

WHEN = datetime(2026, 1, 1, tzinfo=UTC)

Shape: TypeAlias = Mapping[int, float]
"""Stated values in basis points, and how often each is stated."""

Truth: TypeAlias = Callable[[int], float]
"""The true probability of being right where a value (basis points) is stated."""

_OFTEN = (2, 8, 5, 12, 10, 20, 14, 16, 8, 5)
_NARROW = (0, 3, 1, 5, 2, 60, 8, 15, 3, 3)
_FROM_55 = range(5_500, CERTAIN + 1, 500)
SHAPES: Mapping[str, Shape] = {
    "as models state": dict(zip(_FROM_55, _OFTEN, strict=True)),
    "flat .55 to 1": dict.fromkeys(_FROM_55, 1),
    "narrow around .8": dict(zip(_FROM_55, _NARROW, strict=True)),
    "wide .05 to .95": dict.fromkeys(range(500, 9_501, 500), 1),
}


def overstated(true: Mapping[int, float], *, step: int) -> tuple[Shape, Mapping[int, float]]:
    """Stated is what is true and `GAP`, 1 at most, rounded to `step` (basis points); `true` holds
    probabilities in basis points and how often each is true. Gives what is stated and its truth.
    """
    shape: dict[int, float] = {}
    right: dict[int, float] = {}
    for probability, often in true.items():
        stated = min(CERTAIN, round((probability + GAP * CERTAIN) / step) * step)
        shape[stated] = shape.get(stated, 0.0) + often
        right[stated] = right.get(stated, 0.0) + often * probability / CERTAIN
    return shape, {stated: right[stated] / often for stated, often in shape.items()}


def flat(low: int, high: int) -> Mapping[int, float]:
    """Each whole percent from low to high, equally often; low and high in percent."""
    return {percent * CERTAIN // 100: 1.0 for percent in range(low, high + 1)}


def bell(mean: int, deviation: int) -> Mapping[int, float]:
    """Each whole percent, as often as by the normal law with this mean and deviation, in percent."""
    return {
        percent * CERTAIN // 100: exp(-(((percent - mean) / deviation) ** 2) / 2)
        for percent in range(1, 100)
    }


def as_stated(stated: int) -> float:
    """True numbers."""
    return stated / CERTAIN


def too_high(stated: int) -> float:
    """What comes true where everything is stated too high by `GAP`."""
    return stated / CERTAIN - GAP


def drawn(shape: Shape, truth: Truth, n: int, generator: random.Random, name: str) -> list[Scored]:
    """So many outcomes of one model and prompt version."""
    values = generator.choices(list(shape), list(shape.values()), k=n)
    return [
        row(f"{name}-{i}", stated, generator.random() < truth(stated))
        for i, stated in enumerate(values)
    ]


def row(name: str, stated: int, right: bool) -> Scored:
    """One resolved response, an event of its own."""
    return Scored(
        response_id=name,
        profile="simulated",
        model="model",
        prompt_version="prompt",
        web_search_used=False,
        stated=stated,
        calibrated=stated,
        outcome=OutcomeState.RIGHT if right else OutcomeState.WRONG,
        created_at=WHEN,
        feedback_at=WHEN,
    )
