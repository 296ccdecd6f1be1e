"""The result of an import, for the terminal."""

from collections.abc import Sequence

from backend.cli.conversations.import_report_view import short_title, show_counts, show_left_out
from backend.cli.terminal import terminal
from use_cases.conversations.model import ConversationStored, ImportDone, ImportOutcome
from use_cases.kernel.statistics.figures import counted

_MOST_SHOWN = 20


def show_import_result(stored: Sequence[ConversationStored], done: ImportDone) -> None:
    """Write to stdout what is new and the counts, and to stderr the sum and what was not read."""
    new = [one for one in stored if one.stored.outcome is not ImportOutcome.UNCHANGED]
    rows = [
        (
            one.stored.chat_id,
            one.stored.outcome.value,
            f"{one.stored.added:,}",
            f"{one.stored.changed:,}",
            one.report.source,
            short_title(one.report.title),
        )
        for one in new[:_MOST_SHOWN]
    ]
    if rows:
        header = ("ID", "OUTCOME", "NEW", "CHANGED", "SOURCE", "TITLE")
        terminal.data(terminal.columns(header, rows))
        if len(new) > len(rows):
            more = counted(len(new) - len(rows), "more conversation")
            terminal.data(f"... and {more}; --json shows all of them")
        show_counts(done.report)
    named = [
        f"{done.outcomes[outcome]:,} {outcome.value}"
        for outcome in ImportOutcome
        if done.outcomes.get(outcome)
    ]
    messages = f"{counted(done.added, 'new message')}, {done.changed:,} changed"
    terminal.talk(f"{done.report.file}: {', '.join(named)}; {messages}.")
    show_left_out(done.report)
