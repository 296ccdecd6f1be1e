"""Auditability: does a cleaner do what it says, and say what it does?

Promises: claims are compared with the difference between the two tables, cell by cell: a map is its
cells, a removed row or column all of its cells. Leaves to others: whether the changes are right.

The score is the F1 of claims against changes, after the precision and the recall of citations (ALCE, Gao
and others, EMNLP 2023). In a list of edits the list is the change, so there the score says nothing, and
the number of rejected edits and the reasons say more.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import fsum

from use_cases.benchmark.model import (
    MISSING,
    CellAddress,
    Edit,
    EditKind,
    ErrorKind,
    InjectedError,
    ValueKind,
)
from use_cases.benchmark.scoring.cell_equality import EqualityRule, same_cell
from use_cases.benchmark.scoring.cell_outcomes import EDITED, CellOutcomes
from use_cases.benchmark.scoring.repair_scores import Retrieval, retrieval


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditScores:
    """Claims against changes under one rule.

    Precision is the share of claims that are so, recall the share of changes that were claimed, and the
    score their F1: 1 where nothing was changed or claimed, None where the cleaner failed: it said nothing
    that could be compared. `reason_accuracy` is the macro-averaged F1 of the
    claimed kinds of error against the injected ones, over changed cells with an injected error; None
    without any.
    """

    claims: int
    changes: int
    claims_and_changes: Retrieval
    auditability_score: float | None
    reason_accuracy: float | None


def audit_claims(
    claims: Sequence[Edit],
    outcomes: CellOutcomes,
    rule: EqualityRule,
    *,
    kinds: Mapping[str, ValueKind],
    errors: Iterable[InjectedError] = (),
) -> AuditScores:
    """Compares what was claimed with what was changed. `errors` are those that were injected."""
    said, confirmed = set[Hashable](), set[CellAddress]()
    reasons: dict[tuple[str, str | None], ErrorKind] = {}
    rows_with = cache(partial(_rows_with, outcomes))
    tables = outcomes.tables
    for claim in claims:
        old = claim.old if claim.kind in (EditKind.CELL, EditKind.MAP) else None
        cells = list(_cells(claim, outcomes, rows_with))
        said.update(cells or [claim])  # one that is about no cell is one false claim
        for row, column, new in cells:
            at, place = outcomes.column_of.get(column), outcomes.place_of.get(row)
            if at is None or place is None or not outcomes.by_rule[rule][at, place] & EDITED:
                continue
            same = partial(same_cell, kind=kinds.get(column), rule=rule)
            was = old is None or same(tables.dirty[at][place], old)
            if was and same(tables.output[at][place], new):
                confirmed.add((row, column))
                reasons.setdefault((row, column), claim.error)
                if new == MISSING:
                    reasons.setdefault((row, None), claim.error)
    changes = outcomes.count(rule).edits
    found = retrieval(len(confirmed), len(said), changes)
    return AuditScores(
        claims=len(said),
        changes=changes,
        claims_and_changes=found,
        auditability_score=found.f1,
        reason_accuracy=_reason_accuracy(reasons, errors),
    )


def _rows_with(outcomes: CellOutcomes, column: str) -> Mapping[str, Sequence[str]]:
    found, place = defaultdict[str, list[str]](list), outcomes.column_of.get(column)
    texts = () if place is None else outcomes.tables.dirty[place]
    for row, text in zip(outcomes.tables.rows, texts, strict=False):
        found[text].append(row)
    return found


def _cells(
    claim: Edit, outcomes: CellOutcomes, rows_with: Callable[[str], Mapping[str, Sequence[str]]]
) -> Iterator[tuple[str, str, str]]:
    """Yields the cells that a claim is about, each with the value that it is said to have now."""
    tables = outcomes.tables
    if claim.kind is EditKind.DELETE and not claim.rows and claim.column is not None:
        yield from ((row, claim.column, MISSING) for row in tables.rows)
    elif claim.kind in (EditKind.DELETE, EditKind.MERGE):
        for row in claim.rows[claim.kind is EditKind.MERGE :]:
            yield from ((row, column, MISSING) for column in tables.columns)
    elif claim.column is not None and claim.new is not None:
        one = claim.kind is EditKind.CELL
        rows = claim.rows if one else rows_with(claim.column).get(claim.old or "", ())
        yield from ((row, claim.column, claim.new) for row in rows)


def _reason_accuracy(
    claimed: Mapping[tuple[str, str | None], ErrorKind], errors: Iterable[InjectedError]
) -> float | None:
    pairs = [
        (each.kind, claimed[each.row, each.column])
        for each in errors
        if (each.row, each.column) in claimed
    ]
    if not pairs:
        return None
    true, said = (Counter(kinds) for kinds in zip(*pairs, strict=True))
    hits = Counter(kind for kind, claim in pairs if kind is claim)
    scores = [retrieval(hits[kind], said[kind], true[kind]).f1 for kind in true | said]
    return fsum(scores) / len(scores)
