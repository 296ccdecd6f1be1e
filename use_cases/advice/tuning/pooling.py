"""For which responses a map is fitted: each model and prompt version by itself, or pooled.

The number that a model states follows the prompt's examples, so a map is fitted for each (model,
prompt version) whose own outcomes pass the guards. What is left without a map is served by one
fitted over all prompt versions of its model, and what is then still left by one over all models.

Promises: a map is compared with what is in force for just its responses; at each level the 5 % of
error are shared among the maps tried; a pooled map is not forced on a group whose own outcomes say
that it would be worse. A map that nothing replaces stays as it is. Leaves to others: the guards.

A pooled map needs two groups of `FEWEST_OF_GROUP` outcomes: one alone, and some few of another beside
it, say nothing of others, so new prompt versions and models begin as stated. It is fitted over all
groups, those with a map of their own included, but not over models that fit their chance themselves
(`maps.FITTED_BY_ITSELF`): they are pooled with nobody. One that no recorded outcome would be served
by is not put in force: nothing speaks for it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from math import fsum

from use_cases.advice.model import CalibrationVersion, FittedMap, Scored
from use_cases.advice.profile import CERTAIN
from use_cases.advice.tuning.cross_validation import Crossed, summed_up
from use_cases.advice.tuning.evidence import one_per_event
from use_cases.advice.tuning.guards import Examined, examined
from use_cases.advice.tuning.map_fit import UNCHANGED, CalibrationLine
from use_cases.advice.tuning.maps import Key, keys_of, map_in_force

FEWEST_OF_GROUP = 20
"""Outcomes, one for each event, with which a group counts among the two that a pooled map needs."""

_LEVELS = 3
"""A model's prompt version, a model, all models: the places of `keys_of`."""


@dataclass(slots=True)
class Pooled:
    """What was examined for which key, the maps that passed, and the groups that keep what they have."""

    current: CalibrationVersion | None
    examined: dict[Key, Examined] = field(default_factory=dict[Key, Examined])
    maps: dict[Key, FittedMap] = field(default_factory=dict[Key, FittedMap])
    kept: dict[Key, str] = field(default_factory=dict[Key, str])

    @property
    def merged(self) -> dict[Key, FittedMap]:
        """All maps of the version to be: those in force, replaced where a new one passed."""
        before = self.current.maps if self.current else ()
        return {(each.model, each.prompt_version): each for each in before} | self.maps

    def serving(self, row: Scored) -> Key | None:
        """The key of the map that would serve this row; None: as stated."""
        merged = self.merged
        return next((key for key in _keys(row) if key in merged), None)


def pooled(
    rows: Sequence[Scored],
    current: CalibrationVersion | None,
    *,
    fewest: int,
    finest_only: bool = False,
) -> Pooled:
    """Examine every level, finest first; rows are resolved, oldest first.

    `finest_only`: no map is pooled, for the rows are not all that a pooled one would have to know.
    """
    found = Pooled(current)
    for level in range(1 if finest_only else _LEVELS):
        sets = _sets(rows, level, found)
        tried = sum(len(each) >= fewest for each in sets.values())
        for key, each in sets.items():
            line = line_in_force(current, key)
            verdict = examined(each, line, fewest=fewest, tried=tried)
            found.examined[key] = verdict
            if not verdict.line or not verdict.crossed:
                continue
            spared = _unharmed(found, verdict.rows, verdict.crossed, line, fewest)
            if not level or _waiting(each, level, found, spared):
                found.maps |= spared
                found.maps[key] = _fitted(key, verdict.line, verdict.crossed, verdict.rows)
                _forget_kept(found, each, key)
    return found


def line_in_force(current: CalibrationVersion | None, key: Key) -> CalibrationLine:
    """The line that serves these responses now."""
    fitted = map_in_force(current, *key)
    return CalibrationLine(fitted.intercept, fitted.slope) if fitted else UNCHANGED


