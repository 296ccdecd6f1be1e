"""Logistic regression on one number: P(right) = 1 / (1 + exp(-(intercept + slope * x))).

Promises: the maximum of the (penalised) likelihood by Newton-Raphson, with steps halved where it
would fall, so that any start reaches it; the same points give the same line in any order. Leaves to
others: the existence of a maximum (none without a prior where a threshold separates the outcomes).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, log1p
from typing import NamedTuple

_STEPS = 100
_SETTLED = 1e-13
_LEVEL = 1e-11
"""The relative difference below which likelihoods differ by rounding only."""


class Point(NamedTuple):
    """`n` cases with one `x`, of which `right` were right (half a case for a tie)."""

    x: float
    n: float
    right: float


class LogisticLine(NamedTuple):
    """A line in logits: an intercept and a slope."""

    intercept: float
    slope: float

    def eta(self, x: float) -> float:
        """Returns the logit of the probability at `x`."""
        return self.intercept + self.slope * x


class Prior(NamedTuple):
    """Normal priors around a line: a penalty of half of `precision` times the squared distances."""

    centre: LogisticLine
    precision: float


FLAT = Prior(LogisticLine(0.0, 0.0), 0.0)
"""No prior: plain maximum likelihood."""


@dataclass(frozen=True, slots=True)
class Information:
    """Gradient and information (the negative Hessian) of the objective at a line."""

    by_intercept: float
    by_slope: float
    intercepts: float
    mixed: float
    slopes: float

    @property
    def determinant(self) -> float:
        """The determinant of the information matrix."""
        return self.intercepts * self.slopes - self.mixed**2


class LogisticFit(NamedTuple):
    """The best line, and the information there."""

    line: LogisticLine
    information: Information


def logistic(eta: float) -> float:
    """Returns the probability of a logit, without overflow."""
    if eta >= 0:
        return 1 / (1 + exp(-eta))
    grown = exp(eta)
    return grown / (1 + grown)


def log_likelihood(points: Sequence[Point], line: LogisticLine, prior: Prior = FLAT) -> float:
    """Returns the sum of right x eta - n ln(1 + e^eta), less the prior's penalty."""
    centre, precision = prior
    off = (line.intercept - centre.intercept) ** 2 + (line.slope - centre.slope) ** 2
    terms = [-precision / 2 * off]
    for x, n, right in points:
        eta = line.eta(x)
        softplus = max(eta, 0.0) + log1p(exp(-abs(eta)))
        terms.append(right * eta - n * softplus)
    return fsum(terms)


def fit_line(
    points: Sequence[Point],
    start: LogisticLine,
    prior: Prior = FLAT,
    *,
    keep_intercept: bool = False,
    keep_slope: bool = False,
) -> LogisticFit | None:
    """Returns the line of the highest likelihood, climbed from `start`; None without convergence.

    A kept intercept or slope stays as in `start`.
    """
    line, height = start, log_likelihood(points, start, prior)
    for _ in range(_STEPS):
        local = _information(points, line, prior)
        step = _step(local, keep_intercept=keep_intercept, keep_slope=keep_slope)
        if step is None:
            return None
        lowest = height - _LEVEL * abs(height)
        while (reached := log_likelihood(points, _move(line, step), prior)) < lowest:
            step = LogisticLine(step.intercept / 2, step.slope / 2)
            if _has_settled(line, step):
                return LogisticFit(line, local)
        line, height = _move(line, step), reached
        if _has_settled(line, step):
            return LogisticFit(line, local)
    return None


def _information(points: Sequence[Point], line: LogisticLine, prior: Prior) -> Information:
    (intercept, slope), precision = prior
    shares = [logistic(line.eta(point.x)) for point in points]
    rests = [point.right - point.n * p for point, p in zip(points, shares, strict=True)]
    weights = [point.n * p * (1 - p) for point, p in zip(points, shares, strict=True)]
    by_x = [weight * point.x for point, weight in zip(points, weights, strict=True)]
    turning = fsum(rest * point.x for point, rest in zip(points, rests, strict=True))
    return Information(
        by_intercept=fsum(rests) - precision * (line.intercept - intercept),
        by_slope=turning - precision * (line.slope - slope),
        intercepts=fsum(weights) + precision,
        mixed=fsum(by_x),
        slopes=fsum(part * point.x for point, part in zip(points, by_x, strict=True)) + precision,
    )


def _step(at: Information, *, keep_intercept: bool, keep_slope: bool) -> LogisticLine | None:
    if keep_slope:
        return LogisticLine(at.by_intercept / at.intercepts, 0.0)
    if keep_intercept:
        return LogisticLine(0.0, at.by_slope / at.slopes)
    if at.determinant <= 0:
        return None
    return LogisticLine(
        (at.slopes * at.by_intercept - at.mixed * at.by_slope) / at.determinant,
        (at.intercepts * at.by_slope - at.mixed * at.by_intercept) / at.determinant,
    )


def _move(line: LogisticLine, step: LogisticLine) -> LogisticLine:
    return LogisticLine(line.intercept + step.intercept, line.slope + step.slope)


def _has_settled(line: LogisticLine, step: LogisticLine) -> bool:
    # Relative: at an intercept of -41 a last digit is 7e-15, and steps of 1e-13 are rounding.
    return all(abs(by) < _SETTLED * (1 + abs(at)) for at, by in zip(line, step, strict=True))
