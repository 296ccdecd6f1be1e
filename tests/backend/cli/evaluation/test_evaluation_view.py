"""An evaluation on a terminal and in a pipe."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from backend.cli.evaluation.evaluation_view import MOST_ROWS, EvaluationView
from tests.backend.cli.screen import Seen, see_written, too_wide
from tests.backend.reports.evaluations import LONG, cell, many, plan, summary
from tests.backend.test_pages import HOSTILE
from use_cases.playground.model import Cell, EvaluationSummary, Finding, Verdict


def shown(cells: Iterable[Cell], of: EvaluationSummary | None = None) -> None:
    view = EvaluationView(of or summary())
    for each in cells:
        view.add(each)
    view.show()


def seen(columns: int, cells: Iterable[Cell], of: EvaluationSummary | None = None) -> Seen:
    def act() -> int:
        shown(cells, of)
        return 0

    return see_written(columns, act)


CELLS = [
    cell("rotation", "long", reason=""),
    cell("rotation", "short", Verdict.FAILED, reason="Expected output to contain “90 days”"),
    cell("leave", "long", Verdict.UNCHECKED),
    cell("leave", "short", error="timeout: The model did not answer."),
]


def test_a_pipe_gets_a_row_for_each_case_the_totals_and_the_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown(CELLS)
    written = capsys.readouterr()
    assert written.out.splitlines() == [
        "CASE                               long  short",
        "rotation  A question on passwords     ✓      ✗  Expected output to contain “90 days”",
        "leave  A question on passwords        –      !  timeout: The model did not answer.",
        "✓ passed   ✗ failed   ! error   – unchecked",
        "",
        "VARIANT  PASS RATE  95% INTERVAL    PASSED  ERRORS  SCORE  COST    MEDIAN",
        "long     66.7%      20.8% to 93.8%  2 of 3  1       0.700  $0.042  640 ms",
        "short    66.7%      20.8% to 93.8%  2 of 3  1       0.700  $0.042  640 ms",
        "",
        "short is better than long",
        "+13.0 points (adjusted interval +5.1 to +20.3) over 200 cases, adjusted p = 0.0019; "
        "31 better, 5 worse.",
    ]
    assert written.err.splitlines() == [
        "note: The chance of any false “better” or “worse” is at most 5%, however often cases are added.",
        "note: 2 cells ended in an error. No rate counts them; the worst case counts each as a failure.",
    ]


@pytest.mark.parametrize("columns", [30, 80])
@pytest.mark.parametrize("variants", [2, 9])
def test_it_fits_a_terminal(columns: int, variants: int) -> None:
    names = ["long", "short", *(f"variant {place} with a long name" for place in range(7))][
        :variants
    ]
    known = summary(
        Finding.NO_DIFFERENCE_SHOWN, of=plan(*(replace(LONG, name=name) for name in names))
    )
    found = seen(columns, many(12, names), known)
    if variants < 9 or columns >= 60:  # a mark is never cut
        assert too_wide(found, columns) == []
    marks = {char for line in found.lines for char in line if char in "✓✗!–"}
    assert marks == set("✓✗!–")
    assert "about 140 more cases needed" in " ".join(found.lines)


def test_many_cases_are_cut_to_those_that_need_a_look() -> None:
    passing = (
        cell(f"case-{number}", variant) for number in range(90) for variant in ("long", "short")
    )
    failing = [cell("broken", "long"), cell("broken", "short", Verdict.FAILED)]
    found = seen(100, [*passing, *failing])
    assert [line.split()[0] for line in found.lines[:3]] == ["CASE", "broken", "✓"]
    assert "All of 1 case that did not pass everywhere, of 91 in all." in found.text


def test_a_huge_evaluation_shows_a_screenful() -> None:
    found = seen(100, many(1_000))
    rows = [line for line in found.lines if line.startswith("case-")]
    assert len(rows) == MOST_ROWS
    assert "The first 40 of 636 cases that did not pass everywhere, of 1,000 in all." in found.text


def test_repeats_that_disagree_are_counted() -> None:
    repeats = [
        cell("a", "long", Verdict.PASSED if at else Verdict.FAILED, repeat=at) for at in range(3)
    ]
    found = seen(80, repeats, summary(of=plan(repeats=3)))
    assert found.lines[1].split()[-2:] == ["2/3", "·"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_cannot_move_the_cursor_or_break_a_row(hostile: str) -> None:
    text = f"\x1b[2J{hostile}\r\nnext"
    found = seen(80, [cell(text, "short", Verdict.FAILED, reason=text)])
    assert found.lines[1].startswith("\\x1b[2J")
    assert found.lines[2].startswith("✓ passed")
