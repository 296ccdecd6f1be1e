"""The page of an evaluation: what an HTML5 parser finds in it."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from backend.pages import CONTENT_SECURITY_POLICY
from backend.reports.case_rows import stream
from backend.reports.evaluation_page import EvaluationPage
from tests.backend.reports.evaluations import LONG, SHORT, cell, many, plan, render, summary, total
from tests.backend.test_pages import HOSTILE, seen
from tests.thoroughness import examples
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role
from use_cases.playground.model import (
    Cell,
    EvaluationSummary,
    Finding,
    Redaction,
    Variant,
    Verdict,
)

BOTH = [cell(variant="long", text="Every 30 days."), cell(variant="short", text="Every 90 days.")]


def page(
    cells: Iterable[Cell] = (),
    of: EvaluationSummary | None = None,
    redaction: Redaction | None = None,
) -> LexborHTMLParser:
    form = EvaluationPage(of or summary(), redaction or Redaction())
    return LexborHTMLParser("".join(render(form, cells)))


def one(found: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    (node,) = found.css(selector)
    return node


def texts(found: LexborHTMLParser | LexborNode, selector: str) -> list[str]:
    return [node.text() for node in found.css(selector)]


@pytest.mark.parametrize(
    ("finding", "headline", "tone"),
    [
        (Finding.BETTER, "short is better than long", "notice good"),
        (Finding.WORSE, "short is worse than long", "notice bad"),
        (
            Finding.NO_DIFFERENCE_SHOWN,
            "No difference between short and long is shown; about 140 more cases needed",
            "notice",
        ),
        (
            Finding.UNFINISHED,
            "No verdict on short before the run has come to its end",
            "notice",
        ),
        (Finding.NOT_COMPARABLE, "short and long cannot be compared", "notice"),
    ],
)
def test_the_verdict_stands_first(finding: Finding, headline: str, tone: str) -> None:
    found = page(BOTH, summary(finding))
    verdict = one(found, "header div.notice")
    assert one(verdict, "strong").text() == headline
    assert verdict.attributes["class"] == tone
    assert one(verdict, "p").text() == (
        "+13.0 points (adjusted interval +5.1 to +20.3) over 200 cases, adjusted p = 0.0019; "
        "31 better, 5 worse."
    )


def test_a_single_variant_has_its_pass_rate_as_verdict() -> None:
    found = page([cell()], summary(of=plan(SHORT)))
    assert one(found, "div.notice strong").text() == "short passed 2 of 3 graded cells"
    assert one(found, "div.notice p").text() == "Pass rate 66.7% (95% interval 20.8% to 93.8%)."


def test_what_limits_the_verdict_stands_below_it() -> None:
    known = summary(of=replace(plan(), not_understood=["assertion `webhook` of case 3"]), done=5)
    run = replace(known.run, state=JobState.STOPPED, reason="the budget is used up")
    known = replace(known, run=run, totals=[total("long", unchecked=1), total("short", errors=0)])
    assert texts(page((), known), ".warning li") == [
        "The chance of any false “better” or “worse” is at most 5%, however often cases are added.",
        "The run is stopped (the budget is used up): 5 of 8 cells are done.",
        "1 cell ended in an error. No rate counts them; the worst case counts each as a failure.",
        "1 cell had nothing to check, and no rate counts them.",
        "Not evaluated: assertion `webhook` of case 3",
    ]


def test_a_run_whose_budget_is_spent_says_so() -> None:
    known = summary(done=5)
    spent = {"budget": Decimal("0.02"), "spent": Decimal("0.021")}
    run = replace(known.run, state=JobState.STOPPED, **spent)
    said = texts(page((), replace(known, run=run)), ".warning li")
    assert "The run is stopped (its budget of $0.02 is spent): 5 of 8 cells are done." in said


def test_its_policy_admits_its_own_style_and_script_and_nothing_else() -> None:
    found = page(BOTH)
    policy = one(found, "meta[http-equiv=Content-Security-Policy]").attributes["content"]
    assert policy == CONTENT_SECURITY_POLICY
    directives = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert directives == {
        "default-src": "'none'",
        "style-src": digest(one(found, "style").text()),
        "script-src": digest(one(found, "script").text()),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def digest(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def test_it_asks_nothing_of_any_server() -> None:
    found = page(many(20))
    assert found.css("link, img, iframe, object, embed, form, base, [src], [style]") == []
    assert {str(node.attributes["href"])[:7] for node in found.css("[href]")} == {"#entry-"}
    assert re.findall(r"url\(|@import|https?://", found.html or "") == []


def test_it_has_a_language_a_title_and_one_heading() -> None:
    found = page(BOTH)
    assert one(found, "html").attributes["lang"] == "en"
    assert one(found, "title").text() == "Evaluation: Handbook answers"
    assert texts(found, "h1") == ["Handbook answers"]
    assert texts(found, "h2") == [
        "Totals",
        "Comparison with the baseline",
        "Metrics",
        "Costs and latencies",
        "Cases",
        "Exact versions",
    ]


def test_totals_have_counts_an_interval_and_its_picture() -> None:
    found = one(page(BOTH), "[aria-label=Totals]")
    first = found.css("tbody tr")[0]
    assert one(first, "th").text() == "1long baseline"
    assert texts(first, "td.number") == ["66.7%", "2", "1", "1", "50.0%", "0.700 (0.400 to 0.900)"]
    reach = one(first, "svg .reach").attributes
    assert (reach["x1"], reach["x2"]) == ("20.77%", "93.85%")
    assert one(first, "svg circle").attributes["cx"] == "66.67%"


def test_comparisons_stand_around_zero_also_by_metric() -> None:
    first, second = one(page(BOTH), "[aria-label=Comparison]").css("tbody tr")
    assert texts(first, "td")[:2] == ["overall", "▲ better"]
    assert texts(second, "td")[:2] == ["tone", "no difference shown"]
    # From -22.33 to +22.33 points: 13 points are at .5 + 13 / 44.66.
    assert one(first, "circle").attributes["cx"] == "79.11%"
    assert one(first, ".zero").attributes["x1"] == "50.00%"
    assert "0.0019" in texts(first, "td.number")


def test_a_column_without_a_word_is_left_out() -> None:
    header = texts(one(page(BOTH), "[aria-label=Totals]"), "th[scope=col]")
    assert "Unchecked" not in header
    assert "Agreement of repeats" not in header


def test_the_matrix_has_a_letter_in_each_cell() -> None:
    cells = [
        *(cell("a", variant, Verdict.PASSED) for variant in ("long", "short")),
        cell("b", "long", Verdict.FAILED),
        cell("b", "short", error="timeout: The model did not answer."),
        cell("c", "short", Verdict.UNCHECKED),
    ]
    found = page(cells)
    rows = found.css(".entry")
    assert [texts(row, "summary.line .badge") for row in rows] == [["P", "P"], ["F", "E"], ["U"]]
    assert [row.attributes.get("data-flags") for row in rows] == [
        None,
        "failed error differs",
        "unchecked",
    ]
    assert one(rows[1], "summary .bad").attributes["aria-label"] == "long: failed"
    assert one(rows[2], "summary [title='long: not run']").text() == "·"


def test_repeats_stand_in_one_cell_with_their_agreement() -> None:
    cells = [cell("a", "long", repeat=repeat) for repeat in range(3)]
    cells += [
        cell("a", "short", Verdict.FAILED if repeat else Verdict.PASSED, repeat=repeat)
        for repeat in range(3)
    ]
    found = page(cells, summary(of=plan(repeats=3)))
    assert texts(found, "summary.line .badge") == ["P ×3", "1/3"]
    assert texts(one(found, ".cell:last-child"), "h3") == [
        "2short",
        "Repeat 1",
        "Repeat 2",
        "Repeat 3",
    ]
    assert [box.attributes["value"] for box in found.css("[name=flag]")] == [
        "failed",
        "error",
        "differs",
        "unsteady",
    ]


def test_a_case_shows_its_inputs_outputs_and_every_reason() -> None:
    cells = [
        BOTH[0],
        cell(verdict=Verdict.FAILED, reason="Expected output to contain “90 days”"),
    ]
    found = page(cells)
    entry = one(found, ".entry")
    assert texts(entry, ".values dt") == ["question", "Expected"]
    assert texts(entry, ".values pre") == ["How often do passwords rotate?", "90 days"]
    side = entry.css(".cell")[1]
    assert texts(side, ".checks > li") == [
        "F contains · required Expected output to contain “90 days”",
        "P tone · llm-rubric · score 0.75 Polite.",
    ]
    assert "812 ms · $0.00021 · 104 + 31 tokens" in one(side, "p small").text()
    assert "90 days" not in " ".join(texts(side, ".cell > p"))  # a reason stands once
    assert texts(side, ".cell > details li") == ["[1] handbook.md, Passwords“every 90 days”"]


def test_outputs_are_compared_with_the_baseline_word_by_word() -> None:
    entry = one(page(BOTH), ".entry")
    first, second = entry.css(".cell pre")
    assert (texts(first, "ins, del"), first.text()) == ([], "Every 30 days.")
    assert (texts(second, "del"), texts(second, "ins")) == ([" 30"], [" 90"])


def test_the_exact_versions_are_there() -> None:
    found = page(BOTH).css("section")[-1]
    assert isinstance(SHORT.prompt, PromptContent)
    for expected in (
        "eval_01",
        "ds_01, version 3",
        "ab" * 32,
        SHORT.prompt.digest,
        "chat.answer@7",
        "chat.answer@6",
        "openai:gpt-4.1-mini",
        '{"temperature": 0}',
        "Answer briefly.",
        "llm-rubric · threshold 0.5",
    ):
        assert expected in found.text()


def test_a_long_text_is_cut_and_a_huge_one_is_bounded() -> None:
    long, huge = "word " * 2_000, "x" * 1_000_000
    found = page([cell(variant="long", text=long), cell(variant="short", text=huge)])
    first, second = one(found, ".entry").css(".cell")
    assert [len(text) for text in texts(first, "pre")] == [1_501, 8_501]
    assert one(first, "pre + details > summary").text() == "Show all (10,000 characters)"
    assert [len(text) for text in texts(second, "pre")] == [1_501, 28_501]
    assert "970,000 more characters are not in this page" in one(second, "pre + details").text()
    assert len(found.html or "") < 80_000


def test_a_huge_input_is_bounded_too() -> None:
    found = page([cell(question="q" * 1_000_000)])
    assert [len(text) for text in texts(found, "dd pre")][:2] == [401, 7_601]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_inert_wherever_it_stands(hostile: str) -> None:
    variant = Variant(
        name=f"v{hostile}",
        model=hostile,
        prompt_version=hostile,
        prompt=PromptContent([PromptMessage(Role.USER, hostile)]),
    )
    known = summary(
        of=replace(plan(LONG, variant), name=hostile, description=hostile, judge=hostile)
    )
    calm = {node.tag for node in page(BOTH).css("*")}
    cells = [
        cell(hostile, "long", Verdict.FAILED, text=hostile, reason=hostile, question=hostile),
        cell(hostile, variant.name, error=hostile),
    ]
    found = page(cells, known)
    assert {node.tag for node in found.css("*")} <= calm
    assert len(found.css("script")) == 1
    assert one(found, "h1").text() == seen(hostile)
    assert texts(found, ".entry .cell pre") == [seen(hostile)] * 2
    "".join(render(EvaluationPage(known), cells)).encode("utf-8")


@settings(max_examples=examples(50), deadline=None)
@given(st.text(st.characters(), max_size=200), st.text("<>&\"'/! -=a\x00\ud800", max_size=60))
def test_any_output_can_be_read_back(one_text: str, other: str) -> None:
    found = page(
        [cell(variant="long", text=f"\n{one_text}"), cell(variant="short", text=f"b{other}")]
    )
    first, second = found.css(".cell pre")
    assert first.text() == seen(f"\n{one_text}")
    for removed in second.css("del"):
        removed.decompose()
    assert second.text().replace("\n", "") == seen(f"b{other}").replace("\n", "")


def test_what_is_redacted_is_nowhere_in_the_page() -> None:
    secret = [
        cell(variant="long", text="SECRET-OUTPUT", reason="SECRET-REASON", question="SECRET-Q")
    ]
    known = summary(of=plan(LONG, SHORT))
    whole = "".join(render(EvaluationPage(known), secret))
    for word in ("SECRET-OUTPUT", "SECRET-REASON", "SECRET-Q", "Answer briefly.", "every 90 days"):
        assert word in whole
    everything = Redaction(outputs=True, variables=True, reasons=True, prompts=True)
    left = "".join(render(EvaluationPage(known, everything), secret))
    for word in ("SECRET", "Answer briefly.", "90 days", "is polite", "Polite."):
        assert word not in left
    assert "This report leaves out: outputs, variables, reasons, prompts" in left
    assert "The output is left out." in left


def test_cells_are_shown_as_they_come() -> None:
    form = EvaluationPage(summary())
    list(form.begin())
    sizes = [len("".join(form.add(each))) for each in many(3)]
    assert [size > 0 for size in sizes] == [False, False, True, False, True, False]


@pytest.mark.anyio
async def test_cells_that_are_read_asynchronously_give_the_same_page() -> None:
    async def read() -> AsyncIterator[Cell]:
        for each in many(5):
            yield each

    pieces = [piece async for piece in stream(EvaluationPage(summary()), read())]
    assert "".join(pieces) == "".join(render(EvaluationPage(summary()), many(5)))
