"""The page Advice, in a browser."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from backend.settings.settings import Settings
from tests.backend.http.advised import keep, overconfident
from tests.console.conftest import AXE, Console
from tests.console.looking import faults

pytestmark = pytest.mark.exhaustive(together=True)

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
    page.get_by_label("Model", exact=True).fill("offline:adviser")
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


def test_a_marker_opens_its_source_beside_the_advice(seen: Seen) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    advised(page)
    given = page.get_by_role("region", name="Recommendation")
    given.get_by_role("listitem").get_by_role("button", name="Source 1").click()
    expect(given.locator(".sentence.on")).to_contain_text("17.16 projected points, 41 in 100")
    pane = page.get_by_role("complementary", name="Source 1")
    expect(pane.locator("mark.active")).to_contain_text("Osric Vandemoor 41 in 100")
    page.reload()
    pane.get_by_role("button", name="Close").click()
    expect(pane).to_have_count(0)


def test_an_outcome_is_said_and_counts_in_the_table_of_reliability(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    advised(page)
    page.get_by_role("button", name="Right").click()
    expect(page.get_by_role("status")).to_have_text("Now: right")
    with page.expect_response("**/feedback") as again:
        page.get_by_role("button", name="Right").click()
    assert again.value.ok
    page.reload()
    expect(page.get_by_role("button", name="Right")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{console.url}/console/advice?profile=fantasy-nfl")
    table = page.get_by_role("table", name="Reliability by bands of confidence")
    expect(table).to_contain_text("50 % to 60 %")
    expect(table).to_contain_text("100 %")
    drawn = page.get_by_role("img", name="What was shown against what happened")
    assert drawn.evaluate(
        "(all) => [...all.querySelectorAll('circle, text')].every((each) => {"
        "const [box, around] = [each.getBoundingClientRect(), all.getBoundingClientRect()];"
        "return box.top >= around.top && box.left >= around.left && box.right <= around.right"
        " && box.bottom <= around.bottom; })"
    )


def test_outcomes_that_the_tables_know_appear_in_the_list_at_once(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    question = "Start Osric Vandemoor or Ludo Brakensiek in week 6?"
    advised(page, question)
    told = {
        "response_id": page.url.rpartition("/")[2],
        "outcome": True,
        "feedback_notes": "Osric 17, Ludo 12",
    }
    page.get_by_role("link", name="All advice").click()
    row = page.get_by_role("table", name="Recent advice").get_by_role("row", name=question)
    expect(row).to_contain_text("pending")

    def resolved(route: Route) -> None:  # of this advice alone: others are of other tests
        console.call("POST", "/feedback", told)
        route.fulfill(json={"right": 1, "wrong": 0, "void": 0, "pending": 0, "failed": []})

    page.route("**/confidence/resolve*", resolved)
    page.get_by_role("button", name="Resolve by the tables").click()
    expect(row).to_contain_text("right")
    row.get_by_role("link").click()
    expect(page.locator("article")).to_contain_text("Osric 17, Ludo 12")


def test_what_the_tables_cannot_decide_is_said_with_its_reason(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    failed = {"profile": "fantasy-nfl", "reason": "<b>No week.</b>", "response_ids": ["resp_1"]}
    found = {"right": 0, "wrong": 0, "void": 0, "pending": 0, "failed": [failed]}
    page.route("**/confidence/resolve*", lambda route: route.fulfill(json=found))
    page.get_by_role("button", name="Resolve by the tables").click()
    expect(page.get_by_text("fantasy-nfl, 1 undecided: <b>No week.</b>")).to_be_visible()


def test_a_corrected_confidence_stands_beside_what_the_model_stated(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    advised(page)
    shown = page.get_by_role("region", name="Recommendation")
    expect(shown).not_to_contain_text("the model stated")

    def corrected(route: Route) -> None:
        more = {"raw_confidence": 0.9, "calibration_version": "cal_1", "cost": "0.000031"}
        route.fulfill(json={**route.fetch().json(), **more})

    page.route(f"{console.url}/advice/*", corrected)
    page.reload()
    expect(shown).to_contain_text("59 %; the model stated 90 %")
    facts = page.locator("article > dl.facts")
    for fact in ("advice-1-", "cal_1", "$0.000031"):
        expect(facts).to_contain_text(fact)


def test_where_no_confidence_is_stated_no_outcome_is_asked_for(seen: Seen) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    page.get_by_label("Model", exact=True).fill("offline:adviser")
    page.get_by_label("Your question, with its options").fill(QUESTION.replace("5", "55"))
    page.get_by_role("button", name="Advise").click()
    expect(page.get_by_text("no outcome can be held against it")).to_be_visible()
    assert page.get_by_role("group", name="Outcome").count() == 0


def test_tuning_without_outcomes_says_so_and_changes_nothing(console: Console, seen: Seen) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    page.get_by_role("button", name="Show what tuning would change").click()
    expect(page.locator(".notice", has_text="This was a dry run")).to_be_visible()
    expect(page.get_by_role("button", name="Put the correction in force")).to_have_count(0)
    status = console.call("GET", "/confidence/phrase-status?profile=fantasy-nfl")
    assert status["version"] is None


def test_a_correction_is_put_in_force_with_its_evidence_and_rolled_back(
    console: Console, seen: Seen
) -> None:
    settings = Settings.model_validate({"data_dir": console.data})
    with ThreadPoolExecutor() as apart:  # from the loop of Playwright
        apart.submit(keep, settings, overconfident()).result()
    page = seen("/console/advice?profile=general")
    picture = page.get_by_role("img", name="What was shown against what happened")
    expect(picture.locator("circle")).to_have_count(2)
    expect(picture.locator("title").first).to_have_text("70 % shown, 58 % right, n = 120")
    expect(page.get_by_role("table", name="Reliability by bands")).to_contain_text("77 %")
    page.get_by_label("Of the model").fill("openai:nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No outcome is known yet")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No outcome is known yet")).to_be_visible()
    page.get_by_label("Of the model").fill("")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show what tuning would change").click()
    expect(
        page.locator(".notice", has_text="240 outcomes; Brier score changes by -0.0")
    ).to_be_visible()
    page.get_by_role("button", name="Put the correction in force").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Put this correction in force?")
    dialog.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("In force for general: cal_")).to_be_visible()
    page.get_by_role("button", name="Roll back").click()
    dialog.get_by_role("button", name="Roll back").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("In force for general: no correction")).to_be_visible()
    assert console.call("GET", "/confidence/phrase-status")["version"]["restores"] is None


def test_hostile_questions_are_text_and_errors_say_what_to_do(seen: Seen) -> None:
    page = seen("/console/advice?profile=fantasy-nfl")
    page.get_by_label("Model", exact=True).fill("anthropic:nobody")
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
