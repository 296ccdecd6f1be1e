"""A score on the terminal: both rules of equality side by side, with intervals, and what is odd."""

from collections.abc import Callable

from backend.cli.terminal import terminal
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import RuleScores, TaskScore
from use_cases.kernel.statistics.figures import counted

_FIGURES: tuple[tuple[str, Callable[[RuleScores], float | None]], ...] = (
    ("precision", lambda found: found.repair.repair.precision),
    ("recall", lambda found: found.repair.repair.recall),
    ("F1", lambda found: found.repair.repair.f1),
    ("detection precision", lambda found: found.repair.detection.precision),
    ("detection recall", lambda found: found.repair.detection.recall),
    ("detection F1", lambda found: found.repair.detection.f1),
    ("error reduction", lambda found: found.repair.error_reduction),
    ("cell accuracy", lambda found: found.repair.cell_accuracy),
    ("drift", lambda found: found.drift.drift_score),
    ("drift of ids and free text", lambda found: found.drift.drift_apart),
    ("drift reduction", lambda found: found.drift_reduction),
    ("auditability", lambda found: found.audit.auditability_score),
    ("duplicate pairs F1", lambda found: found.duplicates.pairs.f1 if found.duplicates else None),
    (
        "kept records right",
        lambda found: found.duplicates.survivor_accuracy if found.duplicates else None,
    ),
)


def show_score(score: TaskScore) -> None:
    """Write the scores to stdout, and to stderr what a reader must know about them."""
    rules = [score.under(rule) for rule in EqualityRule]
    rows = [
        ("errors", *(f"{each.repair.counts.errors:,}" for each in rules)),
        ("edits", *(f"{each.repair.counts.edits:,}" for each in rules)),
        ("repaired", *(f"{each.repair.counts.repaired:,}" for each in rules)),
        ("damaged", *(f"{each.repair.counts.damaged:,}" for each in rules)),
        ("corruption rate", *(_corruption(each) for each in rules)),
        *((name, *(_figure(of(each)) for each in rules)) for name, of in _FIGURES),
    ]
    terminal.data(terminal.columns(("", *(rule.value.upper() for rule in EqualityRule)), rows))
    why = (
        "the schema declares kinds"
        if score.headline is EqualityRule.CANONICAL
        else "no kinds are declared"
    )
    terminal.talk(f"The headline is {score.headline.value}: {why}.")
    for note in _notes(score):
        terminal.talk(f"warning: {note}")


def _notes(score: TaskScore) -> list[str]:
    changes = score.changes
    found = (
        [f"the output failed and is scored as doing nothing: {score.failure}"]
        if score.failure
        else []
    )
    if changes.rows_matched_by == "similarity":
        found.append("rows have no ids or key: they were matched by what they hold")
    counts = (
        (changes.dropped_rows, "row", "dropped"),
        (changes.removed_duplicates, "duplicate", "removed"),
        (changes.invented_rows, "row", "invented"),
        (changes.repeated_ids, "row", "repeated by id"),
    )
    found += [f"{counted(count, what)} {how}" for count, what, how in counts if count]
    names = (
        (changes.missing_columns, "missing"),
        (changes.added_columns, "added, and not scored"),
    )
    if score.first.audit.changes and not score.first.audit.claims:
        found.append("no change was claimed: --claims names what the tool says it did")
    return found + [f"{how}: {', '.join(columns)}" for columns, how in names if columns]


def _corruption(found: RuleScores) -> str:
    interval = found.repair.corruption_interval
    if interval is None:
        return "n/a"
    low, high = interval
    return f"{found.repair.corruption_rate:.2%} ({low:.2%} to {high:.2%})"


def _figure(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"
