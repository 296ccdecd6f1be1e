"""Auditability: does a cleaner do what it says, and say what it does?

Promises: claims are compared with the difference between the two tables, cell by cell: a map is its
cells, a removed row or column all of its cells. Leaves to others: whether the changes are right.

The score is the F1 of claims against changes, after the precision and the recall of citations (ALCE, Gao
and others, EMNLP 2023). In a list of edits the list is the change, so there the score says nothing, and
the number of rejected edits and the reasons say more.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from use_cases.benchmark.model import (
    MISSING,
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
    audit = _Audit(outcomes, rule, kinds)
    for claim in claims:
        audit.check(claim)
    changes = outcomes.count(rule).edits
    found = retrieval(audit.hits, audit.claims, changes)
    return AuditScores(
        claims=audit.claims,
        changes=changes,
        claims_and_changes=found,
        auditability_score=found.f1,
        reason_accuracy=_reason_accuracy(audit.reasons, errors),
    )


class _Audit:
    def __init__(
        self, outcomes: CellOutcomes, rule: EqualityRule, kinds: Mapping[str, ValueKind]
    ) -> None:
        self._outcomes = outcomes
        self._rule = rule
        self._kinds = kinds
        self._rows_with: dict[str, Mapping[str, Sequence[str]]] = {}
        self._seen = set[Hashable]()
        self._confirmed = set[Hashable]()
        self.reasons: dict[tuple[str, str | None], ErrorKind] = {}

    @property
    def claims(self) -> int:
        """The distinct claims."""
        return len(self._seen)

    @property
    def hits(self) -> int:
        """The changes that were claimed."""
        return len(self._confirmed)

    def check(self, claim: Edit) -> None:
        """Counts a claim, cell by cell; one that is about no cell is one false claim."""
        cells = list(self._cells(claim))
        if not cells:
            self._seen.add(claim)
        for row, column, new in cells:
            self._seen.add((row, column, new))
            if self._is_so(claim, row, column, new):
                self._confirmed.add((row, column))
                self.reasons.setdefault((row, column), claim.error)
                if new == MISSING:
                    self.reasons.setdefault((row, None), claim.error)

    def _cells(self, claim: Edit) -> Iterator[tuple[str, str, str]]:
        """Returns the cells that a claim is about, each with the value that it is said to have now."""
        tables = self._outcomes.tables
        if claim.kind is EditKind.DELETE and not claim.rows and claim.column is not None:
            yield from ((row, claim.column, MISSING) for row in tables.rows)
        elif claim.kind in (EditKind.DELETE, EditKind.MERGE):
            for row in claim.rows[claim.kind is EditKind.MERGE :]:
                yield from ((row, column, MISSING) for column in tables.columns)
        elif claim.column is not None and claim.new is not None:
            rows = self._rows_of(claim, claim.column)
            yield from ((row, claim.column, claim.new) for row in rows)

    def _rows_of(self, claim: Edit, column: str) -> Sequence[str]:
        """Returns the rows of a claim about a cell, or about every cell with one value."""
        if claim.kind is EditKind.CELL:
            return claim.rows
        if column not in self._rows_with:
            found = defaultdict[str, list[str]](list)
            place = self._outcomes.column_of.get(column)
            texts = () if place is None else self._outcomes.tables.dirty[place]
            for row, text in zip(self._outcomes.tables.rows, texts, strict=False):
                found[text].append(row)
            self._rows_with[column] = found
        return self._rows_with[column].get(claim.old or "", ())

    def _is_so(self, claim: Edit, row: str, column: str, new: str) -> bool:
        """Returns whether the cell was changed, from the old value if one is named, to the new one."""
        place = self._outcomes.place_of.get(row)
        in_column = self._outcomes.column_of.get(column)
        if place is None or in_column is None:
            return False
        if not self._outcomes.flags(in_column, place, self._rule) & EDITED:
            return False
        tables, kind = self._outcomes.tables, self._kinds.get(column)
        old = claim.old if claim.kind in (EditKind.CELL, EditKind.MAP) else None
        return same_cell(tables.output[in_column][place], new, kind, self._rule) and (
            old is None or same_cell(tables.dirty[in_column][place], old, kind, self._rule)
        )


def _reason_accuracy(
    claimed: Mapping[tuple[str, str | None], ErrorKind], errors: Iterable[InjectedError]
) -> float | None:
    pairs = Counter(
        (each.kind, claimed[each.row, each.column])
        for each in errors
        if (each.row, each.column) in claimed
    )
    if not pairs:
        return None
    kinds = {kind for pair in pairs for kind in pair}
    scores = [
        retrieval(
            pairs[kind, kind],
            sum(number for (_, said), number in pairs.items() if said is kind),
            sum(number for (true, _), number in pairs.items() if true is kind),
        ).f1
        for kind in kinds
    ]
    return fsum(scores) / len(scores)
