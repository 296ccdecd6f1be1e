"""The same figures for each model, prompt version, profile, and with and without web search.

Promises: the parts of a dimension add up to the whole; a breakdown costs little beside its report.
Leaves to others: the significance of a difference between two parts (their intervals show it).
"""

from collections.abc import Iterator, Sequence
from math import fsum, sqrt

from use_cases.advice.confidence.report_model import Dimension, Part, Which
from use_cases.advice.confidence.report_rows import counts, forecasts
from use_cases.advice.model import Scored
from use_cases.kernel.statistics.bootstrap import FEW_EVENTS
from use_cases.kernel.statistics.discrimination import auc
from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import Statistic, counted, statistic
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.scores import brier, mean_probability, rate


def breakdown(rows: Sequence[Scored], which: Which) -> Iterator[Part]:
    """Yield the parts of each dimension, by value."""
    for dimension in Dimension:
        grouped: dict[str, list[Scored]] = {}
        for row in rows:
            grouped.setdefault(_value(row, dimension), []).append(row)
        for value in sorted(grouped):
            yield _part(dimension, value, grouped[value], which)


def brier_by_events(known: Sequence[Forecast], coverage: float | None) -> Statistic:
    """The Brier score with the normal 95 % interval of a ratio over events.

    With e = loss - score x rows of an event, G events, n rows: score -+ 1.96 sqrt(G / (G - 1) sum
    e^2) / n. It is what the bootstrap by events tends to, for a thousandth of its time; no interval
    under 20 events, where it would be too narrow.
    """
    if not known:
        return statistic(None, known, coverage)
    score = brier(known)
    rests: dict[str, list[float]] = {}
    for place, each in enumerate(known):
        event = f"alone {place}" if each.event is None else f"event {each.event}"
        rests.setdefault(event, []).append((each.probability - each.right) ** 2 - score)
    events = len(rests)
    if events < FEW_EVENTS:
        return statistic(score, known, coverage, f"No interval: only {counted(events, 'event')}.")
    spread = fsum(fsum(rest) ** 2 for rest in rests.values()) * events / (events - 1)
    reach = Z95 * sqrt(spread) / len(known)
    interval = (max(0.0, score - reach), min(1.0, score + reach))
    return statistic(score, known, coverage, interval=interval)


def _value(row: Scored, dimension: Dimension) -> str:
    if dimension is Dimension.WEB_SEARCH_USED:
        return "true" if row.web_search_used else "false"
    return {
        Dimension.MODEL: row.model,
        Dimension.PROMPT_VERSION: row.prompt_version,
        Dimension.PROFILE: row.profile,
    }[dimension]


def _part(dimension: Dimension, value: str, rows: Sequence[Scored], which: Which) -> Part:
    known, counted = forecasts(rows, which), counts(rows)
    coverage = counted.coverage
    return Part(
        dimension=dimension,
        value=value,
        counts=counted,
        average_confidence=mean_probability(known, coverage=coverage),
        observed_accuracy=rate(known, coverage=coverage),
        brier=brier_by_events(known, coverage),
        auc=auc(known, coverage=coverage),
    )
