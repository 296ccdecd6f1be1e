"""The page Answers, in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.conftest import AXE, Console
from tests.console.looking import faults
from tests.wire.script import grounded

pytestmark = pytest.mark.exhaustive(together=True)

Seen = Callable[..., Page]

ROTATION = "How often must passwords be rotated?"


def test_no_answers_yet_says_how_to_get_one(console: Console, seen: Seen) -> None:
    for chat in console.call("GET", "/chats?limit=100")["chats"]:
        console.call("DELETE", f"/chats/{chat['id']}")
    page = seen("/console/answers")
    expect(page.get_by_role("heading", name="No answers yet")).to_be_visible()
    expect(page.get_by_role("link", name="Ask a question")).to_be_visible()


def test_answers_are_filtered_by_an_address_that_can_be_reloaded(
    console: Console, seen: Seen
) -> None:
    console.asked(ROTATION)
    console.asked("Who paints the bridge in Oslo?")
    page = seen("/console/answers")
    table = page.get_by_role("table", name="Recorded answers")
    expect(table).to_contain_text("Who paints the bridge in Oslo?")
    page.get_by_role("searchbox", name="Text").fill("rotated")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?text=rotated$"))
    expect(table).not_to_contain_text("Oslo")
    page.get_by_label("Outcome").select_option("answered")
    expect(page).to_have_url(re.compile("outcome=answered"))
    page.reload()
    expect(page.get_by_label("Outcome")).to_have_value("answered")
    expect(table).to_contain_text(ROTATION)
    expect(table).not_to_contain_text("Oslo")
    expect(page.get_by_role("region", name="Totals")).to_contain_text(
        re.compile(r"Answered from sources\d")
    )
    expect(page.locator("footer")).to_contain_text(
        "candor answers --outcome 'answered' --text 'rotated'"
    )
    page.get_by_label("Model").fill("nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No answer fits")).to_be_visible()


def test_an_answer_is_shown_as_given_and_judged_with_a_correction(
    console: Console, seen: Seen
) -> None:
    answer = console.asked(ROTATION)
    page = seen(f"/console/answers/{answer['answer_id']}")
    expect(page.locator(".facts").last).to_contain_text("offline:extractive")
    page.get_by_role("button", name="Source 1: Password policy").click()
    lit = page.get_by_role("complementary", name="Source 1").locator("mark.active")
    expect(lit).to_have_text("Passwords must be rotated every 90 days.")
    page.get_by_role("button", name="Wrong", exact=True).click()
    page.get_by_label("The right answer").fill("Every 60 days.")
    page.get_by_role("button", name="Save").click()
    judged = page.get_by_role("region", name="What a person said")
    expect(judged).to_contain_text("Every 60 days.")
    page.reload()
    expect(judged).to_contain_text("Marked as wrong.")
    expect(lit).to_be_visible()
    found = console.call("GET", f"/answers/{answer['answer_id']}")
    assert (found["feedback"], found["expected"]) == ("wrong", "Every 60 days.")
    page.get_by_role("button", name="Say what is right").click()
    expect(page.get_by_label("The right answer")).to_have_value("Every 60 days.")
    page.get_by_label("What went wrong").fill("An old policy.")
    page.get_by_role("button", name="Save").click()
    expect(judged).to_contain_text("An old policy.")
    expect(judged).to_contain_text("Every 60 days.")


def test_what_cost_something_is_never_shown_as_nothing(console: Console, seen: Seen) -> None:
    answer = console.asked(ROTATION)
    page = seen("/console/answers")

    def priced(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "cost": "0.0000312"})

    page.route(f"{console.url}/answers/ans_*", priced)
    page.goto(f"{console.url}/console/answers/{answer['answer_id']}")
    expect(page.locator("dl.facts", has_text="Cost")).to_contain_text("$0.000031")


def test_a_list_of_an_answer_has_its_bullets(console: Console, seen: Seen) -> None:
    console.stub.answers(grounded("- Passwords must be rotated every 90 days. [1]"))
    answer = console.asked(ROTATION, model="openai:scripted")
    page = seen(f"/console/answers/{answer['answer_id']}")
    expect(page.locator(".prose ul")).to_have_css("list-style-type", "disc")


def test_a_dataset_is_made_of_what_the_filters_select(console: Console, seen: Seen) -> None:
    for question in ("How long is a password?", "How long may a password be?"):
        console.asked(question)
    answer = console.asked("How long is the password?")
    console.call("POST", f"/answers/{answer['answer_id']}/feedback", {"feedback": "right"})
    page = seen("/console/answers?feedback=right&text=long&model=offline:extractive")
    page.get_by_role("button", name="Make a dataset").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("the 1 answer that the filters select")
    dialog.get_by_label("Name").fill("Right ones")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_role("status")).to_contain_text("Right ones has 1 case:")
    page.goto(f"{console.url}/console/answers?feedback=none&text=password")
    for question in ("How long is a password?", "How long may a password be?"):
        page.get_by_role("checkbox", name=f"Choose: {question}").check()
    page.get_by_role("button", name="Make a dataset of 2").click()
    expect(dialog).to_contain_text("the 2 answers that you chose")
    dialog.get_by_label("Name").fill("Chosen")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_role("status")).to_contain_text("Chosen has 2 cases:")
    made = console.call("GET", "/api/v1/datasets")["datasets"]
    assert [(each["name"], each["item_count"]) for each in made] == [
        ("Chosen", 2),
        ("Right ones", 1),
    ]


def test_hostile_questions_and_sources_are_text(console: Console, seen: Seen) -> None:
    answer = console.asked("What is the gate code? <img src=x onerror=alert(1)> \u202etxet")
    page = seen("/console/answers?text=gate")
    link = page.get_by_role("link", name="<img src=x onerror=alert(1)> ⟨U+202E⟩txet")
    link.click()
    expect(page).to_have_url(re.compile(answer["answer_id"]))
    expect(page.locator("h1")).to_contain_text("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Source 1:").click()
    expect(page.locator(".source h2")).to_contain_text("<img src=x onerror=alert(1)> ⟨U+202E⟩gnol")
    assert page.locator("#page :is(img, script, svg, a[href^=javascript])").count() == 0


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken_in_the_list_and_in_one(console: Console, seen: Seen) -> None:
    answer = console.asked(ROTATION)
    page = seen("/console/answers")
    page.get_by_role("table", name="Recorded answers").wait_for()
    page.get_by_text("By model and prompt version").click()
    assert faults(page) == []
    page.goto(f"{console.url}/console/answers/{answer['answer_id']}?at=1.0")
    page.locator("mark.active").wait_for()
    assert faults(page) == []
