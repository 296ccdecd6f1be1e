"""Votes on what several sources report of one thing, where a source weighs as much as others confirm it.

A table of reports has a column that names where a row comes from, and one that names what it is about; a source
reports a thing once. Its sources contradict each other so often that no dependency is seen in it, and the most
frequent value is wrong where bad sources copy each other. So the sources are weighed by how far they agree with
the values that win, and the values by their sources, in turns (Yin, Han and Yu, 2008; Dong, Berti-Equille and
Srivastava, 2009).

Promises: without a statement a table is one of reports only where pairs of thing and source repeat so rarely
that chance is ruled out, and at least two columns depend on the thing, with exceptions, by far more than chance.
A cell is repaired where the winner is nearly sure, else it is found.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import exp, log

import numpy as np

from use_cases.benchmark.contestants.draft_table import Column, DraftTable
from use_cases.benchmark.contestants.functional_dependencies import is_no_chance, measure_dependency
from use_cases.benchmark.model import Dependency, ErrorKind
from use_cases.benchmark.scoring.cell_equality import is_missing

_LEAST_SOURCES = 4
_MOST_COLUMNS = 100
_LEAST_THINGS = 10
_LEAST_GROUP = 3.0
_LEAST_COLLISIONS = 30.0
_MOST_COLLISIONS = 0.02
_LEAST_STRENGTH = 0.4
_CONTRADICTED = 0.95
_LEAST_CONTRADICTED = 2

_TURNS = 6
_OTHER_VALUES = 10
_PRIOR = (4.0, 0.7)
_SURE = 0.98
_TEMPER = 0.5
_COPIED = 0.1
_NEARLY_ALWAYS = 0.95
_LEAST_COMPARED = 20
_MOST_COMPARED = 60
_LIKELY = 0.6


@dataclass(frozen=True, slots=True)
class Reports:
    """Columns of a table of reports: of things, of sources, and of what these say of those."""

    thing: str
    source: str
    said: Sequence[str]


def find_reports(draft: DraftTable, stated: Sequence[Dependency]) -> Reports | None:
    """Returns the reports of a table: of a thing that dependencies are stated of, else of one found."""
    columns = list(draft.columns())
    if len(columns) > _MOST_COLUMNS and not stated:
        return None
    sources = [each for each in columns if _may_be_source(each)]
    said = defaultdict[str, list[str]](list)
    for one in stated:
        if len(one.determinants) == 1:
            said[one.determinants[0]].append(one.dependent)
    things = [draft.column(name) for name in said] if stated else columns
    for thing, source in product(things, sources):
        names = said.get(thing.name) or [each.name for each in columns]
        enough = thing.name != source.name and thing.different >= _LEAST_THINGS
        if enough and source.name not in said[thing.name] and _is_pair(thing, source):
            others = [name for name in names if name not in (thing.name, source.name)]
            found = _said(draft, thing.name, source.name, others)
            if found:
                return Reports(thing.name, source.name, others if stated else found)
    return None


def _may_be_source(column: Column) -> bool:
    several = _LEAST_SOURCES <= column.different <= column.total / _LEAST_GROUP
    full = column.total == len(column.cells)
    return several and full and not (column.number_ways or column.date_form)


def _is_pair(thing: Column, source: Column) -> bool:
    """Returns whether a thing and a source meet in one row at most, and not by chance."""
    rows, several = len(thing.cells), thing.different * source.different
    if thing.different > thing.total / _LEAST_GROUP or several < rows:
        return False
    expected = rows**2 / 2 * _collision(thing) * _collision(source)
    if expected < _LEAST_COLLISIONS:
        return False
    pairs = (thing.codes.astype(np.int64) * len(source.values) + source.codes)[thing.codes >= 0]
    _, counts = np.unique(pairs, return_counts=True)
    return float((counts * (counts - 1) / 2).sum()) <= _MOST_COLLISIONS * expected


def _collision(column: Column) -> float:
    """Returns the chance that two rows have one value."""
    return float(((column.counts / len(column.cells)) ** 2).sum())


def _said(draft: DraftTable, thing: str, source: str, names: Sequence[str]) -> Sequence[str]:
    """Returns the columns that depend on the thing, if enough of them have exceptions."""
    found, contradicted = list[str](), 0
    for name in names:
        by_thing = measure_dependency(draft, Dependency((thing,), name))
        by_source = measure_dependency(draft, Dependency((source,), name))
        strength = by_source.strength if by_source else 0.0
        strong = by_thing and by_thing.strength >= max(_LEAST_STRENGTH, 2 * strength)
        if by_thing and strong and is_no_chance(by_thing, draft.table):
            found.append(name)
            contradicted += by_thing.kept < _CONTRADICTED
    return found if contradicted >= _LEAST_CONTRADICTED else []


def vote_by_sources(draft: DraftTable, reports: Reports) -> None:
    """Repairs what sources say of a thing, where other sources outweigh them."""
    sources = tuple(draft.table.by_name[reports.source])
    groups = defaultdict[str, list[int]](list)
    for place, thing in enumerate(draft.table.by_name[reports.thing]):
        if not is_missing(thing):
            groups[thing].append(place)
    polls = [
        _Poll(list(groups.values()), tuple(draft.table.by_name[name]), sources)
        for name in reports.said
    ]
    for poll in polls:
        poll.settle({})
    copies = _copies(polls)
    for name, poll in zip(reports.said, polls, strict=True):
        poll.settle(copies)
        for places, belief in zip(poll.groups, poll.beliefs, strict=True):
            winner, sure = max(belief.items(), key=lambda each: each[1], default=("", 0.0))
            support = sum(poll.cells[place] == winner for place in places)
            if support < 2 or sure < _LIKELY:
                continue
            said = f"{support} of {len(places)} rows of the same {reports.thing} have {winner!r}: {sure:.0%} by the weight of their {reports.source}."
            for place in places:
                if poll.cells[place] != winner:
                    missing = is_missing(poll.cells[place])
                    kind = ErrorKind.EXPLICIT_MISSING if missing else ErrorKind.BROKEN_DEPENDENCY
                    draft.find(place, name, kind, said, winner if sure >= _SURE else None)
    draft.commit()


class _Poll:
    """What sources say of one thing after the other, how likely each value is, and how far each is trusted."""

    def __init__(
        self, groups: Sequence[Sequence[int]], cells: Sequence[str], sources: Sequence[str]
    ) -> None:
        missing = {value for value in set(cells) if is_missing(value)}
        self.groups, self.cells, self.sources = groups, cells, sources
        self.voting = [[at for at in group if cells[at] not in missing] for group in groups]
        self.beliefs: Sequence[Mapping[str, float]] = []
        self.trusted = dict.fromkeys(sources, _PRIOR[1])

    def settle(self, copies: Mapping[str, frozenset[str]]) -> None:
        """Weighs values by their sources, and sources by their values, in turns; of sources that copy each
        other the most trusted one counts.
        """
        self.trusted = dict.fromkeys(self.trusted, _PRIOR[1])
        for _ in range(_TURNS):
            weights = {
                name: log(_OTHER_VALUES * right / (1 - right))
                for name, right in self.trusted.items()
            }
            self.beliefs = [self._belief(group, weights, copies) for group in self.voting]
            right, said = Counter[str](), Counter[str]()
            for group, belief in zip(self.voting, self.beliefs, strict=True):
                for place in group if len(group) > 1 else ():
                    right[self.sources[place]] += belief[self.cells[place]]  # pyright: ignore
                    said[self.sources[place]] += 1
            prior, share = _PRIOR
            self.trusted = {
                name: (right[name] + prior * share) / (said[name] + prior) for name in self.trusted
            }

    def _belief(
        self,
        group: Sequence[int],
        weights: Mapping[str, float],
        copies: Mapping[str, frozenset[str]],
    ) -> Mapping[str, float]:
        votes = defaultdict[str, float](float)
        counted = defaultdict[str, set[str]](set)
        for place in sorted(group, key=lambda at: -weights[self.sources[at]]):
            value, source = self.cells[place], self.sources[place]
            copied = not counted[value].isdisjoint(copies.get(source, ()))
            votes[value] += weights[source] * (_COPIED if copied else 1) * _TEMPER
            counted[value].add(source)
        most = max(votes.values(), default=0.0)
        chances = {value: exp(weight - most) for value, weight in votes.items()}
        total = sum(chances.values())
        return {value: chance / total for value, chance in chances.items()}


def _copies(polls: Sequence[_Poll]) -> Mapping[str, frozenset[str]]:
    """Returns for each source those that agree with it nearly always, and more often than both are right."""
    together, equal = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    expected = Counter[tuple[str, str]]()
    for poll in polls:
        for group in poll.voting:
            for one, other in combinations(group[:_MOST_COMPARED], 2):
                pair = poll.sources[one], poll.sources[other]
                together[pair] += 1
                equal[pair] += poll.cells[one] == poll.cells[other]
                a, b = poll.trusted[pair[0]], poll.trusted[pair[1]]
                expected[pair] += a * b + (1 - a) * (1 - b) / 2  # pyright: ignore
    found = defaultdict[str, set[str]](set)
    for (one, other), count in together.items():
        share, chance = equal[one, other] / count, expected[one, other] / count
        alike = share >= _NEARLY_ALWAYS and share - chance > (1 - chance) / 2
        if alike and count >= _LEAST_COMPARED:
            found[one].add(other)
            found[other].add(one)
    return {name: frozenset(others) for name, others in found.items()}
