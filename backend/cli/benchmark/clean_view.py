"""View of the changes in a table, for the terminal: columns, some edits, and what to look at."""

from collections import Counter
from collections.abc import Sequence

from backend.cli.nouns import Columns, table
from backend.cli.terminal import terminal
from backend.reports.verdict_words import dollars
from use_cases.benchmark.clean_table import ColumnChange, TableChange
from use_cases.benchmark.model import Edit, EditKind
from use_cases.benchmark.ports import Cleaning
from use_cases.kernel.statistics.figures import counted

_MOST_SHOWN = 20
_LONGEST_CELL = 40
_COLUMNS: Columns[ColumnChange] = (
    ("COLUMN", lambda one: one.column),
    ("CELLS", lambda one: one.cells),
    ("SHARE", lambda one: f"{one.share:.1%}"),
    ("KINDS", lambda one: [f"{kind} {n:,}" for kind, n in sorted(one.errors.items())]),
)
_WHYS = {
    "no_row": "no such row",
    "no_column": "no such column",
    "old_differs": "the old text is not there",
    "no_change": "the new text is the old one",
    "edited_before": "edited by another edit",
    "incomplete": "incomplete",
    "too_many_rows": "would remove too many rows",
    "rows_differ": "would merge rows that are not alike",
    "erases_column": "would empty a column",
    "one_value": "would put one value over many different ones",
}


def show_change(change: TableChange) -> None:
    """Writes to stdout what changes by column, and some of the edits."""
    if change.columns:
        terminal.data(table(_COLUMNS, change.columns) + "\n")
    if change.edits:
        counts = Counter(id(edit) for edit in change.applied.cells.values())
        rows = [_line(edit, counts[id(edit)]) for edit in _sample(change.edits)]
        terminal.data(terminal.columns(("ROW", "COLUMN", "OLD", "NEW", "REASON"), rows))
    if len(change.edits) > _MOST_SHOWN:
        more = counted(len(change.edits) - _MOST_SHOWN, "more edit")
        terminal.data(f"... and {more}; --edits writes all of them")


def summarise(
    cleaning: Cleaning, change: TableChange, *, by: str, written: Sequence[str], quiet: bool
) -> None:
    """Writes to stderr how much changes, what was rejected, what to look at, and what it took.

    `quiet`: the table itself was written to stdout.
    """
    cells = counted(len(change.applied.cells), "cell")
    rows = counted(len(change.applied.removed), "row")
    removed = f", and {rows} removed" if change.applied.removed else ""
    terminal.talk(f"{cells} changed{removed}, by {by}.")
    rejected = Counter(_WHYS[each.why] for each in change.rejected)
    if rejected:
        whys = "; ".join(f"{why} ({count:,})" for why, count in rejected.most_common())
        terminal.talk(f"{counted(len(change.rejected), 'edit')} rejected: {whys}.")
    for warning in change.warnings:
        terminal.talk(f"warning: {warning}")
    if cleaning.partial:
        terminal.talk(f"warning: {cleaning.partial}")
    if cleaning.calls:
        terminal.talk(_took(cleaning))
    for name in written:
        terminal.talk(f"Wrote {name}")
    if not (written or quiet) and change.edits:
        terminal.talk("Nothing was written: --edits writes the edits, --out the cleaned table.")


def _sample(edits: Sequence[Edit]) -> Sequence[Edit]:
    """Returns some of the edits, in turn from every column, in their order."""
    turns = Counter[str | None]()
    ranked = list[tuple[int, int]]()
    for place, edit in enumerate(edits):
        ranked.append((turns[edit.column], place))
        turns[edit.column] += 1
    return [edits[place] for place in sorted(place for _, place in sorted(ranked)[:_MOST_SHOWN])]


def _line(edit: Edit, cells: int) -> tuple[str, ...]:
    match edit.kind:
        case EditKind.DELETE:
            return edit.rows[0], "", _short(edit.old), "(deleted)", edit.reason
        case EditKind.MERGE:
            return edit.rows[-1], "", _short(edit.old), f"(row {edit.rows[0]})", edit.reason
        case EditKind.MAP:
            row = counted(cells, "cell")
        case _:
            row = edit.rows[0]
    return row, edit.column or "", _short(edit.old), _short(edit.new), edit.reason


def _short(text: str | None) -> str:
    """Returns a cell on a line: an empty one is seen, a long one is cut."""
    shown = terminal.line(text or "") or "(empty)"
    return shown if len(shown) <= _LONGEST_CELL else f"{shown[: _LONGEST_CELL - 1]}…"


def _took(cleaning: Cleaning) -> str:
    kept = f", {cleaning.cached:,} of them kept from before" if cleaning.cached else ""
    cost = "unknown cost" if cleaning.cost is None else dollars(cleaning.cost)
    return f"{counted(cleaning.calls, 'call')}{kept}; {cost}; {cleaning.latency_ms / 1000:,.1f} s of model time"
