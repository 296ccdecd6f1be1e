"""The strengths of variants, from judgements of pairs.

Promises: the most likely strengths of Bradley and Terry (1952), where there are any. Leaves to others:
the judge, and whether a difference is beyond chance (`paired_comparison.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, log
from typing import Literal, TypeAlias

Winner: TypeAlias = Literal["first", "second", "tie"]

_ROUNDS = 10_000
_SETTLED = 1e-12


@dataclass(frozen=True, slots=True)
class Match:
    """A judgement of two variants: 1 where the first won, 0 where the second did, 0.5 for a tie.

    Raises `ValueError` for another score, or a variant against itself.
    """

    first: str
    second: str
    score: float

    def __post_init__(self) -> None:
        if self.score not in (0, 0.5, 1) or self.first == self.second:
            raise ValueError(f"no judgement of two variants: {self}")


@dataclass(frozen=True, slots=True)
class Strength:
    """A variant with its strength, in natural logarithms of odds, the mean of all being 0.

    `chance` is that of winning against a variant of strength 0. None: there is no finite strength.
    """

    variant: str
    matches: int
    strength: float | None
    chance: float | None


def settle_orders(shown_first: Winner, shown_second: Winner) -> float:
    """Return the score of a variant that a judge saw in both orders: 1 won, 0 lost, 0.5 a tie.

    `shown_first` is the judgement with the variant in the first place. It wins or loses only where both
    orders agree; otherwise the judge followed the place, which is a tie (Zheng et al. 2023, MT-Bench).
    """
    if (shown_first, shown_second) == ("first", "second"):
        return 1.0
    return 0.0 if (shown_first, shown_second) == ("second", "first") else 0.5


def bradley_terry(matches: Sequence[Match]) -> tuple[Strength, ...]:
    """Return the strengths, strongest first; a tie is half a win for both.

    P(i beats j) = 1 / (1 + exp(s_j - s_i)); fitted by the MM steps of Hunter (2004, Ann Stat 32:384).
    A finite fit exists only where no group of variants won all its matches with the others (Ford
    1957): every strength is None otherwise.
    """
    wins, met = _tables(matches)
    found = _fit(wins, met) if _is_connected(wins) else {}
    strengths = [
        Strength(
            variant=name,
            matches=sum(met[name].values()),
            strength=found.get(name),
            chance=1 / (1 + exp(-found[name])) if name in found else None,
        )
        for name in sorted(met)
    ]
    return tuple(sorted(strengths, key=lambda each: -(each.strength or 0.0)))


def _tables(
    matches: Iterable[Match],
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, int]]]:
    """Return the wins of each variant over each other one, and the matches between them."""
    wins: dict[str, dict[str, float]] = {}
    met: dict[str, dict[str, int]] = {}
    for match in matches:
        for one, other, score in (
            (match.first, match.second, match.score),
            (match.second, match.first, 1 - match.score),
        ):
            won, against = wins.setdefault(one, {}), met.setdefault(one, {})
            won[other] = won.get(other, 0.0) + score
            against[other] = against.get(other, 0) + 1
    return wins, met


def _fit(
    wins: Mapping[str, Mapping[str, float]], met: Mapping[str, Mapping[str, int]]
) -> dict[str, float]:
    worth = dict.fromkeys(wins, 1.0)
    won = {name: fsum(over.values()) for name, over in wins.items()}
    for _ in range(_ROUNDS):
        before = dict(worth)
        for name, others in met.items():
            faced = (count / (worth[name] + worth[other]) for other, count in others.items())
            worth[name] = won[name] / fsum(faced)
        middle = exp(fsum(map(log, worth.values())) / len(worth))
        worth = {name: value / middle for name, value in worth.items()}
        if all(abs(worth[name] / before[name] - 1) < _SETTLED for name in worth):
            break
    return {name: log(value) for name, value in worth.items()}


def _is_connected(wins: Mapping[str, Mapping[str, float]]) -> bool:
    """Return whether a chain of wins leads from every variant to every other one."""
    beaten = {name: {other for other, won in over.items() if won} for name, over in wins.items()}
    beaten_by = {name: {other for other in wins if name in beaten[other]} for name in wins}
    if not wins:
        return False
    start = next(iter(wins))
    return all(_reached(start, steps) == set(wins) for steps in (beaten, beaten_by))


def _reached(start: str, steps: Mapping[str, set[str]]) -> set[str]:
    found, new = {start}, [start]
    while new:
        further = steps[new.pop()] - found
        found |= further
        new.extend(further)
    return found
