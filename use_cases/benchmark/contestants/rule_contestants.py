"""The contestants that need no model, by name.

Promises: no call of a model, no cost, and the same edits for the same table. Each is a function that proposes
edits, in a thread of its own, so that a big table does not hold up what else runs. A cancelled one is not
waited for, nor is its thread when the process ends, so that Ctrl-C ends a long computation at once.

- `mode` looks at one column at a time. It is on the leaderboard as a warning: it changes cells that are right,
  for an empty cell often is.
- `dependencies` votes in the groups of functional dependencies: the majority's value wins. A cell that several
  dependencies determine gets one vote from every row of each of its groups. A corrected cell may bring its row
  into the right group, so the vote is repeated until nothing changes.
- `combined` is in `combined.py`.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import Final

from use_cases.benchmark.contestants.combined import combine_evidence
from use_cases.benchmark.contestants.draft_table import DraftTable, repairs
from use_cases.benchmark.contestants.functional_dependencies import applicable, group_rows
from use_cases.benchmark.model import (
    Dependency,
    Dimension,
    Edit,
    EditKind,
    ErrorKind,
    Finding,
    TableSchema,
    TextTable,
)
from use_cases.benchmark.ports import UNPAID, Cleaning, CleaningRequest
from use_cases.benchmark.scoring.cell_equality import is_missing


@dataclass(frozen=True, slots=True)
class RuleContestant:
    """A contestant without a model. `description` is one line for lists of contestants.

    `leaves` are dimensions whose errors it has no means to repair: a task of these in which it changes nothing is
    not attempted.
    """

    name: str
    description: str
    propose: Callable[[TextTable, TableSchema], Sequence[Edit | Finding]]
    leaves: frozenset[Dimension] = frozenset()

    async def clean(self, request: CleaningRequest) -> Cleaning:
        """Proposes the edits of the rule."""
        found = Future[Cleaning]()
        Thread(target=self._find, args=(request, found), name=self.name, daemon=True).start()
        return await asyncio.wrap_future(found)

    def _find(self, request: CleaningRequest, found: Future[Cleaning]) -> None:
        found.set_running_or_notify_cancel()
        try:
            proposed = self.propose(request.dirty, request.schema)
            findings = [each for each in proposed if isinstance(each, Finding)]
            edits = [each for each in proposed if isinstance(each, Edit)]
            edits += repairs(findings)
            found.set_result(Cleaning(edits=edits, findings=findings, **UNPAID.by_name()))
        except Exception as error:  # noqa: BLE001  (raised where the edits are awaited)
            found.set_exception(error)


def fill_with_mode(table: TextTable, schema: TableSchema) -> Sequence[Edit]:
    """Replaces every missing cell by the column's most frequent value, the first one of several."""
    del schema
    edits = list[Edit]()
    for name, cells in table.by_name.items():
        counts = Counter(cells)
        missing = [value for value in counts if is_missing(value)]
        known = [(count, value) for value, count in counts.items() if not is_missing(value)]
        count, mode = max(known, key=lambda pair: pair[0], default=(0, ""))
        said = (
            f"The cell is missing; {mode!r} is the most frequent value of {name} ({count} cells)."
        )
        for old in missing if known else ():
            kind = ErrorKind.DISGUISED_MISSING if old.strip() else ErrorKind.EXPLICIT_MISSING
            edits.append(Edit(EditKind.MAP, (), name, old, mode, kind, said))
    return edits


_MOST_ROUNDS = 3


def vote_given(table: TextTable, schema: TableSchema) -> Sequence[Edit]:
    """Returns one edit for each cell that has not its majority's value after the last round of votes by the
    dependencies of the schema.
    """
    draft, of_column = DraftTable(table), defaultdict[str, list[Dependency]](list)
    for one in applicable(schema.dependencies, table):
        of_column[one.dependent].append(one)
    for _ in range(_MOST_ROUNDS):
        for column, ones in of_column.items():
            _vote(draft, column, ones)
        if not draft.commit():
            break
    return repairs(draft.findings())


def _vote(draft: DraftTable, column: str, dependencies: Sequence[Dependency]) -> None:
    """Corrects the cells of a column that lose a vote."""
    groups = [group_rows(draft, one) for one in dependencies]
    names = ", ".join(dict.fromkeys(name for one in dependencies for name in one.determinants))
    for place in sorted({place for one in groups for place in one.contested()}):
        votes = Counter[str]()
        for one in groups:
            votes.update(one.votes_on(place))
        winner, support = max(votes.items(), key=lambda item: item[1])
        if winner != draft.table.by_name[column][place] and support * 2 > votes.total():
            missing = is_missing(draft.dirty.by_name[column][place])
            kind = ErrorKind.EXPLICIT_MISSING if missing else ErrorKind.BROKEN_DEPENDENCY
            said = f"{support} of {votes.total()} votes of rows with the same {names}."
            draft.find(place, column, kind, said, winner)


RULE_CONTESTANTS: Final[Mapping[str, RuleContestant]] = {
    one.name: one
    for one in (
        RuleContestant(
            "nothing", "Changes nothing: the score that any cleaner must beat.", lambda _, __: ()
        ),
        RuleContestant(
            "mode",
            "Fills missing cells with the most frequent value of their column.",
            fill_with_mode,
            frozenset({Dimension.ACCURACY, Dimension.CONSISTENCY, Dimension.UNIQUENESS}),
        ),
        RuleContestant(
            "dependencies",
            "Votes in the groups of the functional dependencies that the schema states.",
            vote_given,
            frozenset({Dimension.UNIQUENESS}),
        ),
        RuleContestant(
            "combined",
            "Finds what forms, dependencies, spelling and repetition show to be wrong; repairs what is sure.",
            combine_evidence,
        ),
    )
}
"""Every contestant is deterministic and looks at nothing but the dirty table and its schema."""
