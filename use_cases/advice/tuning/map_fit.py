"""Fitting a map: two parameters, drawn towards the identity, moved no further than allowed.

Promises: logit p' = intercept + slope logit(stated) with the largest penalised likelihood, slope
within `FLATTEST` to `STEEPEST`; the identity without rows; the same rows give the same line in any
order. Leaves to others: whether the line is any better than what is in force (`cross_validation.py`).

Why this map and no other: of isotonic steps, bands, beta, Platt and this one, fitted to 30 to 1,000
real outcomes and tried on others, only this one hardly harms where few are known, and it is as good
as any where many are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, fsum, inf, log, log1p

from use_cases.advice.profile import CERTAIN
from use_cases.advice.tuning.maps import IDENTITY, clipped_logit, logistic, mapped

PRIOR_DEVIATION = 0.5
"""The standard deviation, in logits, of the normal prior on the intercept (around 0) and on the
slope (around 1): a penalty of (a^2 + b^2) / (2 x 0.25) on the log likelihood."""

FLATTEST, STEEPEST = 0.05, 3.0
"""A flat line would give every confidence one value, a steep one make certainty of a hint."""

LARGEST_MOVE = 0.10
"""How far one tuning may move the probability of any stated confidence."""

HUNDREDTHS = range(0, CERTAIN + 1, CERTAIN // 100)
"""Every stated confidence of two decimals, in basis points."""

_PENALTY = 1 / PRIOR_DEVIATION**2
_STEPS = 100
_SETTLED = 1e-10
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class Line:
    """logit(calibrated) = intercept + slope * logit(stated)."""

    intercept: float
    slope: float

    def at(self, stated: int) -> float:
        """The probability (0 to 1) for a stated confidence in basis points."""
        return mapped(stated / CERTAIN, self.intercept, self.slope)


UNCHANGED = Line(*IDENTITY)
"""The line that changes nothing."""


def fit(outcomes: Iterable[tuple[int, bool]]) -> Line:
    """The line for (stated in basis points, right) of independent outcomes.

    Maximises sum y ln p' + (1 - y) ln(1 - p') - (a^2 + b^2) / (2 x 0.25), a the intercept, 1 + b the
    slope (Platt 1999 shrunk to the identity), by Newton-Raphson over the distinct stated values. It
    is concave: where its peak has a slope out of bounds, the best line lies on that bound.
    """
    points = _points(outcomes)
    line = _climbed(points, UNCHANGED, turning=True)
    if FLATTEST <= line.slope <= STEEPEST:
        return line
    bound = Line(line.intercept, min(max(line.slope, FLATTEST), STEEPEST))
    return _climbed(points, bound, turning=False)


def limited(line: Line, current: Line, values: Iterable[int] = range(CERTAIN + 1)) -> Line:
    """The line, drawn back towards the current one until none of `values` moves more than allowed.

    Every point between the two lines (intercept and slope mixed by one share) moves each value
    monotonously with the share, so the largest share allowed is found for each value in closed form.
    """
    share = min((_allowed(line, current, stated) for stated in values), default=1.0)
    if share >= 1:
        return line
    return Line(
        current.intercept + share * (line.intercept - current.intercept),
        current.slope + share * (line.slope - current.slope),
    )


def _allowed(line: Line, current: Line, stated: int) -> float:
    """The share of the way from current to line at which this value has moved as far as it may."""
    before, x = current.at(stated), clipped_logit(stated / CERTAIN)
    begin, end = current.intercept + current.slope * x, line.intercept + line.slope * x
    target = before + LARGEST_MOVE if end > begin else before - LARGEST_MOVE
    if end == begin or not 0 < target < 1:
        return inf
    return (log(target / (1 - target)) - begin) / (end - begin)


@dataclass(frozen=True, slots=True)
class _Point:
    """Outcomes with one logit."""

    logit: float
    n: int
    right: int


def _points(outcomes: Iterable[tuple[int, bool]]) -> list[_Point]:
    tallies: dict[int, list[int]] = {}
    for stated, right in outcomes:
        tally = tallies.setdefault(stated, [0, 0])
        tally[0] += 1
        tally[1] += right
    return [_Point(clipped_logit(stated / CERTAIN), *tallies[stated]) for stated in sorted(tallies)]


def _climbed(points: Sequence[_Point], line: Line, *, turning: bool) -> Line:
    """Newton-Raphson from this line, steps halved where they would fall; `turning` false keeps the slope."""
    height = _height(points, line)
    for _ in range(_STEPS):
        rise, turn = _step(points, line, turning=turning)
        reached = Line(line.intercept + rise, line.slope + turn)
        # On the peak, heights differ by rounding only.
        while (risen := _height(points, reached)) < height - _ROUNDING * (1 + abs(height)):
            rise, turn = rise / 2, turn / 2
            reached = Line(line.intercept + rise, line.slope + turn)
        line, height = reached, risen
        if max(abs(rise), abs(turn)) < _SETTLED:
            break
    return line


def _height(points: Sequence[_Point], line: Line) -> float:
    """The penalised log likelihood: sum right x eta - n ln(1 + e^eta), less the penalty."""
    terms = [-_PENALTY / 2 * (line.intercept**2 + (line.slope - 1) ** 2)]
    for point in points:
        eta = line.intercept + line.slope * point.logit
        softplus = max(eta, 0.0) + log1p(exp(-abs(eta)))
        terms.append(point.right * eta - point.n * softplus)
    return fsum(terms)


def _step(points: Sequence[_Point], line: Line, *, turning: bool) -> tuple[float, float]:
    rests: list[tuple[float, float, float]] = []
    for point in points:
        p = logistic(line.intercept + line.slope * point.logit)
        rests.append((point.right - point.n * p, point.n * p * (1 - p), point.logit))
    by_rise = fsum(rest for rest, _, _ in rests) - _PENALTY * line.intercept
    rises = fsum(weight for _, weight, _ in rests) + _PENALTY
    if not turning:
        return by_rise / rises, 0.0
    by_turn = fsum(rest * x for rest, _, x in rests) - _PENALTY * (line.slope - 1)
    turns = fsum(weight * x * x for _, weight, x in rests) + _PENALTY
    mixed = fsum(weight * x for _, weight, x in rests)
    determinant = rises * turns - mixed**2
    return (
        (turns * by_rise - mixed * by_turn) / determinant,
        (rises * by_turn - mixed * by_rise) / determinant,
    )
