"""The likely values of missing cells, from what stands beside the known cells of their column.

A part of another column may tell a value: the first word of a telephone number tells the city. How far it does
is seen in the known cells. The chance that a cell has the most frequent value of its group is the m-estimate of
that value's share, (most + m * share) / (cells + m) with m = 2, where `share` is that of all groups, each cell told
by the others of its group (Cestnik, Estimating probabilities: a crucial task in machine learning, 1990).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.functional_dependencies import group_rows
from use_cases.benchmark.model import Dependency, TextTable

_LEAST_CHANCE = 0.7
_DRAWN = 2
_LEAST_TOLD = 10
_WORD = re.compile(r"[^\W_]+")


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text)).casefold()


def _first(text: str) -> str:
    return next(iter(_WORD.findall(text)), "")


def _last(text: str) -> str:
    return next(reversed(_WORD.findall(text)), "")


_PARTS: Mapping[str, Callable[[str], str]] = {
    "": str,
    "letters and digits of ": _letters,
    "first word of ": _first,
    "last word of ": _last,
}


@dataclass(frozen=True, slots=True)
class LikelyValue:
    """A value that a missing cell may have, and the chance that it has it, 0 to 1."""

    value: str
    chance: float
    evidence: str


def likely_values(
    table: TextTable, column: str, places: Sequence[int]
) -> Mapping[int, LikelyValue]:
    """Returns the likely values of cells of a column, by their places; none that is less likely than 7 of 10."""
    cells = table.by_name[column]
    found = dict[int, LikelyValue]()
    for name, others in table.by_name.items():
        for said, part in _PARTS.items() if name != column else ():
            both = TextTable(("told", "by"), table.ids, (cells, others.mapped(part)))
            groups = group_rows(DraftTable(both), Dependency(("by",), "told"))
            told = np.maximum(groups.sizes - 1, 0).sum()
            share = np.maximum(groups.support - 1, 0).sum() / max(_LEAST_TOLD, told)
            chances = (groups.support + _DRAWN * share) / (groups.sizes + _DRAWN)
            chances[groups.sizes == 0] = 0
            for place, chance in zip(places, chances[groups.keys[places]].tolist(), strict=True):
                before = found[place].chance if place in found else _LEAST_CHANCE
                if chance > before:
                    votes = groups.votes_on(place)
                    value, count = next(iter(votes.items()))
                    evidence = f"{count} of {sum(votes.values())} rows with the same {said}{name} have {value!r}."
                    found[place] = LikelyValue(value, chance, evidence)
    return found
