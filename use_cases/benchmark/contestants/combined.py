"""The best that evidence in the table allows: several kinds of evidence, each with guards.

Promises: an edit is made only where the table itself says what is right; where nothing can be known,
nothing is changed.
"""

from collections import defaultdict
from collections.abc import Sequence

from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.functional_dependencies import (
    LEAST_STRENGTH,
    FoundDependency,
    applicable,
    measure_dependencies,
)
from use_cases.benchmark.contestants.guarded_spelling import correct_misspellings
from use_cases.benchmark.contestants.guarded_vote import Rule, vote_with_guards
from use_cases.benchmark.contestants.repeated_rows import find_repeated_rows
from use_cases.benchmark.contestants.swapped_fields import put_fields_back
from use_cases.benchmark.contestants.value_formats import unify_formats
from use_cases.benchmark.model import Edit, Table, TableSchema

_LEAST_KEPT = 0.9
_LEAST_KEPT_WEAK = 0.95
_LEAST_SCATTERED = 0.5
_MOST_WEAK = 3


def combine_evidence(table: Table, schema: TableSchema) -> Sequence[Edit]:
    """Correct what dependencies, spelling and formats show to be wrong, and merge repeated rows."""
    draft = DraftTable(table)
    put_fields_back(draft)
    unify_formats(draft)
    rules = _rules(draft.table, schema)
    vote_with_guards(draft, rules)
    correct_misspellings(draft, rules)
    return [*draft.edits(), *find_repeated_rows(draft.table, schema, table)]


def _rules(table: Table, schema: TableSchema) -> Sequence[Rule]:
    """The stated dependencies and those found; of those that say little, the best for each column."""
    given = applicable(schema.dependencies, table)
    found, weak = list[Rule](), defaultdict[str, list[FoundDependency]](list)
    for one in measure_dependencies(table, _LEAST_KEPT):
        if one.dependency not in given:
            if one.strength >= LEAST_STRENGTH and one.scattered >= _LEAST_SCATTERED:
                found.append(Rule(one.dependency))
            elif one.kept >= _LEAST_KEPT_WEAK:
                weak[one.dependency.dependent].append(one)
    best = (
        one.dependency
        for ones in weak.values()
        for one in sorted(ones, key=lambda each: -each.kept)[:_MOST_WEAK]
    )
    return [
        *(Rule(one, given=True) for one in given),
        *found,
        *(Rule(one, weak=True) for one in best),
    ]
