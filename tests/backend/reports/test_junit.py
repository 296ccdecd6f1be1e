"""JUnit XML, read back by an XML parser."""

from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.reports.exports import JUnitExport
from tests.backend.reports.evaluations import cell, many, plan, render, summary
from tests.backend.test_pages import HOSTILE
from tests.thoroughness import examples
from use_cases.playground.model import Cell, Redaction, Verdict


def parsed(cells: Sequence[Cell], redaction: Redaction | None = None) -> ElementTree.Element:
    text = "".join(render(JUnitExport(summary(), redaction or Redaction()), cells))
    return ElementTree.fromstring(text.encode("utf-8"))


CELLS = [
    cell("a", "long", Verdict.PASSED),
    cell("a", "short", Verdict.FAILED, reason="Expected “90 days”"),
    cell("a", "short", Verdict.ERROR, reason="The judge did not answer.", repeat=1),
    cell("b", "long", Verdict.UNCHECKED),
    cell("b", "short", error="timeout: The model did not answer."),
]


def test_each_variant_is_a_suite_with_its_counts() -> None:
    suites = parsed(CELLS).findall("testsuite")
    assert [dict(suite.attrib) for suite in suites] == [
        {
            "name": "long",
            "tests": "2",
            "failures": "0",
            "errors": "0",
            "skipped": "1",
            "time": "1.624",
        },
        {
            "name": "short",
            "tests": "3",
            "failures": "1",
            "errors": "2",
            "skipped": "0",
            "time": "1.624",
        },
    ]
    for suite in suites:
        for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(name) == str(len(suite.findall(f"testcase/{element}")))


def test_failures_errors_and_what_was_not_checked_are_three_things() -> None:
    long, short = parsed(CELLS).findall("testsuite")
    passed, unchecked = long.findall("testcase")
    assert dict(passed.attrib) == {"classname": "long", "name": "a", "time": "0.812"}
    assert list(passed) == []
    assert [child.tag for child in unchecked] == ["skipped"]
    failed, judge, model = short.findall("testcase")
    (failure,) = failed
    assert (failure.tag, failure.get("type")) == ("failure", "contains")
    assert failure.get("message") == "Expected “90 days”"
    assert failure.text == "contains: Expected “90 days”"
    assert judge.get("name") == "a #2"
    assert [(child.tag, child.get("type")) for child in judge] == [("error", "contains")]
    (error,) = model
    assert (error.tag, error.get("type")) == ("error", "timeout")
    assert error.get("message") == "timeout: The model did not answer."


@settings(max_examples=examples(300))
@given(
    st.one_of(st.sampled_from([*HOSTILE, "]]>", "a\r\n\tb"]), st.text(st.characters(), max_size=60))
)
def test_any_text_is_well_formed(text: str) -> None:
    failed = cell(text, "short", Verdict.FAILED, reason=f"!{text}")
    (case,) = parsed([failed]).findall("testsuite[@name='short']/testcase")
    allowed = "".join(char for char in valid(text) if is_allowed(char))
    assert case.get("name") == allowed
    assert case[0].get("message") == f"!{allowed}"


def valid(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_allowed(char: str) -> bool:
    """Whether XML 1.0 has the character (production 2, Char)."""
    code = ord(char)
    return char in "\t\n\r" or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code > 0xFFFF


def test_a_long_reason_is_bounded() -> None:
    (case,) = parsed([cell(verdict=Verdict.FAILED, reason="x" * 100_000)]).findall(".//testcase")
    assert [len(case[0].get("message") or ""), len(case[0].text or "")] == [4_000, 4_000]


def test_reasons_can_be_left_out() -> None:
    secret = [cell(verdict=Verdict.FAILED, reason="SECRET"), cell(error="timeout: SECRET")]
    failure, error = [case[0] for case in parsed(secret, Redaction(reasons=True)).iter("testcase")]
    assert (failure.get("message"), failure.text) == ("failed", "contains: ")
    assert error.get("message") == "timeout"


@pytest.mark.parametrize("repeats", [1, 3])
def test_no_cell_is_lost(repeats: int) -> None:
    form = JUnitExport(summary(of=plan(repeats=repeats)))
    read = ElementTree.fromstring("".join(render(form, many(500, repeats=repeats))))
    names = [(case.get("classname"), case.get("name")) for case in read.iter("testcase")]
    assert len(set(names)) == len(names) == 1_000 * repeats
