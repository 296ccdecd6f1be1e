"""The report of a file of conversations, for the terminal."""

from collections import Counter
from collections.abc import Mapping

from backend.cli.terminal import terminal
from use_cases.conversations.model import ImportReport
from use_cases.kernel.statistics.figures import counted

_MOST_SHOWN = 20
_LONGEST_TITLE = 48


def show_import_report(report: ImportReport) -> None:
    """Write to stdout the conversations and the counts, and to stderr what was not read."""
    rows = [
        (
            short_title(one.title),
            one.source,
            f"{one.messages:,}",
            f"{one.branches:,}",
            f"{sum(one.hidden.values()):,}",
            f"{sum(one.not_understood.values()):,}",
        )
        for one in report.conversations[:_MOST_SHOWN]
    ]
    header = ("TITLE", "SOURCE", "MESSAGES", "BRANCHES", "HIDDEN", "NOT UNDERSTOOD")
    terminal.data(terminal.columns(header, rows))
    if len(report.conversations) > _MOST_SHOWN:
        more = counted(len(report.conversations) - _MOST_SHOWN, "more conversation")
        terminal.data(f"... and {more}; --json shows all of them")
    show_counts(report)
    sources = Counter(one.source for one in report.conversations)
    named = ", ".join(f"{terminal.line(name)} {count:,}" for name, count in sources.most_common())
    conversations = counted(len(report.conversations), "conversation")
    terminal.talk(f"{conversations} ({named}), {counted(report.messages, 'message')}.")
    show_left_out(report)
    terminal.talk("Nothing was stored.")


def show_counts(report: ImportReport) -> None:
    """Write the counts of all conversations to stdout."""
    counts = [
        row
        for what, found in (
            ("kept", report.kept),
            ("hidden", report.hidden),
            ("not understood", report.not_understood),
            ("irregular", report.irregular),
        )
        for row in _rows(what, found)
    ]
    if counts:
        terminal.data("")
        terminal.data(terminal.columns(("WHAT", "TYPE", "COUNT"), counts))


def _rows(what: str, found: Mapping[str, int]) -> list[tuple[str, str, str]]:
    return [(what, terminal.line(name), f"{count:,}") for name, count in found.items()]


def show_left_out(report: ImportReport) -> None:
    """Write to stderr what was not read, and what could not be."""
    for one in report.not_read:
        terminal.talk(f"Not read: {one.place} ({one.reason}).")
    for fault in report.faults[:_MOST_SHOWN]:
        terminal.talk(f"warning: {fault.place}: {_after_place(fault.place, fault.detail)}.")
    if len(report.faults) > _MOST_SHOWN:
        terminal.talk(f"warning: and {counted(len(report.faults) - _MOST_SHOWN, 'more place')}.")


def _after_place(place: str, detail: str) -> str:
    """A fault's detail may begin with its place."""
    return detail.removeprefix(place).lstrip(", ")


def short_title(title: str) -> str:
    """The title on a line of a table."""
    shown = terminal.line(title) or "(no title)"
    return shown if len(shown) <= _LONGEST_TITLE else f"{shown[: _LONGEST_TITLE - 1]}…"
