"""How an answer and its sources look on a terminal; `ask` and `answers show` share it."""

from backend.cli import terminal
from backend.presenting.chat import Answer, Source

_QUOTED = 240


def show_sources(answer: Answer) -> None:
    """Each cited source with the sentence that supports the answer, and whether it is a weak one."""
    if answer.sources:
        terminal.data("\nSources")
    for source in answer.sources:
        terminal.data(_heading(source))
        for quote in source.quotes:
            weak = "  (weak: it covers little of the sentence)" if quote.weak else ""
            terminal.data(f"    “{_shortened(quote.text)}”{weak}")


def _heading(source: Source) -> str:
    """`[1] Leave policy — Carry-over — 2026-01-15, policies/leave.md, page 3`."""
    parts = [source.title, source.section, str(source.date)]
    page = f", page {source.page}" if source.page else ""
    query = f"\n    {source.sql}" if source.sql else ""
    return f"[{source.number}] {' — '.join(part for part in parts if part)}, {source.document}{page}{query}"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1].rsplit(" ", 1)[0] + " …"
