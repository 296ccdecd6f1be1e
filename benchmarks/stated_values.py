"""Stated values as models state them, with outcomes drawn from a known truth."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
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