def effect(found: Pooled, rows: Iterable[Scored]) -> Crossed:
    """The paired differences of all rows that a new map would serve, each by the map it would get."""
    tried: dict[Key, dict[str, float]] = {}
    for key, verdict in found.examined.items():
        if key in found.maps and verdict.line and verdict.crossed:
            names = [row.response_id for row in verdict.rows]
            tried[key] = dict(zip(names, verdict.crossed.differences, strict=True))
    served = [(found.serving(row), row.response_id) for row in rows]
    differences = [tried[key].get(name) for key, name in served if key in tried]
    return summed_up([each for each in differences if each is not None])


def _keys(row: Scored) -> tuple[Key, ...]:
    """Whose maps may serve this row, finest first."""
    return keys_of(row.model, row.prompt_version)


def _sets(rows: Sequence[Scored], level: int, found: Pooled) -> dict[Key, tuple[Scored, ...]]:
    """The rows of each map to be tried at this level, one for each event."""
    grouped: dict[Key, list[Scored]] = {}
    for row in rows:
        for key in _keys(row)[level : level + 1]:
            grouped.setdefault(key, []).append(row)
    sets = {key: one_per_event(each) for key, each in grouped.items()}
    return {
        key: each
        for key, each in sets.items()
        if not level or (_says_of_others(each, level) and _waiting(each, level, found, ()))
    }


def _says_of_others(rows: Sequence[Scored], level: int) -> bool:
    """Whether two finer groups at least have enough of these rows each."""
    sizes = Counter(_keys(row)[level - 1] for row in rows)
    return sum(size >= FEWEST_OF_GROUP for size in sizes.values()) > 1


def _waiting(rows: Sequence[Scored], level: int, found: Pooled, spared: Collection[Key]) -> bool:
    """Whether a row has no map of a finer level, also when the spared groups have theirs."""
    has = found.merged.keys() | set(spared)
    return any(has.isdisjoint(_keys(row)[:level]) for row in rows)


def _unharmed(
    found: Pooled, rows: Sequence[Scored], tested: Crossed, line: CalibrationLine, fewest: int
) -> dict[Key, FittedMap]:
    """Of groups that a pooled map would make worse: what they have now as a map of their own.

    Before the pooled map itself is added: then a group is served by a finer map, or by `line`.
    """
    differences: dict[Key, list[float]] = {}
    of_group: dict[Key, list[Scored]] = {}
    for row, difference in zip(rows, tested.differences, strict=True):
        differences.setdefault(_keys(row)[0], []).append(difference)
        of_group.setdefault(_keys(row)[0], []).append(row)
    served = {_keys(row)[0] for row in rows if _line_of(found, row) != line}
    spared: dict[Key, FittedMap] = {}
    for group, each in differences.items():
        if group in served or len(each) < fewest or fsum(each) <= 0 or group in found.merged:
            continue
        still = Crossed((0.0,) * len(each), 0.0, 0.0, 0.0, 0.0)
        spared[group] = _fitted(group, line, still, of_group[group])
        found.kept[group] = (
            f"On its own {len(each)} outcomes the pooled map would change the Brier score by "
            f"{fsum(each) / len(each):+.4f}, so this group keeps its own calibration."
        )
    return spared


def _forget_kept(found: Pooled, rows: Sequence[Scored], key: Key) -> None:
    """Groups that were kept from one pooled map, and are served by this coarser one now."""
    for group in {_keys(row)[0] for row in rows if found.serving(row) == key}:
        found.kept.pop(group, None)


def _line_of(found: Pooled, row: Scored) -> CalibrationLine:
    """The line that would serve this row as far as maps are found."""
    key = found.serving(row)
    fitted = found.merged[key] if key else None
    return CalibrationLine(fitted.intercept, fitted.slope) if fitted else UNCHANGED


def _fitted(key: Key, line: CalibrationLine, tested: Crossed, rows: Sequence[Scored]) -> FittedMap:
    stated = [row.stated / CERTAIN for row in rows]
    return FittedMap(
        model=key[0],
        prompt_version=key[1],
        intercept=line.intercept,
        slope=line.slope,
        n=len(tested.differences),
        effect=tested.mean,
        effect_low=tested.low,
        effect_high=tested.high,
        stated_from=min(stated),
        stated_to=max(stated),
    )
