"""`candor answers`: list, sum up or show the recorded answers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated

import typer

from backend.cli.chat.answer_view import (
    show_notices,
    show_sources,
    show_unsourced,
    usage_of,
)
from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import (
    Before,
    Citing,
    Columns,
    Containing,
    Limit,
    Noun,
    OfJudgement,
    OfModel,
    OfOutcome,
    OfPrompt,
    Since,
    Until,
    dollars,
    table,
)
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.schemas.chat_schemas import AnswerLine, AnswerReply
from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Answer, Mode
from use_cases.chat.read_answers import AnswerSummary, AnswerTotals, CitedDocument, VersionTotals
from use_cases.kernel.citations.sources import Outcome, Source, SourceKind
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted
from use_cases.kernel.targets import EVERY_ANSWER, AnswerFilter, Judgement
from use_cases.knowledge.errors import DocumentNotFound

app = CommandApp()

_ADVICE = "resp_"
"""The first part of the ids of advice."""

_ANSWERS: Noun[AnswerLine] = Noun(
    "answers",
    'candor ask "…"',
    (
        ("ID", lambda one: one.id),
        ("ASKED", lambda one: one.created_at),
        ("OUTCOME", lambda one: _ended(one)),
        ("SOURCES", lambda one: one.sources),
        ("QUESTION", lambda one: one.question),
    ),
)
_BY_VERSION: Columns[VersionTotals] = (
    ("MODEL", lambda one: one.model),
    ("PROMPT", lambda one: one.prompt_version),
    ("ANSWERS", lambda one: one.answers),
    ("OUTCOMES", lambda one: _counts(one.outcomes)),
    ("FEEDBACK", lambda one: _counts(one.feedback)),
    ("COST", lambda one: _cost(one)),
    ("LATENCY", lambda one: _times(one)),
)


@app.lists(
    "candor answers",
    "candor answers --feedback wrong --since 2026-03-01",
    "candor answers --document policies/leave.md --outcome tentative --json",
    "candor answers --summary --model openai:gpt-4.1-mini",
    "candor answers show ans_01K9ZC3W5T0000000000000000",
)
async def list_answers(
    candor: Container,
    limit: Limit = 20,
    before: Before = None,
    outcome: OfOutcome = None,
    feedback: OfJudgement = None,
    model: OfModel = None,
    prompt_version: OfPrompt = None,
    document: Citing = None,
    since: Since = None,
    until: Until = None,
    text: Containing = None,
    summary: Annotated[
        bool,
        typer.Option(
            "--summary",
            help="Sum them up: outcomes, feedback, costs, times, documents cited most and never.",
        ),
    ] = False,
) -> Shown:
    """List, sum up or show the recorded answers.

    Without a subcommand it lists them, newest first. All filters that are given must hold.
    """
    wanted = AnswerFilter(
        outcome=outcome,
        feedback=feedback,
        model=model,
        prompt_version=prompt_version,
        document=document,
        since=since,
        until=until,
        text=text,
    )
    if summary:
        summed = await candor.chat.read_answers.summarise(LOCAL, wanted)
        return Shown(summed, lambda: _show_summary(summed))
    found = await candor.chat.read_answers.list(LOCAL, wanted, limit=limit, before=before)
    nothing = "No recorded answer is like this; leave out a filter."
    return _ANSWERS.page(
        candor,
        [AnswerLine.of(one) for one in found],
        found[-1].answer_id if found.more else None,
        nothing=None if wanted == EVERY_ANSWER else nothing,
    )


@app.add("show", "candor answers show ans_01K9ZC3W5T0000000000000000")
async def show_answer(
    candor: Container,
    answer: Annotated[str, typer.Argument(metavar="ANSWER", help="The answer's id.")],
) -> Shown:
    """Show one recorded answer with its sources."""
    if answer.startswith(_ADVICE):
        raise AnswerNotFound(
            f"{answer[:60]!r} is the id of advice.",
            hint=f"Run: candor confidence show {answer[:60]}",
        )
    shown = await candor.chat.read_answers.show(LOCAL, answer)
    stored = [one for one in shown.sources if one.kind in (SourceKind.PASSAGE, SourceKind.QUERY)]
    first = [await _version_command(candor, one) for one in stored[:1]]

    def write() -> None:
        terminal.data(f"{shown.question}\n")
        terminal.data(shown.text)
        show_unsourced(shown)
        show_sources(shown.sources)
        show_notices(shown)
        terminal.data("")
        terminal.data(terminal.record(_about(shown, stored, first)))

    return Shown(AnswerReply.of(shown), write)


async def _version_command(candor: Container, source: Source) -> str:
    """Returns the command that shows the version that is cited, or that there is none any more."""
    document = source.document
    with suppress(DocumentNotFound):
        await candor.knowledge.manage_documents.show(
            document.document_id, version_id=document.version_id
        )
        return f"candor documents show {document.document_id} --version {document.version_id}"
    return "was removed since; what is quoted above is kept"


def _about(
    shown: Answer, stored: Sequence[Source], first: Sequence[str]
) -> Sequence[tuple[str, str]]:
    """Returns what is recorded beside the text."""
    judged = Judgement.of(shown.right).value
    if shown.feedback_notes:
        judged += f": {shown.feedback_notes}"
    where = ", in an open chat" if shown.mode is Mode.OPEN else ""
    versions = ", ".join(f"[{one.number}] {one.document.version_id}" for one in stored)
    right = " — ".join(part for part in (shown.expected, shown.expected_document) if part)
    return (
        ("Outcome", _ended(shown) + where),
        ("Asked", f"{shown.created_at.astimezone():%Y-%m-%d %H:%M %Z}, by {shown.door}"),
        *([("Cited versions", versions)] if versions else []),
        *(("The first", command) for command in first),
        ("Model", shown.model),
        ("Prompt version", shown.prompt_version),
        ("Its text", f"candor prompts show {shown.prompt_version}"),
        *usage_of(shown),
        ("Feedback", judged),
        *([("Right answer", right)] if right else []),
    )


def _ended(answer: AnswerLine | Answer) -> str:
    """Returns its outcome, and that it was stopped where the outcome does not say it."""
    stopped = answer.interrupted and answer.outcome is not Outcome.INTERRUPTED
    return answer.outcome + (", interrupted" if stopped else "")


def _show_summary(found: AnswerSummary) -> None:
    left_out = "" if found.complete else " (the newest; older ones are left out)"
    terminal.data(
        terminal.record(
            (
                ("Answers", f"{found.answers:,}{left_out}"),
                ("Outcomes", _counts(found.outcomes)),
                ("Feedback", _counts(found.feedback)),
                ("Cost", _cost(found)),
                ("Tokens", f"{found.input_tokens:,} in, {found.output_tokens:,} out"),
                ("Latency", _times(found)),
            )
        )
    )
    if found.by_version:
        terminal.data("\n" + table(_BY_VERSION, found.by_version))
    _show_documents("Cited most", found.cited, found.documents_cited)
    _show_documents("Never cited", found.never_cited, found.documents_never_cited)


def _show_documents(title: str, listed: Sequence[CitedDocument], count: int) -> None:
    if not listed:
        return
    terminal.data(f"\n{title} ({counted(count, 'document')})")
    for each in listed:
        terminal.data(f"  {each.name}" + (f"  {each.answers:,}" if each.answers else ""))
    if count > len(listed):
        terminal.data(f"  … and {count - len(listed):,} more")


def _counts(counts: Mapping[Outcome, int] | Mapping[Judgement, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items()) or "none"


def _cost(found: AnswerTotals) -> str:
    if found.unpriced == found.answers:
        return "not known"
    return dollars(found.cost) + (f" ({found.unpriced:,} not known)" if found.unpriced else "")


def _times(found: AnswerTotals) -> str:
    times = found.latency_ms
    if times is None:
        return "none"
    return (
        f"half within {_seconds(times.p50)}, 90% {_seconds(times.p90)}, 99% {_seconds(times.p99)}"
    )


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f} s"
