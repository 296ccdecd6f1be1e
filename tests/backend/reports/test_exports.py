"""CSV, JSON and JSONL of cells, read back by parsers."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backend.reports.case_rows import Form
from backend.reports.exports import CsvExport, JsonExport, JsonlExport
from tests.backend.reports.evaluations import cell, many, render, summary
from tests.backend.test_pages import HOSTILE
from tests.strict_json import parsed
from tests.thoroughness import examples
from use_cases.playground.model import Cell, Redaction, Verdict

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1")


def rows(*cells: Cell, with_bom: bool = False) -> list[Mapping[str, str]]:
    text = "".join(render(CsvExport(summary(), with_bom=with_bom), cells))
    return list(csv.DictReader(StringIO(text, newline="")))


def test_a_row_has_all_of_a_cell() -> None:
    (row,) = rows(cell(verdict=Verdict.FAILED, reason="Expected “90 days”"))
    assert row == {
        "case": "rotation",
        "description": "A question on passwords",
        "variant": "short",
        "repeat": "0",
        "verdict": "failed",
        "score": "0.5",
        "output": "Passwords rotate every 90 days. [1]",
        "reason": "Expected “90 days”",
        "error": "",
        "expected": '"90 days"',
        "variables": '{"question": "How often do passwords rotate?"}',
        "model": "openai:gpt-4.1-mini",
        "prompt_version": "chat.answer@7",
        "latency_ms": "812",
        "prompt_tokens": "104",
        "completion_tokens": "31",
        "cost_usd": "0.00021",
        "judge_cost_usd": "",
        "cached": "false",
        "outcome": "",
        "choice": "",
        "confidence": "",
        "finished_at": "2026-11-22T12:00:00+00:00",
        "verdict: contains": "failed",
        "score: contains": "0.0",
        "verdict: tone": "passed",
        "score: tone": "0.75",
    }


def test_an_error_has_a_row_too() -> None:
    (row,) = rows(cell(error="timeout: The model did not answer."))
    assert (row["verdict"], row["error"]) == ("error", "timeout: The model did not answer.")
    assert row["output"] == row["score"] == row["verdict: contains"] == ""


def test_the_cost_of_judges_is_added_up() -> None:
    judged = cell()
    assert judged.grade is not None
    results = [replace(one, cost=Decimal("0.0015")) for one in judged.grade.results]
    (row,) = rows(replace(judged, grade=replace(judged.grade, results=results)))
    assert row["judge_cost_usd"] == "0.0030"


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_text_for_a_spreadsheet(formula: str) -> None:
    (row,) = rows(cell(formula, text=formula, reason=formula))
    assert row["case"] == row["output"] == row["reason"] == f"'{formula}"


@settings(max_examples=examples(300))
@given(st.one_of(st.sampled_from([*FORMULAS, *HOSTILE]), st.text(st.characters(), max_size=60)))
def test_any_text_comes_back_from_csv(output: str) -> None:
    (row,) = rows(cell(text=output))
    held = valid(output).replace("\0", "\ufffd")
    assert row["output"] == (f"'{held}" if held.startswith(tuple("=+-@\t\r\n＝＋－＠")) else held)


def valid(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_the_header_of_a_metric_is_no_formula_and_excel_finds_its_mark() -> None:
    text = "".join(render(CsvExport(summary(), with_bom=True), []))
    assert text.startswith("\ufeffcase,description,variant,")
    assert text.endswith("verdict: contains,score: contains,verdict: tone,score: tone\r\n")


CELLS = TypeAdapter(Cell)


@settings(max_examples=examples(200))
@given(st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=60)))
def test_a_line_of_json_is_the_cell(output: str) -> None:
    written = cell(text=output, question=output)
    (line,) = render(JsonlExport(), [written])
    assert line.count("\n") == 1
    assert line.endswith("\n")
    read = CELLS.validate_python(parsed(line))
    expected = cell(text=valid(output), question=valid(output))
    assert CELLS.dump_python(read, mode="json") == CELLS.dump_python(expected, mode="json")


def test_numbers_that_json_lacks_are_null() -> None:
    known = cell()
    assert known.output is not None
    output = replace(known.output, logprobs=[-0.5, float("-inf"), float("nan")])
    (line,) = render(JsonlExport(), [replace(known, output=output)])
    assert parsed(line)["output"]["logprobs"] == [-0.5, None, None]


def test_json_is_one_object_with_the_summary_and_without_the_user() -> None:
    read = parsed("".join(render(JsonExport(summary()), many(3))))
    assert read["summary"]["comparisons"][0]["finding"] == "better"
    assert read["summary"]["run"]["dataset_digest"] == "ab" * 32
    assert "user_id" not in read["summary"]["run"]
    assert [one["case"] for one in read["cells"]] == ["case-0"] * 2 + ["case-1"] * 2 + [
        "case-2"
    ] * 2
    assert parsed("".join(render(JsonExport(summary()), [])))["cells"] == []


REDACTION = Redaction(outputs=True, variables=True, prompts=True)


@pytest.mark.parametrize(
    "form",
    [CsvExport(summary(), REDACTION), JsonlExport(REDACTION), JsonExport(summary(), REDACTION)],
    ids=["csv", "jsonl", "json"],
)
def test_what_is_redacted_is_in_no_export(form: Form) -> None:
    text = "".join(render(form, [cell(text="SECRET-1", question="SECRET-2", reason="SECRET-3")]))
    for word in ("SECRET", "90 days", "handbook.md", "Answer briefly."):
        assert word not in text
    assert "rotation" in text


def test_cells_are_written_as_they_come() -> None:
    taken: list[int] = []

    def counted() -> Iterator[Cell]:
        for number, each in enumerate(many(100)):
            taken.append(number)
            yield each

    lines = render(JsonlExport(), counted())
    assert json.loads(next(lines))["case"] == "case-0"
    assert taken == [0]
