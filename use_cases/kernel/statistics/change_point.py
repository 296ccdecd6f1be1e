"""Change-point detection: cumulated residuals, a test of one change, and a sequential alarm.

Promises: constant overconfidence is no change; rows are sorted by moment where all have one,
otherwise in the given order. Leaves to others: the comparison of two given windows (`drift.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import fsum, log, sqrt

from use_cases.kernel.statistics.distributions import kolmogorov_above
from use_cases.kernel.statistics.figures import StatisticalResult, cautions
from use_cases.kernel.statistics.forecasts import Forecast, sort_by_time

ALARM = 4.0
"""The alarm threshold of the risk-adjusted sums, in nats of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cusum(StatisticalResult):
    """The cumulated sums S_t of y - p over the first rows, counted from 0 in order of time.

    `largest` is max |S_t| in outcomes, reached after row `at_row`; `scaled` and `end` are that and
    the last S in standard deviations sqrt(sum p (1 - p)) of the whole: below 0 overconfident.
    `bridge` is the largest distance from the line to the end, `p` its chance without a change,
    `change_row` the first row after the likeliest change.
    """

    largest: float | None
    at_row: int | None
    scaled: float | None
    end: float | None
    bridge: float | None
    p: float | None
    change_row: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAdjusted(StatisticalResult):
    """The evidence that the odds of being right became `odds_ratio` times the stated ones.

    `largest` is the highest sum; `first_alarm` the first row above `threshold`, counted from 0 in
    order of time, None without an alarm; `last` the sum now.
    """

    odds_ratio: float
    threshold: float
    largest: float | None
    last: float | None
    first_alarm: int | None


def cusum(forecasts: Sequence[Forecast], *, coverage: float | None = None) -> Cusum:
    """Compute S_t and its bridge max |S_t - (t/n) S_n| / sqrt(sum p (1 - p)), p by Kolmogorov's law.

    The law is that of many rows with like variances. None where no probability is between 0 and 1.
    """
    rows = sort_by_time(forecasts)
    deviation = sqrt(fsum(row.probability * (1 - row.probability) for row in rows))
    if deviation == 0:
        reason = "Every probability is 0 or 1: nothing can vary." if rows else None
        return _cusum(forecasts, coverage, reason)
    sums = list(accumulate(row.right - row.probability for row in rows))
    top = max(range(len(sums)), key=lambda t: abs(sums[t]))
    bridge = [abs(s - (t + 1) / len(sums) * sums[-1]) / deviation for t, s in enumerate(sums)]
    bend = max(range(len(bridge)), key=bridge.__getitem__)
    return Cusum(
        n=len(rows),
        coverage=coverage,
        warnings=cautions(rows, coverage, _about_order(rows)),
        largest=abs(sums[top]),
        at_row=top,
        scaled=abs(sums[top]) / deviation,
        end=sums[-1] / deviation,
        bridge=bridge[bend],
        p=kolmogorov_above(bridge[bend]),
        change_row=bend + 1 if bend + 1 < len(rows) else None,
    )


def risk_adjusted(
    forecasts: Sequence[Forecast],
    *,
    odds_ratio: float,
    threshold: float = ALARM,
    coverage: float | None = None,
) -> RiskAdjusted:
    """Compute C_t = max(0, C_(t-1) + y ln R - ln(1 - p + R p)) (Steiner et al. 2000), R the odds ratio.

    R = 0.5 detects overconfidence, R = 2 underconfidence. It alarms on a constant error, too.
    """
    rows = sort_by_time(forecasts)
    weight = log(odds_ratio)
    sums: list[float] = []
    level = 0.0
    for row in rows:
        p = row.probability
        level = max(0.0, level + row.right * weight - log(1 - p + odds_ratio * p))
        sums.append(level)
    return RiskAdjusted(
        n=len(rows),
        coverage=coverage,
        warnings=cautions(rows, coverage, _about_order(rows)),
        odds_ratio=odds_ratio,
        threshold=threshold,
        largest=max(sums, default=None),
        last=sums[-1] if sums else None,
        first_alarm=next((t for t, level in enumerate(sums) if level > threshold), None),
    )


def _about_order(rows: Sequence[Forecast]) -> str | None:
    if all(row.at is not None for row in rows):
        return None
    return "Not every outcome has a moment: the order given was taken for that of time."


def _cusum(forecasts: Sequence[Forecast], coverage: float | None, reason: str | None) -> Cusum:
    return Cusum(
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, reason),
        largest=None,
        at_row=None,
        scaled=None,
        end=None,
        bridge=None,
        p=None,
        change_row=None,
    )
