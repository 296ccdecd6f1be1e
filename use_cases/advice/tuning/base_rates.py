"""Base rates: the share of right advice, where stated confidence does not separate right from
wrong.

A model that always states .80, or states .70 and .90 without any order, makes no usable claim by
its number. Once its outcomes show that, and that the number is off beyond chance, the base rate is
the best prediction for its next advice.

Promises: a base rate only where no map can be fitted for want of order, and where the shown number
would be wrong beyond chance; of each model and prompt version by its own outcomes alone. Leaves to
others: reading the rows, and showing it (`use_cases/advice/confidence/shown_confidence.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from use_cases.advice.model import (
    BaseRate,
    CalibrationVersion,
    ResponseFilter,
    Scored,
)
from use_cases.advice.profile import CERTAIN, PhraseScale
from use_cases.advice.tuning.guards import does_not_discriminate, one_per_event
from use_cases.advice.tuning.maps import Key, recalibrate
from use_cases.advice.tuning.tuning_report import DAYS, GroupBaseRate
from use_cases.kernel.statistics.bands import two_sided
from use_cases.kernel.statistics.distributions import LEVEL, counts


def evidence_filter(
    profile: str, now: datetime, prompt_version: str | None = None
) -> ResponseFilter:
    """Returns the filter of the evidence for base rates: all users' responses of the last `DAYS` days."""
    return ResponseFilter(
        since=now - timedelta(days=DAYS), profile=profile, prompt_version=prompt_version
    )


def base_rates(
    rows: Iterable[Scored], current: CalibrationVersion | None
) -> Mapping[Key, BaseRate]:
    """Returns the base rate of each model and prompt version whose stated confidence is known to be
    useless.

    Rows in any order; those without an outcome are left out. The conditions: `FEWEST` outcomes, one
    for each event; `does_not_discriminate`; and the count of right ones differs from the prediction
    of the calibration in force (exact two-sided test, p < 0.05).
    """
    return {
        key: BaseRate(sum(row.right for row in each), len(each))
        for key, each in _groups(rows).items()
        if does_not_discriminate(each) and _is_off(each, current)
    }


def expected(rate: BaseRate) -> float:
    """Returns the prediction of a base rate for the next advice, 0 to 1: the share, but where all were
    right, or none, the nearer end of the interval, because no number of outcomes makes the next one
    certain.
    """
    low, high = rate.interval
    return low if rate.right == rate.n else high if not rate.right else rate.share


def describe_rate(key: Key, rate: BaseRate, scale: PhraseScale) -> GroupBaseRate:
    """Returns a base rate with its phrase, its model and its prompt version."""
    probability = round(CERTAIN * expected(rate))
    return GroupBaseRate(
        n=rate.n,
        right=rate.right,
        probability=rate.share,
        interval=rate.interval,
        phrase_key=scale.phrase(probability).key,
        phrase=scale.wording(probability),
        model=key[0],
        prompt_version=key[1],
    )


def _groups(rows: Iterable[Scored]) -> dict[Key, tuple[Scored, ...]]:
    resolved = [row for row in rows if row.resolved]
    grouped: dict[Key, list[Scored]] = {}
    for row in sorted(resolved, key=lambda row: (row.created_at, row.response_id)):
        grouped.setdefault((row.model, row.prompt_version), []).append(row)
    return {key: one_per_event(each) for key, each in grouped.items()}


def _is_off(rows: Sequence[Scored], current: CalibrationVersion | None) -> bool:
    shown = [recalibrate(row, current) for row in rows]
    return two_sided(counts(shown), sum(row.right for row in rows)) < LEVEL
