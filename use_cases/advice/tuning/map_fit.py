"""The fit of a map: two parameters, with a prior at the identity and a limited move.

Promises: logit p' = intercept + slope logit(stated) with the largest penalised likelihood, slope
within `FLATTEST` to `STEEPEST`; the identity without rows; the same rows give the same line in any
order. Leaves to others: the comparison with the map in force (`cross_validation.py`).

The choice of this map: among isotonic steps, bands, beta, Platt and this one, fitted to 30 to 1,000
real outcomes and tried on others, only this one hardly harms where outcomes are few, and it is as
good as any where they are many.
"""

from collections.abc import Iterable, Sequence
from math import inf, log

from use_cases.advice.profile import CERTAIN
from use_cases.advice.tuning.maps import IDENTITY, apply_map, clipped_logit
from use_cases.kernel.statistics.logistic_regression import LogisticLine, Point, Prior, fit_line

PRIOR_DEVIATION = 0.5
"""The standard deviation, in logits, of the normal prior on the intercept (around 0) and on the
slope (around 1): a penalty of (a^2 + b^2) / (2 x 0.25) on the log likelihood."""

FLATTEST, STEEPEST = 0.05, 3.0
"""A flat line would give every confidence one value, a steep one make certainty of a hint."""

LARGEST_MOVE = 0.10
"""The most that one tuning may move the probability of any stated confidence."""

HUNDREDTHS = range(0, CERTAIN + 1, CERTAIN // 100)
"""Every stated confidence of two decimals, in basis points."""


class CalibrationLine(LogisticLine):
    """logit(calibrated) = intercept + slope * logit(stated)."""

    __slots__ = ()

    def at(self, stated: int) -> float:
        """Return the probability (0 to 1) for a stated confidence in basis points."""
        return apply_map(stated / CERTAIN, self.intercept, self.slope)


UNCHANGED = CalibrationLine(*IDENTITY)
"""The line that changes nothing."""

_PRIOR = Prior(UNCHANGED, 1 / PRIOR_DEVIATION**2)


def fit(outcomes: Iterable[tuple[int, bool]]) -> CalibrationLine:
    """Return the line for (stated in basis points, right) of independent outcomes.

    Maximises sum y ln p' + (1 - y) ln(1 - p') - (a^2 + b^2) / (2 x 0.25), a the intercept, 1 + b
    the slope (Platt 1999 shrunk to the identity). It is concave: where its peak has a slope out of
    bounds, the best line lies on that bound.
    """
    points = _points(outcomes)
    line = _best(points, UNCHANGED, keep_slope=False)
    if FLATTEST <= line.slope <= STEEPEST:
        return line
    bound = CalibrationLine(line.intercept, min(max(line.slope, FLATTEST), STEEPEST))
    return _best(points, bound, keep_slope=True)


def limit_move(
    line: CalibrationLine, current: CalibrationLine, values: Iterable[int] = range(CERTAIN + 1)
) -> CalibrationLine:
    """Return the line, drawn back towards the current one until none of `values` moves more than
    allowed.

    Every point between the two lines (intercept and slope mixed by one share) moves each value
    monotonously with the share, so the largest share allowed is found for each value in closed
    form.
    """
    share = min((_allowed(line, current, stated) for stated in values), default=1.0)
    if share >= 1:
        return line
    return CalibrationLine(
        current.intercept + share * (line.intercept - current.intercept),
        current.slope + share * (line.slope - current.slope),
    )


def _allowed(line: CalibrationLine, current: CalibrationLine, stated: int) -> float:
    """Return the share of the way from current to line at which this value has made its largest
    move.
    """
    before, x = current.at(stated), clipped_logit(stated / CERTAIN)
    begin, end = current.intercept + current.slope * x, line.intercept + line.slope * x
    target = before + LARGEST_MOVE if end > begin else before - LARGEST_MOVE
    if end == begin or not 0 < target < 1:
        return inf
    return (log(target / (1 - target)) - begin) / (end - begin)


def _points(outcomes: Iterable[tuple[int, bool]]) -> list[Point]:
    tallies: dict[int, list[int]] = {}
    for stated, right in outcomes:
        tally = tallies.setdefault(stated, [0, 0])
        tally[0] += 1
        tally[1] += right
    return [Point(clipped_logit(stated / CERTAIN), *tallies[stated]) for stated in sorted(tallies)]


def _best(points: Sequence[Point], start: CalibrationLine, *, keep_slope: bool) -> CalibrationLine:
    fitted = fit_line(points, start, _PRIOR, keep_slope=keep_slope)
    return CalibrationLine(*fitted.line) if fitted else start
