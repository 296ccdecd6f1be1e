"""The page Advice, in a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import AXE, Console
from tests.console.looking import faults

Seen = Callable[..., Page]

LEAGUE = Path(__file__).parents[2] / "samples" / "fantasy"
QUESTION = "Start Osric Vandemoor or Tobin Kestrelane in week 5?"
HOSTILE = "<img src=x onerror=alert(1)> \u202etxet"


@pytest.fixture(scope="module", autouse=True)
def league(console: Console) -> None:
    """The tables that the offline adviser reads."""
    for path in sorted(LEAGUE.glob("*.csv")):
        console.store(path.name, path.read_text())


def advised(page: Page, question: str = QUESTION) -> None:
    """Ask; returns when the advice is complete and has its address."""
    page.get_by_label("Model").fill("offline:adviser")
    page.get_by_label("Your question, with its options").fill(question)
    page.get_by_role("button", name="Advise").click()
    page.get_by_role("group", name="Outcome").wait_for()


def test_advice_shows_its_confidence_as_words_and_a_bar_and_its_sources(seen: Seen) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    advised(page)
    given = page.get_by_role("region", name="Recommendation")
    expect(given).to_contain_text("Tobin Kestrelane rather than Osric Vandemoor in week 5")
    expect(given).to_contain_text("More likely than not (about 6 in 10)")
    expect(given.get_by_role("meter")).to_be_visible()
    expect(given).to_contain_text("[1]")
    expect(given.get_by_role("listitem").first).to_contain_text("Osric Vandemoor")
    page.reload()
    expect(given).to_contain_text("Tobin Kestrelane rather than Osric Vandemoor in week 5")


def test_an_outcome_is_said_and_counts_in_the_table_of_reliability(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    advised(page)
    page.get_by_role("button", name="Right").click()
    expect(page.get_by_role("status")).to_have_text("Now: right")
    page.reload()
    expect(page.get_by_role("button", name="Right")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{console.url}/console/advice?profile=fantasy-nfl")
    table = page.get_by_role("table", name="Reliability by bands of confidence")
    expect(table).to_contain_text("50 % to 60 %")
    expect(table).to_contain_text("100 %")


def test_tuning_shows_its_evidence_and_changes_nothing(console: Console, seen: Seen) -> None:
    page = seen("/console/advice")
    page.get_by_role("button", name="Show what tuning would change").click()
    expect(page.locator(".notice", has_text="This was a dry run")).to_be_visible()
    expect(page.get_by_role("button", name="Put the correction in force")).to_have_count(0)
    assert console.call("GET", "/confidence/phrase-status")["version"] is None


def test_hostile_questions_are_text_and_errors_say_what_to_do(seen: Seen) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    page.get_by_label("Model").fill("anthropic:nobody")
    page.get_by_label("Your question, with its options").fill(QUESTION)
    page.get_by_role("button", name="Advise").click()
    expect(page.get_by_role("alert")).to_contain_text("model_not_configured")
    expect(page.get_by_label("Your question, with its options")).to_have_value(QUESTION)
    advised(page, f"{QUESTION} {HOSTILE}")
    expect(page.locator("h1")).to_contain_text("<img src=x onerror=alert(1)> ⟨U+202E⟩txet")
    assert page.locator("#page :is(img, script, svg)").count() == 0


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken(seen: Seen) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    page.get_by_role("heading", name="Does the confidence hold?").wait_for()
    assert faults(page) == []
    advised(page)
    assert faults(page) == []
