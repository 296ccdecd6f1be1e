"""Votes in the groups of functional dependencies: the majority's value wins.

A cell that several dependencies determine gets one vote from every row of each of its groups. A corrected
cell may bring its row into the right group, so the vote is repeated until nothing changes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from use_cases.benchmark.contestants.functional_dependencies import (
    applicable,
    group_rows,
)
from use_cases.benchmark.model import (
    CellAddress,
    Dependency,
    Edit,
    EditKind,
    ErrorKind,
    Table,
    TableSchema,
)
from use_cases.benchmark.scoring.cell_equality import is_missing

_MOST_ROUNDS = 3


def vote_given(table: Table, schema: TableSchema) -> Sequence[Edit]:
    """Vote with the dependencies of the schema."""
    return vote(table, applicable(schema.dependencies, table))


def vote(table: Table, dependencies: Sequence[Dependency]) -> Sequence[Edit]:
    """One edit for each cell that has not its majority's value after the last round."""
    edits = dict[CellAddress, Edit]()
    current = table
    for _ in range(_MOST_ROUNDS):
        changed = list(_round(current, dependencies))
        if not changed:
            break
        for row, column, new, reason in changed:
            old = table.cell(row, column)
            edits[row, column] = Edit(
                kind=EditKind.CELL,
                rows=(row,),
                column=column,
                old=old,
                new=new,
                error=ErrorKind.EXPLICIT_MISSING
                if is_missing(old)
                else ErrorKind.BROKEN_DEPENDENCY,
                reason=reason,
            )
        current = current.with_cells({(row, column): new for row, column, new, _ in changed})
    return [edit for edit in edits.values() if edit.new != edit.old]


def _round(table: Table, dependencies: Sequence[Dependency]) -> Iterator[tuple[str, str, str, str]]:
    """Row, column, new value and reason of each cell that loses a vote."""
    of_column = defaultdict[str, list[Dependency]](list)
    for one in dependencies:
        of_column[one.dependent].append(one)
    for column, ones in of_column.items():
        groups = [group_rows(table, one) for one in ones]
        names = ", ".join(dict.fromkeys(name for one in ones for name in one.determinants))
        for place in sorted({place for one in groups for place in one.contested(table)}):
            votes = Counter[str]()
            for one in groups:
                votes.update(one.votes_on(place))
            winner, support = max(votes.items(), key=lambda item: item[1])
            if winner != table.by_name[column][place] and support * 2 > votes.total():
                reason = f"{support} of {votes.total()} votes of rows with the same {names}."
                yield table.ids[place], column, winner, reason
