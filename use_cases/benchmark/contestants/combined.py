"""What the table itself shows to be wrong, by several kinds of evidence, and the repairs that are sure.

Promises: a repair is made only where the table says what is right; where only the fault can be known, it
is found and nothing is changed. Each step sees the table as the one before has repaired it.
"""

from collections import defaultdict
from collections.abc import Sequence

from use_cases.benchmark.contestants.detectors import DETECTORS, examine_columns, misspellings
from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.functional_dependencies import (
    LEAST_STRENGTH,
    FoundDependency,
    applicable,
    is_no_chance,
    measure_dependencies,
)
from use_cases.benchmark.contestants.guarded_vote import Rule, judged_places, vote_with_guards
from use_cases.benchmark.contestants.row_detectors import (
    find_broken_order,
    find_broken_sums,
    find_misplaced,
    find_repeated_keys,
    find_repeated_rows,
)
from use_cases.benchmark.contestants.source_votes import find_reports, vote_by_sources
from use_cases.benchmark.model import Finding, TableSchema, TextTable

_LEAST_KEPT = 0.9
_LEAST_KEPT_WEAK = 0.95
_LEAST_SCATTERED = 0.5
_MOST_WEAK = 3


def combine_evidence(table: TextTable, schema: TableSchema) -> Sequence[Finding]:
    """Finds what forms, dependencies, spelling and repetition show to be wrong."""
    draft = DraftTable(table)
    examine_columns(draft, [each for each in DETECTORS if each is not misspellings])
    find_misplaced(draft)
    reports = find_reports(draft, applicable(schema.dependencies, table))
    if reports:
        vote_by_sources(draft, reports)
    said = reports.said if reports else ()
    rules = [each for each in _rules(draft, schema) if each.dependency.dependent not in said]
    vote_with_guards(draft, rules)
    examine_columns(draft, [misspellings], judged=lambda name: _judged(draft, rules, name))
    find_broken_sums(draft)
    find_broken_order(draft)
    find_repeated_rows(draft, schema, [rule.dependency for rule in rules])
    find_repeated_keys(draft)
    return draft.findings()


def _judged(draft: DraftTable, rules: Sequence[Rule], name: str) -> set[int]:
    return judged_places(draft, [rule for rule in rules if rule.dependency.dependent == name])


def _rules(draft: DraftTable, schema: TableSchema) -> Sequence[Rule]:
    """Returns the stated dependencies and those found; of those that say little, the best for each
    column.
    """
    given = applicable(schema.dependencies, draft.table)
    found, weak = list[Rule](), defaultdict[str, list[FoundDependency]](list)
    for one in measure_dependencies(draft, _LEAST_KEPT):
        if one.dependency not in given:
            strong = one.strength >= LEAST_STRENGTH and one.scattered >= _LEAST_SCATTERED
            if strong and is_no_chance(one, draft.table):
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
