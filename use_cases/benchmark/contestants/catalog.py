"""The contestants that need no model, by name."""

from collections.abc import Mapping, Sequence
from typing import Final

from use_cases.benchmark.contestants.combined import combine_evidence
from use_cases.benchmark.contestants.functional_dependencies import unsearched
from use_cases.benchmark.contestants.majority_vote import vote_given
from use_cases.benchmark.contestants.rule_contestant import RuleContestant
from use_cases.benchmark.contestants.single_columns import fill_with_mode
from use_cases.benchmark.model import Edit, Table, TableSchema


def _propose_nothing(table: Table, schema: TableSchema) -> Sequence[Edit]:
    del table, schema
    return ()


RULE_CONTESTANTS: Final[Mapping[str, RuleContestant]] = {
    one.name: one
    for one in (
        RuleContestant(
            "nothing", "Changes nothing: the score that any cleaner must beat.", _propose_nothing
        ),
        RuleContestant(
            "mode",
            "Fills missing cells with the most frequent value of their column.",
            fill_with_mode,
        ),
        RuleContestant(
            "dependencies",
            "Votes in the groups of the functional dependencies that the schema states.",
            vote_given,
        ),
        RuleContestant(
            "combined",
            "Dependencies, spelling, formats and duplicates, only where the table itself gives evidence.",
            combine_evidence,
            unsearched,
        ),
    )
}
"""Every contestant is deterministic and looks at nothing but the dirty table and its schema."""
