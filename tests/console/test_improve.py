"""The page Improve, in a browser: from answers that were wrong to a prompt that is in use."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.console.conftest import AXE, Console
from tests.console.looking import faults
from tests.wire.script import HOLD, Reply, Request, Use, says

pytestmark = pytest.mark.exhaustive(together=True)

Seen = Callable[..., Page]

HOSTILE = "<img src=x onerror=alert(1)> \u202etxet"
QUESTIONS = [
    "How often must passwords be rotated?",
    f"How often must a password be rotated? {HOSTILE}",
]
NEW = f"Say 60. {HOSTILE}"


def by_prompt(request: Request) -> Reply:
    """A model that answers as its prompt says."""
    if not request.follows_a_tool:
        return says(Use("search_knowledge_base", '{"query": "password rotation"}'))
    days = 60 if "Say 60." in str(request.body) else 90
    return says(f"Passwords must be rotated every {days} days [1].")


def marked_wrong(console: Console) -> None:
    """Two wrong answers, with what would have been right."""
    for question in QUESTIONS:
        answer = console.asked(question)["answer_id"]
        said = {"feedback": "wrong", "expected": "60 days"}
        console.call("POST", f"/answers/{answer}/feedback", said)


def dataset_of(console: Console) -> str:
    """The id of a dataset with one case."""
    made: str = console.call("POST", "/api/v1/datasets", {"name": "One"})["id"]
    item = {"vars": {"question": QUESTIONS[1]}, "expected": "Every 90 days."}
    console.call("POST", f"/api/v1/datasets/{made}/items", item)
    return made


def begun(page: Page, repeats: int = 1) -> None:
    """Begin to compare the version in view on the dataset, with a model that reads prompts."""
    comparing = page.get_by_role("region", name="Compare on a dataset")
    comparing.get_by_label("Model").fill("openai:scripted")
    comparing.get_by_label("Answers per case").fill(str(repeats))
    comparing.get_by_role("button", name="Show the cost").click()
    cost = page.get_by_role("region", name="Cost")
    expect(cost).to_contain_text("Nothing is asked of a model yet.")
    expect(cost).to_contain_text("what they cost is not known")
    cost.get_by_label("Stop at").fill("2")
    cost.get_by_role("button", name="Confirm and begin").click()


def compared(page: Page, repeats: int) -> None:
    """Compare it to the end."""
    begun(page, repeats)
    expect(page.get_by_role("status").first).to_have_text("done")


def tried(page: Page) -> None:
    """Try what is not saved yet on a question, beside what is in use."""
    trying = page.get_by_role("region", name="Try on a question")
    trying.get_by_label("A question").fill(QUESTIONS[1])
    trying.get_by_label("Model").fill("openai:scripted")
    trying.get_by_role("button", name="Try").click()
    expect(trying.locator(".cell")).to_contain_text(["every 60 days", "every 90 days"])
    expect(trying.get_by_role("status")).to_have_text("Answered.")
    expect(trying.locator(".cell").first).to_contain_text("[1] Password policy")


def rated(case: Locator) -> None:
    """Rate an output of a case, with a comment."""
    case.get_by_role("button", name="Good").last.click()
    case.get_by_role("button", name="Comment").click()
    case.get_by_label("Your comment").fill(f"short {HOSTILE}")
    case.get_by_role("button", name="Save").click()
    expect(case.get_by_text("short <img")).to_be_visible()


def promoted(page: Page) -> None:
    """Put the version in use; two cases do not show that it is no worse, so that needs a reason."""
    page.get_by_role("button", name="Put version 1 in use").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("+100.0 points")
    dialog.get_by_role("button", name="Put it in use").click()
    expect(dialog).to_contain_text("The run does not show that version 1 loses less than 5%")
    dialog.get_by_label("Why you put it in use").fill("Two cases are all there are.")
    dialog.get_by_role("button", name="Put it in use all the same").click()
    expect(page.locator("#page")).to_contain_text("In use: version 1")
    expect(page.get_by_role("table", name="What was in use")).to_contain_text("Two cases are all")


def beside_an_earlier_run(page: Page, run: str) -> None:
    """Compare another version, and put the earlier run beside it."""
    prompt = page.get_by_label("The prompt")
    prompt.fill(f"{prompt.input_value()} Be kind.")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page).to_have_url(re.compile("version=2"))
    compared(page, 1)
    page.get_by_label("Beside an earlier evaluation").select_option(run)
    expect(page).to_have_url(re.compile(f"with={run}"))
    page.reload()
    table = page.get_by_role("table", name="Comparisons")
    expect(table).to_contain_text("version 1the earlier one")
    expect(page.locator("article").first.locator("h4")).to_contain_text(
        ["version 1", "version 2", "earlier: version 0", "earlier: version 1"]
    )
    page.get_by_role("link", name="Only where verdicts differ").click()
    expect(page.locator("article")).to_have_count(2)


def test_from_wrong_answers_to_a_prompt_in_use_and_back(console: Console, seen: Seen) -> None:
    console.stub.answers(by_prompt)
    for dataset in console.call("GET", "/api/v1/datasets")["datasets"]:
        console.call("DELETE", f"/api/v1/datasets/{dataset['id']}")
    page = seen("/console/improve")
    expect(page.get_by_role("heading", name="No dataset yet")).to_be_visible()
    marked_wrong(console)
    page.goto(f"{console.url}/console/answers?feedback=wrong")
    page.get_by_role("button", name="Make a dataset").click()
    page.get_by_label("Name").fill(f"Wrong {HOSTILE}")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Improve the prompt with it").click()

    expect(page).to_have_url(re.compile(r"/improve/chat\.answer\?dataset=ds_"))
    prompt = page.get_by_label("The prompt")
    prompt.fill(f"{prompt.input_value()}\n{NEW}")
    changes = page.get_by_role("region", name="What changes")
    expect(changes.locator("ins")).to_have_text(
        "+ Say 60. <img src=x onerror=alert(1)> ⟨U+202E⟩txet"
    )
    expect(page.get_by_role("button", name="Show the cost")).to_be_disabled()
    tried(page)
    page.get_by_label("Why it is changed").fill(HOSTILE)
    page.get_by_role("button", name="Save as a new version").click()
    expect(page).to_have_url(re.compile("version=1"))
    compared(page, 2)

    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("No difference between version 1 and version 0 is shown")
    expect(verdict).to_contain_text("+100.0 points (adjusted interval")
    expect(verdict).to_contain_text("over 2 cases")
    case = page.locator("article", has_text="⟨U+202E⟩txet")
    expect(case.locator("h4")).to_have_text(["version 0 0 of 2 passed", "version 1 2 of 2 passed"])
    expect(case.locator(".verdict")).to_have_count(2)  # the repeats say the same, and stand once
    expect(case.locator("ins")).to_have_text("60")
    rated(case)
    assert page.locator("#page :is(img, script, svg)").count() == 0
    run = page.url.rpartition("/")[2]
    given = console.call("GET", f"/api/v1/eval-runs/{run}/feedback")
    assert [(each["assertion"], each["passed"]) for each in given] == [("output", True)] * 2
    promoted(page)
    beside_an_earlier_run(page, run)

    again = console.call("PUT", "/api/v1/prompts/chat.answer/labels/production", {"version": 1})
    assert (again["from_version"], again["to_version"]) == (1, 1)
    page.goto(f"{console.url}/console/improve/chat.answer")
    page.get_by_role("button", name="Roll back").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("the built-in text is used again instead of version 1")
    dialog.get_by_role("button", name="Roll back").click()
    expect(page.locator("#page")).to_contain_text("In use: the built-in text")


def test_a_prompt_that_is_not_there_is_an_error_and_a_run_can_be_thrown_away(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/improve/nobody")
    expect(page.get_by_role("alert")).to_contain_text("prompt_not_found")
    made = dataset_of(console)
    page.goto(f"{console.url}/console/improve/chat.answer?version=0&dataset={made}")
    page.get_by_role("button", name="Show the cost").click()
    expect(page.get_by_role("region", name="Cost")).to_contain_text("and none costs anything")
    page.get_by_role("button", name="Throw it away").click()
    expect(page).to_have_url(f"{console.url}/console/improve/chat.answer")


def judging(request: Request) -> Reply:
    """A model that answers, and passes every answer that it judges."""
    if "tools" not in request.body:
        return says("Kindly: every 90 days.")
    return says(Use("final_result", '{"reason": "So it is.", "pass": true, "score": 1}'))


def still_queued(route: Route) -> None:
    """The run as it was read before a server took it up."""
    answer = route.fetch()
    found: dict[str, Any] = answer.json() if answer.status == HTTPStatus.OK else {}
    if found.get("status") == "running":
        route.fulfill(json={**found, "status": "queued"})
    else:
        route.fulfill(response=answer)


def test_a_prompt_of_ones_own_is_written_judged_rated_and_its_evaluation_stopped(
    console: Console, seen: Seen
) -> None:
    console.stub.answers(judging)
    rubric = {"type": "llm-rubric", "judge": "openai:scripted"}
    made = console.call("POST", "/api/v1/datasets", {"name": "Tones"})["id"]
    wanted = [{**rubric, "value": value} for value in ("Is it kind?", "Is it short?")]
    item = {"vars": {"question": QUESTIONS[0]}, "assert": wanted}
    console.call("POST", f"/api/v1/datasets/{made}/items", item)

    page = seen("/console/improve")
    page.get_by_label("A prompt of your own").fill(f"Tone {HOSTILE}")
    page.get_by_role("button", name="Create it").click()
    expect(page.locator("#page")).to_contain_text("It has no text yet.")
    page.get_by_label("The prompt").fill("Say it kindly: {{question}}")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page).to_have_url(re.compile("version=1"))
    editor = f"{page.url}&dataset={made}"
    page.goto(editor)
    compared(page, 1)
    page.get_by_role("group", name="llm-rubric#2").get_by_role("button", name="Bad").click()
    whole = page.get_by_role("group", name="As a whole").get_by_role("button", name="Good")
    whole.click()
    expect(whole).to_have_attribute("aria-pressed", "true")
    run = page.url.rpartition("/")[2]
    given = console.call("GET", f"/api/v1/eval-runs/{run}/feedback")
    said = {(each["assertion"], each["passed"]) for each in given}
    assert said == {("llm-rubric#2", False), ("output", True)}

    console.stub.answers(says(HOLD, "Kindly: every 90 days."))
    page.goto(editor)
    page.route(re.compile(r"/eval-runs/\w+$"), still_queued)
    begun(page, 50)
    expect(page.get_by_role("status").first).to_have_text("under way")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Stopping …")).to_be_disabled()
    console.stub.release()
    expect(page.get_by_role("status").first).to_have_text("stopped")
    page.get_by_role("button", name="Go on").wait_for()
    expect(page.get_by_role("region", name="Cost")).to_contain_text("In all: 50 results")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken(console: Console, seen: Seen) -> None:
    console.stub.answers(by_prompt)
    variants = [
        {"name": model, "target": "chat", "model": model}
        for model in ("offline:extractive", "openai:scripted")
    ]
    body = {"name": HOSTILE, "dataset_id": dataset_of(console), "variants": variants}
    run = console.call("POST", "/api/v1/eval-runs", body)["id"]
    console.finished(f"/api/v1/eval-runs/{run}/events")
    page = seen("/console/improve")
    page.get_by_role("table", name="Prompts").wait_for()
    assert faults(page) == []
    page.goto(f"{console.url}/console/improve/advice.general.brief")
    page.get_by_label("The prompt").fill(NEW)
    page.locator(".beside ins").wait_for()
    assert faults(page) == []
    page.goto(f"{console.url}/console/improve/-/{run}")
    page.get_by_role("button", name="Good").first.click()
    page.get_by_role("button", name="Comment").click()
    assert faults(page) == []
    console.call("DELETE", f"/api/v1/datasets/{body['dataset_id']}")
    page.reload()
    expect(page.locator("article h3")).to_have_text("Case 1")
    expect(page.locator("#page")).to_contain_text("The dataset was removed")
