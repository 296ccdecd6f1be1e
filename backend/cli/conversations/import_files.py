"""`candor import`: store chats that were exported from other assistants, or report what their files hold."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import Columns, Row, table
from backend.cli.runs.run_progress import show_progress
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode, InternalError, doors
from backend.schemas.conversations_schemas import ImportReportReply, ImportResult, StoredReply
from use_cases.conversations.importers.share_pages import is_link, share_link
from use_cases.conversations.model import (
    ConversationReport,
    ConversationStored,
    FileReport,
    ImportDone,
    ImportEvent,
    ImportOutcome,
)
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.statistics.figures import counted

app = CommandApp()

_MOST_SHOWN = 20
_LONGEST_TITLE = 48
_STORED: Columns[ConversationStored] = (
    ("ID", lambda one: one.stored.chat_id),
    ("OUTCOME", lambda one: one.stored.outcome.value),
    ("NEW", lambda one: one.stored.added),
    ("CHANGED", lambda one: one.stored.changed),
    ("SOURCE", lambda one: one.report.source),
    ("TITLE", lambda one: _short_title(one.report.title)),
)
_HELD: Columns[ConversationReport] = (
    ("TITLE", lambda one: _short_title(one.title)),
    ("SOURCE", lambda one: one.source),
    ("MESSAGES", lambda one: one.messages),
    ("BRANCHES", lambda one: one.branches),
    ("HIDDEN", lambda one: sum(one.hidden.values())),
    ("NOT UNDERSTOOD", lambda one: sum(one.not_understood.values())),
)
_COUNTS: Columns[tuple[str, str, int]] = (
    ("WHAT", lambda row: row[0]),
    ("TYPE", lambda row: row[1]),
    ("COUNT", lambda row: row[2]),
)


@app.add(
    None,
    "candor import conversations.json",
    "candor import chatgpt-export.zip claude-export.zip",
    "candor import saved-share-page.html --json",
    "candor import chatgpt-export.zip --dry-run",
    "candor import https://grok.com/share/00000000-0000-4000-8000-000000000000",
)
async def import_files(
    candor: Container,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Exports (ZIP or JSON), saved share pages, or share links."
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only report what the files hold; store nothing.")
    ] = False,
    as_json: bool = False,
) -> Shown:
    """Store chats that you exported from other assistants.

    Reads exports of ChatGPT, Claude, Grok, Gemini (AI Studio, Takeout), DeepSeek, LibreChat, Open WebUI,
    chatbot-ui and BranchPrompt, share pages of ChatGPT, and share JSON of Claude and Grok. The same file
    again changes nothing, and a longer export adds only what is new. Each conversation is stored whole or
    not at all: after Ctrl-C or a crash, run the same command again. Exit codes: 0 everything was read; 1
    where a part of a file could not be.
    """
    code, shown = ExitCode.DONE, list[object]()
    for file in files:
        try:
            record, has_faults = await (_inspect if dry_run else _store)(candor, file, as_json)
        except CandorError as error:
            if len(files) == 1:
                raise
            terminal.report(error, as_json=False)
            shown.append({"file": file, "error": error.code, "detail": error.detail})
            code = doors(error).exit_code
            continue
        shown.append(record)
        if has_faults and code is ExitCode.DONE:
            code = ExitCode.FAILED
    return Shown(shown[0] if len(files) == 1 else shown, lambda: None, code)


async def _inspect(candor: Container, file: str, as_json: bool) -> tuple[object, bool]:

    report = await candor.conversations.read_conversations.inspect(file)
    if not as_json:
        _show_report(report)
    return ImportReportReply.of(report), bool(report.faults)


async def _store(candor: Container, file: str, as_json: bool) -> tuple[object, bool]:

    importing = candor.conversations.import_conversations
    if is_link(file):
        events = importing.stream_link(LOCAL, share_link(file))
    else:
        events = importing.stream(LOCAL, file)
    events = candor.conversations.belongings.taking(LOCAL, events)
    stored, done = await _follow(events, as_json=as_json)
    if not as_json:
        _show_result(stored, done)
    listed = [StoredReply.of(one) for one in stored]
    result = ImportResult.of(done).model_dump(mode="json")
    return {"file": file, "conversations": listed, **result}, bool(done.report.faults)


async def _follow(
    events: AsyncGenerator[ImportEvent], *, as_json: bool
) -> tuple[list[ConversationStored], ImportDone]:
    """Reads an import to its end with its progress; returns the conversations, and its result."""
    stored, messages = list[ConversationStored](), 0
    with show_progress("Reading", as_json=as_json) as show:
        async with closing(events) as followed:
            async for event in followed:
                match event:
                    case ConversationStored(report=report):
                        stored.append(event)
                        messages += report.messages
                        said = counted(len(stored), "conversation")
                        show(f"{said}, {counted(messages, 'message')}", len(stored), None)
                    case ImportDone():
                        return stored, event
                    case _:
                        pass
    raise InternalError("The import ended without a report.")


def _show_result(stored: Sequence[ConversationStored], done: ImportDone) -> None:
    """Writes to stdout what is new and the counts, and to stderr the sum and what was not read."""
    new = [one for one in stored if one.stored.outcome is not ImportOutcome.UNCHANGED]
    if new:
        _show_first(_STORED, new)
        _show_counts(done.report)
    named = [
        f"{done.outcomes[outcome]:,} {outcome.value}"
        for outcome in ImportOutcome
        if done.outcomes.get(outcome)
    ]
    messages = f"{counted(done.added, 'new message')}, {done.changed:,} changed"
    terminal.talk(f"{done.report.file}: {', '.join(named)}; {messages}.")
    _show_left_out(done.report)


def _show_report(report: FileReport) -> None:
    """Writes to stdout the conversations and the counts, and to stderr what was not read."""
    _show_first(_HELD, report.conversations)
    _show_counts(report)
    sources = Counter(one.source for one in report.conversations)
    named = ", ".join(f"{terminal.line(name)} {count:,}" for name, count in sources.most_common())
    conversations = counted(len(report.conversations), "conversation")
    terminal.talk(f"{conversations} ({named}), {counted(report.messages, 'message')}.")
    _show_left_out(report)
    terminal.talk("Nothing was stored.")


def _show_first(columns: Columns[Row], rows: Sequence[Row]) -> None:
    """Writes the first conversations to stdout, and how many there are beside them."""
    terminal.data(table(columns, rows[:_MOST_SHOWN]))
    if len(rows) > _MOST_SHOWN:
        more = counted(len(rows) - _MOST_SHOWN, "more conversation")
        terminal.data(f"... and {more}; --json shows all of them")


def _show_counts(report: FileReport) -> None:
    """Writes the counts of all conversations to stdout."""
    counts = [
        (what, name, count)
        for what, found in (
            ("kept", report.kept),
            ("hidden", report.hidden),
            ("not understood", report.not_understood),
            ("irregular", report.irregular),
        )
        for name, count in found.items()
    ]
    if counts:
        terminal.data("\n" + table(_COUNTS, counts))


def _show_left_out(report: FileReport) -> None:
    """Writes to stderr what was not read, and what could not be."""
    for one in report.not_read:
        terminal.talk(f"Not read: {one.place} ({one.reason}).")
    for fault in report.faults[:_MOST_SHOWN]:
        terminal.talk(f"warning: {fault.place}: {_after_place(fault.place, fault.detail)}.")
    if len(report.faults) > _MOST_SHOWN:
        terminal.talk(f"warning: and {counted(len(report.faults) - _MOST_SHOWN, 'more place')}.")


def _after_place(place: str, detail: str) -> str:
    """Returns the detail of a fault without its place, with which it may begin."""
    return detail.removeprefix(place).lstrip(", ")


def _short_title(title: str) -> str:
    """Returns the title on a line of a table."""
    shown = terminal.line(title) or "(no title)"
    return shown if len(shown) <= _LONGEST_TITLE else f"{shown[: _LONGEST_TITLE - 1]}…"
