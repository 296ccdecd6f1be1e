"""Cells become rows, one case at a time."""

from dataclasses import replace

from backend.reports.case_rows import CaseRow, CaseRows, common_verdict
from tests.backend.reports.evaluations import cell, many
from use_cases.playground.model import Case, Cell, Verdict

PASSED, FAILED, ERROR = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR


def row(*cells: Cell) -> CaseRow:
    gathered = CaseRows()
    assert [gathered.add(each) for each in cells] == [None] * len(cells)
    only = gathered.end()
    assert only is not None
    return only


def test_a_row_is_complete_when_the_next_case_begins() -> None:
    gathered = CaseRows()
    rows = [found for each in many(3, repeats=2) if (found := gathered.add(each))]
    rows.append(gathered.end() or CaseRow(""))
    assert [found.key for found in rows] == ["case-0", "case-1", "case-2"]
    assert [[each.repeat for each in found.cells["short"]] for found in rows] == [[0, 1]] * 3


def test_no_cells_are_no_row() -> None:
    assert CaseRows().end() is None


def test_a_row_is_found_by_what_happened_in_it() -> None:
    assert row(cell(), cell(variant="long")).flags == []
    assert row(cell(), cell(variant="long", verdict=FAILED)).flags == ["failed", "differs"]
    assert row(cell(error="timeout: Too slow.")).flags == ["error"]
    assert row(cell(), cell(verdict=FAILED, repeat=1)).flags == ["failed", "unsteady"]
    assert row(cell(verdict=Verdict.UNCHECKED)).flags == ["unchecked"]


def test_a_case_without_an_id_is_named_by_its_description_or_first_variable() -> None:
    key = "e155f4f1" + "0" * 56
    asked = Case(key=key, variables={"question": "Why?", "role": "clerk"})

    def shown(case: Case) -> tuple[str, str]:
        found = row(replace(cell(case=case.key), inputs=case))
        return found.name, found.about

    assert shown(asked) == ("Why?", "")
    assert shown(replace(asked, description="a question")) == ("a question", "")
    assert shown(replace(asked, variables={})) == (key, "")
    assert shown(replace(asked, key=f"{key}-2")) == ("Why?", "")
    assert shown(replace(asked, key="answer_01K9ZC3W5T0000000000000000")) == ("Why?", "")
    assert shown(replace(asked, key="why")) == ("why", "Why?")


def test_repeats_have_a_verdict_only_where_they_agree() -> None:
    assert common_verdict([cell(), cell(repeat=1)]) is PASSED
    assert common_verdict([cell(), cell(repeat=1, verdict=FAILED)]) is None
    assert common_verdict([cell(error="timeout: Too slow.")]) is ERROR
