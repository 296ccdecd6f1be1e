"""Uniqueness: which pairs of rows were found to be one entity, and was the right record kept?

Promises: a removed row that is no duplicate is a false pair; a duplicate that was kept in place of its
original is compared with the original's true cells. Leaves to others: the cells of removed rows
(`repair_scores.py`). The pairwise measure is that of record linkage (Christen, Data Matching, 2012).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from use_cases.benchmark.model import Edit, EditKind, Table
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.cell_outcomes import IS_RIGHT, CellOutcomes
from use_cases.benchmark.scoring.repair_scores import Retrieval, retrieval, share


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateScores:
    """Pairs of rows of one entity, found and true; and the cells of the records that were kept.

    `survivor_accuracy` is the share of the true cells of every entity with duplicates that the record
    has which the output kept of it: None without such an entity.
    """

    true_pairs: int
    found_pairs: int
    pairs: Retrieval
    survivor_accuracy: float | None


def score_duplicates(
    dirty: Table,
    output: Table,
    duplicates: Mapping[str, str],
    claims: Iterable[Edit],
    survivors: CellOutcomes,
    rule: EqualityRule,
) -> DuplicateScores:
    """Compare the rows that were merged or removed with `duplicates`, each with its original.

    A merge is a group of rows, where those that it removes are really gone. Any other removed row belongs
    to the group of its entity, if a row of that was kept, else it is a pair with an unknown row: false.
    `survivors` are the outcomes where a duplicate stands in for its original.
    """
    groups = _Groups()
    removed = dirty.place_of.keys() - output.place_of.keys()
    merged = set[str]()
    for claim in claims:
        if claim.kind is EditKind.MERGE and removed.issuperset(claim.rows[1:]):
            groups.join(claim.rows)
            merged.update(claim.rows[1:])
    entity = {row: duplicates.get(row, row) for row in dirty.ids}
    kept = {entity[row]: row for row in reversed(dirty.ids) if row in output.place_of}
    alone = 0
    for row in removed - merged:
        if entity[row] in kept:
            groups.join((kept[entity[row]], row))
        else:
            alone += 1
    found = hits = 0
    for rows in groups.all():
        found += _pairs(len(rows))
        hits += sum(_pairs(n) for n in Counter(entity.get(row, row) for row in rows).values())
    true = sum(_pairs(n) for n in Counter(entity.values()).values())
    return DuplicateScores(
        true_pairs=true,
        found_pairs=found + alone,
        pairs=retrieval(hits, found + alone, true),
        survivor_accuracy=_survivor_accuracy(set(duplicates.values()), survivors, rule),
    )


def _pairs(rows: int) -> int:
    return rows * (rows - 1) // 2


def _survivor_accuracy(
    originals: Iterable[str], outcomes: CellOutcomes, rule: EqualityRule
) -> float | None:
    flags = [
        outcomes.flags(column, outcomes.place_of[row], rule)
        for row in originals
        for column in range(len(outcomes.bits))
    ]
    return share(sum(each & IS_RIGHT > 0 for each in flags), len(flags))


class _Groups:
    """Disjoint groups of rows."""

    def __init__(self) -> None:
        self._group_of: dict[str, set[str]] = {}

    def join(self, rows: Sequence[str]) -> None:
        """Make one group of these rows and of the groups they are in."""
        whole = set(rows).union(*(self._group_of.get(row, ()) for row in rows))
        self._group_of.update(dict.fromkeys(whole, whole))

    def all(self) -> Iterable[set[str]]:
        """Every group, once."""
        return {id(group): group for group in self._group_of.values()}.values()
