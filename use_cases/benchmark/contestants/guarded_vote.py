"""Votes in the groups of dependencies, with guards: where the evidence can be read in two ways, no edit.

The guards are:
- a group needs rows enough, and a clear majority; a dependency that was found needs more than a stated one;
- no group of the cell may prefer its value: of two determinants that disagree, one is wrong;
- the rest of the row must fit the new value no worse than the old one;
- a row whose dependent values are, all of them, those of another group has a wrong determinant;
- an exception that another column explains (all rows of one state break the rule) is no error;
- of two cells of a row that each make the other wrong, the one is repaired whose new value the rest of the row
  fits better, or neither;
- a column that is nearly constant is corrected only where the value looks like a misspelling, and is at
  home in no group.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.functional_dependencies import GroupedRows, group_rows
from use_cases.benchmark.contestants.spelling import looks_misspelt
from use_cases.benchmark.model import Dependency, ErrorKind
from use_cases.benchmark.scoring.cell_equality import is_missing

_LEAST_ROWS = 3
_MAJORITY_GIVEN = 0.6
_MAJORITY_FOUND = 0.85
_MAJORITY_FILL = 0.9
_EXPLAINED = 0.8
_RARE = 0.02
_LONGEST_CODE = 3
_MOST_ROUNDS = 3
_NEAR = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """A dependency with what it may be used for.

    `given`: it is stated. `weak`: it says little, as its dependent column is nearly constant.
    """

    dependency: Dependency
    given: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class _Group:
    """The vote of one group on one cell: `own` rows have its value, `support` have the `winner`."""

    rule: Rule
    winner: str
    support: int
    own: int
    rows: int


def vote_with_guards(draft: DraftTable, rules: Sequence[Rule]) -> None:
    """Corrects the cells that their groups outvote, until nothing changes."""
    for _ in range(_MOST_ROUNDS):
        _Votes(draft, rules).cast()
        if not draft.commit():
            break


def judged_places(draft: DraftTable, rules: Sequence[Rule]) -> set[int]:
    """Returns the places of the rows whose value wins in a group of a rule with rows enough for a vote."""
    found = set[int]()
    for rule in rules:
        groups = group_rows(draft, rule.dependency)
        kept = groups.winners[groups.keys] == groups.dependent.codes
        enough = groups.sizes[groups.keys] >= _LEAST_ROWS
        found.update(np.flatnonzero(kept & enough).tolist())
    return found


def explained_by_another(draft: DraftTable, column: str, places: Sequence[int]) -> set[int]:
    """Returns those of the places whose exceptions in the column come with a value of another column,
    one of the nearest.
    """
    found = set[int]()
    if len(places) < _LEAST_ROWS:
        return found
    at = draft.table.columns.index(column)
    for other in map(draft.column, draft.table.columns[max(0, at - _NEAR) : at + _NEAR + 1]):
        if other.name != column and other.total:
            here = other.codes[places]
            counts = np.bincount(here[here >= 0], minlength=len(other.counts))
            often = (counts >= _LEAST_ROWS) & (counts >= _EXPLAINED * other.counts)
            if often.any():
                found.update(np.array(places)[np.append(often, False)[here]].tolist())
    return found


def _error(old: str, new: str) -> ErrorKind:
    if is_missing(old):
        return ErrorKind.DISGUISED_MISSING if old.strip() else ErrorKind.EXPLICIT_MISSING
    return ErrorKind.TYPO if looks_misspelt(old, new) else ErrorKind.BROKEN_DEPENDENCY


class _Votes:
    def __init__(self, draft: DraftTable, rules: Sequence[Rule]) -> None:
        self._draft = draft
        self._table = draft.table
        self._of_column = defaultdict[str, list[tuple[Rule, GroupedRows]]](list)
        self._by_determinants = defaultdict[tuple[str, ...], list[GroupedRows]](list)
        for rule in rules:
            groups = group_rows(draft, rule.dependency)
            self._of_column[rule.dependency.dependent].append((rule, groups))
            if not rule.weak:
                self._by_determinants[rule.dependency.determinants].append(groups)
        self._misplaced = {
            (determinants, place)
            for determinants, groups in self._by_determinants.items()
            for place in (_misplaced(groups) if len(groups) > 1 else ())
        }

    def cast(self) -> None:
        """Notes the cells that are outvoted; without a repair where the cell has no other defence than that its
        determinant may be wrong.
        """
        cast = {column: self._cast_on(column, rules) for column, rules in self._of_column.items()}
        sure = {(at, name): best for name, (found, _) in cast.items() for at, best in found.items()}
        for column, (found, doubted) in cast.items():
            cells = self._table.by_name[column]
            for place, best in {**doubted, **found}.items():
                lead = self._lead(place, column, sure)
                if lead < 0:
                    continue
                names = " and ".join(best.rule.dependency.determinants)
                said = f"{best.support} of {best.rows} rows with the same {names} have {best.winner!r}."
                repaired = place in found and lead > 0
                kind = (
                    _error(cells[place], best.winner) if repaired else ErrorKind.BROKEN_DEPENDENCY
                )
                self._draft.find(place, column, kind, said, best.winner if repaired else None)

    def _lead(self, place: int, column: str, sure: Mapping[tuple[int, str], _Group]) -> float:
        """Returns how much better the repair of a cell fits the rest of its row than that of a determinant which
        the cell itself makes wrong.
        """
        best = sure.get((place, column))
        names = best.rule.dependency.determinants if best else ()
        leads = [inf]
        for name in names:
            other = sure.get((place, name))
            if best and other and column in other.rule.dependency.determinants:
                gain = self._gain(place, column, best.winner, name)
                leads.append(gain - self._gain(place, name, other.winner, column))
        return min(leads)

    def _cast_on(
        self, column: str, rules: Sequence[tuple[Rule, GroupedRows]]
    ) -> tuple[Mapping[int, _Group], Mapping[int, _Group]]:
        """Returns the cells of a column that their groups outvote, by place: surely, and perhaps."""
        cells = self._table.by_name[column]
        home = set[str]().union(*(groups.big(_LEAST_ROWS) for _, groups in rules))
        counts = self._draft.column(column).known
        found, doubted = dict[int, _Group](), dict[int, _Group]()
        for place in sorted({place for _, each in rules for place in each.contested()}):
            groups = list(self._groups_of(place, column))
            best = _strongest(groups, cells[place])
            if best is None:
                continue
            misspelt = cells[place] not in home and _is_misspelling(cells[place], best, counts)
            if self._is_enough(place, column, best, groups, misspelt=misspelt):
                found[place] = best
            elif not is_missing(cells[place]) and _has_majority(best):
                doubted[place] = best
        for ones in (found, doubted):
            for place in self._explained(column, ones):
                del ones[place]
        return found, doubted

    def _is_enough(
        self, place: int, column: str, best: _Group, groups: Sequence[_Group], *, misspelt: bool
    ) -> bool:
        """Returns whether the evidence is enough for a repair."""
        value = self._table.by_name[column][place]
        if is_missing(value):
            return _may_fill(best)
        if not best.rule.given and _is_other_form(value, best.winner):
            return False
        if misspelt:
            return best.support >= 2 and best.support > best.own * 2
        return (
            _has_majority(best)
            and self._is_corroborated(place, column, best, groups)
            and self._gain(place, column, best.winner) >= 0
        )

    def _groups_of(self, place: int, column: str) -> Iterator[_Group]:
        for rule, grouped in self._of_column[column]:
            counts = grouped.votes_on(place)
            if counts and (rule.dependency.determinants, place) not in self._misplaced:
                winner = next(iter(counts))
                own = counts.get(self._table.by_name[column][place], 0)
                yield _Group(rule, winner, counts[winner], own, sum(counts.values()))

    def _gain(self, place: int, column: str, new: str, besides: str = "") -> int:
        """Returns how many more cells of the row, besides that of a column, are what the value in the column
        makes them, as a determinant, where the value is the new one.
        """
        others = [
            each
            for each in self._by_determinants.get((column,), ())
            if each.dependency.dependent != besides
        ]

        def fit(value: str) -> int:
            group = self._draft.column(column).code_of.get(value, -1)
            return sum(each.winner(group) == self._determined(each, place) for each in others)

        return fit(new) - fit(self._table.by_name[column][place])

    def _determined(self, groups: GroupedRows, place: int) -> str:
        """Returns the cell of a row that its groups are about."""
        return self._table.by_name[groups.dependency.dependent][place]

    def _is_corroborated(
        self, place: int, column: str, best: _Group, groups: Sequence[_Group]
    ) -> bool:
        """Returns whether something else says that the row's determinant is right: the error may be
        there.
        """
        determinants = best.rule.dependency.determinants
        supporters = {
            group.rule.dependency.determinants
            for group in groups
            if group.winner == best.winner and group.support >= _LEAST_ROWS
        }
        others = [
            each
            for each in self._by_determinants[determinants]
            if each.dependency.dependent != column
        ]
        fitting = (e.winner(int(e.keys[place])) == self._determined(e, place) for e in others)
        return len(supporters) > 1 or (best.rule.given and not others) or any(fitting)

    def _explained(self, column: str, found: Mapping[int, _Group]) -> set[int]:
        """Exceptions that another column explains; a cell of a stated dependency is to be filled."""
        cells = self._table.by_name[column]
        changed = [place for place in found if not is_missing(cells[place])]
        filled = {place for place in found if not found[place].rule.given}.difference(changed)
        if filled:
            missing = cells.places_of(self._draft.column(column).absent)
            filled &= explained_by_another(self._draft, column, missing)
        return filled | explained_by_another(self._draft, column, changed)


def _strongest(groups: Sequence[_Group], value: str) -> _Group | None:
    """Returns the group with the most support for another value, unless a group prefers a third or the
    cell's.
    """
    against = [group for group in groups if group.winner != value]
    if not against:
        return None
    best = max(against, key=lambda group: (not group.rule.weak, group.support))
    least = min(best.support, _LEAST_ROWS)
    dissent = any(group.winner != best.winner and group.support >= least for group in groups)
    return None if dissent else best


def _may_fill(best: _Group) -> bool:
    given = best.rule.given
    share = _MAJORITY_GIVEN if given else _MAJORITY_FILL
    enough = best.support >= max(2 if given else _LEAST_ROWS, share * best.rows)
    return enough and not best.rule.weak


def _is_misspelling(value: str, best: _Group, counts: Mapping[str, int]) -> bool:
    rare = counts.get(value, 0) <= max(1, _RARE * counts[best.winner])
    return looks_misspelt(value, best.winner) and (rare or not best.rule.weak)


def _is_other_form(value: str, other: str) -> bool:
    """Returns whether texts differ in case alone, or are short codes of a list: neither is an error."""
    codes = len(value) == len(other) <= _LONGEST_CODE and value.isupper() and other.isupper()
    return codes or value.casefold() == other.casefold()


def _has_majority(best: _Group) -> bool:
    least = _MAJORITY_GIVEN if best.rule.given else _MAJORITY_FOUND
    return not best.rule.weak and best.support >= max(_LEAST_ROWS, least * best.rows)


def _misplaced(groups: Sequence[GroupedRows]) -> Iterator[int]:
    """Returns the places of the rows that differ from their group in two columns, and equal another in
    all.
    """
    usual = np.array([each.winners for each in groups])
    known = {tuple(each) for each in usual[:, (usual >= 0).all(axis=0)].T.tolist()}
    mine = usual[:, groups[0].keys]
    cells = np.array([each.dependent.codes for each in groups])
    doubtful = ((cells != mine).sum(axis=0) > 1) & (mine >= 0).all(axis=0)
    for place in np.flatnonzero(doubtful).tolist():
        if tuple(cells[:, place].tolist()) in known:
            yield place
