"""What stands below an answer on a terminal."""

from datetime import date

import pytest

from backend.cli.chat.answer_view import exit_code_of, show_sources
from use_cases.kernel.citations.sources import Outcome, Quote, Source, SourceKind
from use_cases.kernel.model import DateOrigin, DocumentRef, Span

LONG = "\n".join(f"line {number}" for number in range(6))


def source(sql: str, *quotes: Quote) -> Source:
    table = DocumentRef("doc_a", 1, "a.csv", "A", "general", date(2026, 3, 14), DateOrigin.STATED)
    return Source(1, SourceKind.QUERY, table, "A", None, quotes, sql)


@pytest.mark.parametrize(
    ("whole", "last"), [(False, "    … (2 more lines; --json shows all)"), (True, "    line 5")]
)
def test_of_a_long_query_the_first_lines_are_shown(
    whole: bool, last: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_sources([source(LONG)], whole=whole)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:5] == ["    line 0", "    line 1"]
    assert lines[-1] == last


def test_a_section_named_like_its_document_is_named_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_sources([source("SELECT 1")])
    assert "[1] A — 2026-03-14, a.csv\n" in capsys.readouterr().out


def test_a_short_query_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    show_sources([source("SELECT 1\nFROM a")])
    assert capsys.readouterr().out.endswith("    SELECT 1\n    FROM a\n")


def test_a_source_that_is_not_quoted_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    place = Span(0, 9)
    show_sources([source("SELECT 1", Quote(place, place, "", 0.0, weak=True))])
    assert capsys.readouterr().out.endswith("(not quoted: it gives orders to an assistant)\n")


def test_the_exit_code_tells_the_outcome() -> None:
    assert {outcome.value: int(exit_code_of(outcome)) for outcome in Outcome} == {
        "answered": 0,
        "conflict": 0,
        "smalltalk": 0,
        "not_found": 3,
        "clarification": 3,
        "refused": 4,
        "tentative": 8,
        "unsourced": 8,
        "interrupted": 130,
    }
