"""Where stated confidence tells nothing: what can be said instead, the share that was right.

Promises: said only where no map can be fitted because higher stated confidence does not go with
being right, and where what is shown is wrong beyond chance. Leaves to others: what advice shows,
which this does not change.
"""

from collections.abc import Iterable, Sequence
from math import fsum

from use_cases.advice.model import CalibrationVersion, OutcomeState, Scored
from use_cases.advice.profile import CERTAIN, PhraseScale
from use_cases.advice.statistics.band_tests import LEVEL, holm, two_sided
from use_cases.advice.statistics.poisson_binomial import counts
from use_cases.advice.tuning.crossing import is_right
from use_cases.advice.tuning.evidence import FEWEST, one_per_event
from use_cases.advice.tuning.guard import tells_nothing
from use_cases.advice.tuning.maps import Key, calibrated, map_in_force


def told_by_nothing(
    rows: Iterable[Scored], current: CalibrationVersion | None, scale: PhraseScale
) -> tuple[str, ...]:
    """A sentence for each model and prompt version of which that is so; rows in any order.

    Beyond chance: the exact two-sided test of the count of right ones, one per event, against what
    the map in force makes of what was stated; below 0.05, Holm-adjusted for all groups told of.
    """
    groups = {key: each for key, each in _groups(rows).items() if tells_nothing(each, FEWEST)}
    shown = {key: [_shown(row, current) for row in each] for key, each in groups.items()}
    right = {key: sum(map(is_right, each)) for key, each in groups.items()}
    ps = holm([two_sided(counts(shown[key]), right[key]) for key in groups])
    return tuple(
        _sentence(key, right[key], shown[key], scale)
        for key, p in zip(groups, ps, strict=True)
        if p < LEVEL
    )


def _groups(rows: Iterable[Scored]) -> dict[Key, tuple[Scored, ...]]:
    resolved = [row for row in rows if row.outcome in (OutcomeState.RIGHT, OutcomeState.WRONG)]
    grouped: dict[Key, list[Scored]] = {}
    for row in sorted(resolved, key=lambda row: (row.created_at, row.response_id)):
        grouped.setdefault((row.model, row.prompt_version), []).append(row)
    return {key: one_per_event(each) for key, each in grouped.items()}


def _shown(row: Scored, current: CalibrationVersion | None) -> float:
    return calibrated(row.stated, map_in_force(current, row.model, row.prompt_version)) / CERTAIN


def _sentence(key: Key, right: int, shown: Sequence[float], scale: PhraseScale) -> str:
    share = right / len(shown)
    return (
        f"{key[0]}, {key[1]}: stated confidence tells nothing here. Whatever is stated, "
        f"{share:.0%} of {len(shown)} were right, {fsum(shown) / len(shown):.0%} by what is shown: "
        f"say {scale.phrase(round(CERTAIN * share)).phrase!r} of each."
    )
