"""The text form of an answer and its sources, shared by `ask`, `chat` and `answers show`."""

from collections.abc import Sequence
from typing import assert_never

from backend.cli.nouns import dollars
from backend.cli.terminal import terminal
from backend.errors import ExitCode
from use_cases.chat.model import Answer
from use_cases.kernel.citations.sources import UNSOURCED, Outcome, Source
from use_cases.kernel.runs.record import RunRecord

_QUOTED = 240
_LINES = 4


def show_answer_summary(answer: Answer, *, live: bool) -> None:
    """Shows the sources, notices, model and time of an answer.

    `live`: the text is on the screen already; else it is shown first.
    """
    if not live:
        terminal.data(answer.text)
    show_unsourced(answer)
    show_sources(answer.sources)
    terminal.flush()
    show_notices(answer)
    cost = f" · {dollars(answer.cost)}" if answer.cost else ""
    terminal.talk(f"\n{answer.model} · {answer.latency_ms / 1000:.1f} s{cost} · {answer.answer_id}")
    if terminal.is_interactive():
        wrong = f'candor feedback {answer.answer_id} wrong --expected "…"'
        terminal.talk(f"If it is wrong, say what is right: {wrong}")


def show_unsourced(answer: Answer) -> None:
    """Shows beside a text that it rests on no source, wherever the text goes."""
    if answer.outcome is Outcome.UNSOURCED:
        terminal.data(f"\n({UNSOURCED})")


def show_notices(answer: Answer) -> None:
    """Shows what the reader should know of an answer."""
    for notice in answer.notices:
        terminal.talk(f"note: {notice}")


def show_sources(sources: Sequence[Source], *, whole: bool = False) -> None:
    """Shows each cited source with the sentence that supports the answer, and a mark on weak ones.

    `whole`: with the quotes and queries in full.
    """
    if sources:
        terminal.data("\nSources")
    for source in sources:
        terminal.data(_heading(source, whole=whole))
        for text, is_weak in _quotes(source).items():
            if not text:
                terminal.data("    (not quoted: it gives orders to an assistant)")
                continue
            weak = "  (weak: it covers little of the sentence)" if is_weak else ""
            shown = " ".join(text.split()) if whole else _shorten(text)
            terminal.data(f"    “{shown}”{weak}")


def _heading(source: Source, *, whole: bool) -> str:
    """Returns `[1] Leave policy — Carry-over — 2026-01-15, policies/leave.md, page 3`."""
    document = source.document
    if source.said is not None:
        return f"[{source.number}] {document.title} — {source.said}, {document.name}"
    parts = [document.title, source.section, str(document.updated)]
    page = f", page {source.page}" if source.page else ""
    query = f"\n    {_query(source.sql, whole=whole)}" if source.sql else ""
    place = " — ".join(dict.fromkeys(part for part in parts if part))
    return f"[{source.number}] {place}, {document.name}{page}{query}"


def _query(sql: str, *, whole: bool) -> str:
    """Returns a query's lines; the first ones of a long query, and the number of others."""
    lines = sql.splitlines()
    if not whole and len(lines) > _LINES:
        lines[_LINES:] = [f"… ({len(lines) - _LINES} more lines; --json shows all)"]
    return "\n    ".join(lines)


def _quotes(source: Source) -> dict[str, bool]:
    """Returns each quoted text once, with True if it is weak for every sentence that it supports."""
    found: dict[str, bool] = {}
    for quote in source.quotes:
        found[quote.text] = quote.weak and found.get(quote.text, True)
    return found


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1].rsplit(" ", 1)[0] + " …"


def usage_of(run: RunRecord) -> Sequence[tuple[str, str]]:
    """Returns what a recorded run needed, by name."""
    known = [("in", run.input_tokens), ("out", run.output_tokens)]
    tokens = ", ".join(f"{count:,} {way}" for way, count in known if count is not None)
    cost = "not known" if run.cost is None else dollars(run.cost)
    return (
        ("Tokens", tokens or "not known"),
        ("Cost", cost),
        ("Latency", f"{run.latency_ms / 1000:.1f} s"),
    )


def exit_code_of(outcome: Outcome) -> ExitCode:
    """Returns the exit code of an outcome."""
    match outcome:
        case Outcome.ANSWERED | Outcome.CONFLICT | Outcome.SMALLTALK:
            return ExitCode.DONE
        case Outcome.TENTATIVE | Outcome.UNSOURCED:
            return ExitCode.TENTATIVE
        case Outcome.NOT_FOUND | Outcome.CLARIFICATION:
            return ExitCode.NOT_FOUND
        case Outcome.REFUSED:
            return ExitCode.REFUSED
        case Outcome.INTERRUPTED:
            return ExitCode.INTERRUPTED
        case _:
            assert_never(outcome)
