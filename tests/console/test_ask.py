"""The page Ask, in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.console.cable import Cable
from tests.console.conftest import AXE, TRAIN, Console
from tests.console.looking import ask, cut_off, faults
from tests.wire.script import HOLD, fails, grounded

Seen = Callable[..., Page]

ROTATION = "How often must passwords be rotated?"


def test_the_address_of_the_server_opens_the_console_in_a_browser(
    console: Console, seen: Seen
) -> None:
    page = seen("/")
    expect(page).to_have_title("Ask · Candor")
    assert page.url == f"{console.url}/console"
    expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()


def test_a_page_that_cannot_be_loaded_says_that_the_server_does_not_answer(seen: Seen) -> None:
    page = seen()
    page.get_by_role("heading", name="Ask your documents").wait_for()
    page.context.set_offline(True)
    page.get_by_role("link", name="Settings").click()
    # Not those of the page before, which may lose its server while it is still shown.
    expect(page.locator("main > [role=alert]")).to_contain_text("The server does not answer.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_an_answer_shows_the_cited_characters_lit_in_its_document(seen: Seen) -> None:
    page = seen()
    ask(page, ROTATION)
    expect(page.locator(".outcome").first).to_have_text("Answered from sources")
    pane = page.get_by_role("complementary", name="Source 1")
    expect(pane.locator("mark.active")).to_have_text("Passwords must be rotated every 90 days.")
    expect(pane.locator("mark.active")).to_be_in_viewport()
    for said in ("Password policy", "2026-02-02", "passwords.md"):
        expect(pane.locator("header")).to_contain_text(said)
    expect(page.locator(".sentence.on")).to_contain_text("rotated every 90 days.")
    pane.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Source 1: Password policy").click()
    expect(pane.locator("mark.active")).to_be_in_viewport()


def test_on_a_phone_an_answer_stays_in_view_until_its_source_is_asked_for(seen: Seen) -> None:
    page = seen(viewport={"width": 360, "height": 800})
    ask(page, ROTATION)
    expect(page.locator(".outcome").first).to_have_text("Answered from sources")
    page.get_by_role("button", name="Source 1: Password policy").click()
    expect(page.locator("mark.active")).to_be_in_viewport()
    page.get_by_role("button", name="Close").last.click()
    expect(page.locator(".answered .prose")).to_be_visible()


def test_an_address_shows_the_same_again_and_to_others(seen: Seen) -> None:
    page = seen()
    ask(page, ROTATION)
    page.locator(".sentence").first.click()
    page.locator("mark.active").wait_for()
    other = seen(page.url[page.url.index("/console") :])
    expect(other.locator("mark.active")).to_have_text("Passwords must be rotated every 90 days.")
    page.reload()
    expect(page.locator("mark.active")).to_be_visible()
    expect(page.get_by_role("heading", name=ROTATION)).to_be_visible()


def test_a_new_chat_that_is_drawn_after_its_answer_has_ended_has_its_address(seen: Seen) -> None:
    """A tab in the background draws nothing, and a quick answer ends between two frames."""
    page = seen()
    page.get_by_role("heading", name="Ask your documents").wait_for()
    page.evaluate(
        "() => { const draw = requestAnimationFrame; const held = [];"
        " window.requestAnimationFrame = (drawn) => held.push(drawn);"
        " window.release = () => { window.requestAnimationFrame = draw; held.forEach(draw); } }"
    )
    page.get_by_label("Your question").fill(ROTATION)
    with page.expect_response(re.compile(r"/chats/chat_\w+/messages")) as read:
        page.keyboard.press("Enter")
    read.value.finished()
    page.evaluate("() => window.release()")
    page.locator("mark.active").wait_for()
    expect(page).to_have_url(re.compile(r"/ask/chat_\w+\?at=ans_"))


@pytest.mark.parametrize("width", [360, 700, 1000, 1400])
def test_a_long_title_and_a_long_word_push_nothing_out_of_the_window(
    console: Console, seen: Seen, width: int
) -> None:
    console.stub.answers(grounded(f"{'Wort' * 200} [1].", query="password rotation"))
    asked = f"{'A very long question. ' * 20}{'x' * 400}"
    answer = console.asked(asked, model="openai:scripted", mode="open")
    shown = {"viewport": {"width": width, "height": 800}}
    page = seen(f"/console/ask/{answer['chat_id']}", **shown)
    for part in (".composer textarea", ".composer button", ".answered .prose", ".asked .text"):
        page.locator(part).first.wait_for()
        box = page.locator(part).first.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width, part
    assert not cut_off(page)


def test_emoji_and_combining_marks_do_not_move_what_is_lit(console: Console, seen: Seen) -> None:
    console.stub.answers(grounded(f"🚂🚂 {TRAIN} [1]", query="Züge fahren"))
    answer = console.asked("Wohin fahren die Züge?", model="openai:scripted")
    page = seen(f"/console/ask/{answer['chat_id']}")
    page.get_by_role("button", name="Source 1").click()
    expect(page.locator("mark.active")).to_have_text(TRAIN)
    expect(page.locator(".sentence.on")).to_contain_text("東京.")


def test_hostile_documents_and_answers_are_text(console: Console, seen: Seen) -> None:
    said = "The gate code is <b>4711</b> [1]. <script>alert(1)</script> [x](javascript:alert(1))"
    console.stub.answers(grounded(said, query="gate code"))
    title = "<img src=x onerror=alert(1)> \u202etxet"
    answer = console.asked(title, model="openai:scripted")
    page = seen(f"/console/ask/{answer['chat_id']}")
    page.get_by_role("button", name="Source 1").click()
    pane = page.get_by_role("complementary", name="Source 1")
    expect(pane.locator(".text")).to_contain_text("<svg onload=alert(1)>")
    expect(pane.locator("h2")).to_contain_text("<img src=x onerror=alert(1)> ⟨U+202E⟩gnol")
    expect(page.locator("h1")).to_contain_text("<img src=x onerror=alert(1)>")
    assert (
        page.locator("#page :is(img, script, svg, b:not(.text b), a[href^=javascript])").count()
        == 0
    )


def holding(page: Page, console: Console) -> None:
    """Ask a model that says a sentence and holds; returns when the sentence is there."""
    console.stub.answers(grounded("Passwords must be rotated every 90 days [1].", HOLD, " Always."))
    page.get_by_label("Model").fill("openai:scripted")
    page.get_by_label("Your question").fill(ROTATION)
    page.keyboard.press("Enter")
    page.locator("[aria-busy] .prose", has_text="every 90 days").wait_for()


def test_stopping_keeps_what_was_written(console: Console, seen: Seen) -> None:
    page = seen()
    holding(page, console)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".outcome").first).to_contain_text("Stopped before its end")
    expect(page.locator(".prose")).to_contain_text("every 90 days")
    page.reload()
    expect(page.locator(".outcome").first).to_contain_text("Stopped before its end")


def test_a_reload_in_the_middle_of_an_answer_goes_on_with_it(console: Console, seen: Seen) -> None:
    page = seen()
    holding(page, console)
    page.reload()
    page.locator("[aria-busy] .prose", has_text="every 90 days").wait_for()
    console.stub.release()
    expect(page.locator(".outcome").first).to_have_text("Answered from sources")
    expect(page.locator(".prose")).to_contain_text("Always.")
    assert page.locator("article.asked").count() == page.locator("article.answered").count() == 1


def test_a_closed_tab_stops_the_model_and_keeps_the_partial_answer(
    console: Console, seen: Seen
) -> None:
    page = seen()
    holding(page, console)
    address = page.url[page.url.index("/console") :]
    chat = address.rpartition("/")[2]
    page.close()
    again = seen()
    # Only then: within five seconds a page that is back would go on with the answer.
    stopped = f"""async () => {{
      const found = await (await fetch("/chats/{chat}/messages")).json();
      return found.messages.at(-1).interrupted;
    }}"""
    while not again.evaluate(stopped):
        again.wait_for_timeout(100)
    again.goto(console.url + address)
    expect(again.locator(".outcome").first).to_contain_text("Stopped before its end")
    expect(again.locator(".prose")).to_contain_text("every 90 days")


def test_two_tabs_show_the_same_answer_while_it_is_written(console: Console, seen: Seen) -> None:
    page = seen()
    holding(page, console)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("[aria-busy] .prose", has_text="every 90 days").wait_for()
    console.stub.release()
    for each in (page, other):
        expect(each.locator(".outcome").first).to_have_text("Answered from sources")
    ask_offline(other, "What is the length of a password?")
    expect(page.locator("article.asked")).to_have_count(2)
    expect(page.locator("article.answered .outcome")).to_have_count(2)


def test_a_tab_that_is_reading_a_chat_shows_what_another_tab_asks_meanwhile(seen: Seen) -> None:
    page = seen()
    ask(page, ROTATION)
    expect(page.locator(".outcome").first).to_have_text("Answered from sources")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".outcome").first).to_have_text("Answered from sources")
    page.evaluate(
        "() => { const read = fetch; const opened = new Promise((open) => window.release = open);"
        " window.fetch = async (...asked) => { const reply = await read(...asked);"
        " if (`${asked[0]}`.includes('/messages')) { window.held = true; await opened; }"
        " return reply; };"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    page.wait_for_function("() => window.held")
    ask_offline(other, "What is the length of a password?")
    expect(other.locator("article.answered .outcome")).to_have_count(2)
    expect(page.locator("article.asked")).to_have_count(1)
    page.evaluate("() => window.release()")
    expect(page.locator("article.asked")).to_have_count(2)
    expect(page.locator("article.answered .outcome")).to_have_count(2)


def ask_offline(page: Page, text: str) -> None:
    page.get_by_label("Model").fill("")
    ask(page, text)


def test_a_lost_connection_comes_back(console: Console, opened: Seen) -> None:
    with Cable(console.url) as cable:
        page = opened(f"{cable.url}/console")
        holding(page, console)
        cable.cut()
        expect(page.locator("[aria-busy] .outcome")).to_contain_text("connection is lost")
        cable.mend()
        page.locator("[aria-busy] .outcome", has_text="Writing").wait_for()
        console.stub.release()
        expect(page.locator(".outcome").first).to_have_text("Answered from sources")
        page.context.close()


def test_an_answer_is_given_again_and_both_versions_stay(console: Console, seen: Seen) -> None:
    page = seen()
    ask(page, ROTATION)
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".answered .branches")).to_contain_text("2 of 2")
    page.get_by_role("button", name="Earlier version").click()
    expect(page.locator(".answered .branches")).to_contain_text("1 of 2")
    page.reload()
    expect(page.locator(".answered .branches")).to_contain_text("1 of 2")


def test_a_question_is_edited_and_a_chat_goes_on_from_any_message(seen: Seen) -> None:
    page = seen()
    ask(page, ROTATION)
    ask(page, "Thanks!")
    page.get_by_role("button", name="Continue from here").first.click()
    expect(page.locator(".from")).to_contain_text("Going on from: Passwords must be rotated")
    ask(page, "How long is a password?")
    expect(page.locator("article.asked")).to_have_count(2)
    expect(page.locator(".asked .branches")).to_contain_text("2 of 2")
    page.get_by_role("button", name="Edit").last.click()
    expect(page.get_by_label("Your question")).to_have_value("How long is a password?")
    ask(page, "How many characters has a password?")
    expect(page.locator(".asked .branches")).to_contain_text("3 of 3")


def test_an_answer_is_marked_wrong_with_what_is_right(console: Console, seen: Seen) -> None:
    page = seen()
    ask(page, ROTATION)
    page.get_by_role("button", name="Wrong").click()
    page.get_by_label("The right answer").fill("Every 60 days.")
    page.get_by_label("The document that has it").fill("passwords.md")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("The right answer")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Wrong")).to_have_attribute("aria-pressed", "true")
    (line, *_) = console.call("GET", "/answers?feedback=wrong")["answers"]
    found = console.call("GET", f"/answers/{line['id']}")
    assert (found["expected"], found["expected_document"]) == ("Every 60 days.", "passwords.md")
    page.get_by_role("button", name="Wrong").click()
    expect(page.get_by_role("button", name="Wrong")).to_have_attribute("aria-pressed", "false")


def test_what_an_answer_cost_is_shown_on_demand(seen: Seen) -> None:
    page = seen()
    ask(page, ROTATION)
    assert page.locator("dt", has_text="Cost").count() == 0
    page.get_by_role("button", name="Cost and time").click()
    facts = page.locator("article .facts")
    for said in ("offline:extractive", "Tokens", "grounded", "ans_"):
        expect(facts).to_contain_text(said)


def test_keys_search_begin_and_step_through_the_sources(console: Console, seen: Seen) -> None:
    said = (
        "Passwords must be rotated every 90 days. [1] A password has at least 14 characters. [1]",
    )
    console.stub.answers(grounded(*said, query="password"))
    answer = console.asked(ROTATION, model="openai:scripted")
    page = seen(f"/console/ask/{answer['chat_id']}")
    page.locator(".chip").first.wait_for()
    page.keyboard.press("ArrowRight")
    expect(page.locator("mark.active")).to_contain_text("90 days")
    page.keyboard.press("ArrowRight")
    expect(page.locator("mark.active")).to_contain_text("14 characters")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("mark.active")).to_contain_text("90 days")
    page.keyboard.press("Escape")
    expect(page.locator("mark.active")).to_have_count(0)
    page.locator(".chip").last.click()  # which stands behind its sentence
    expect(page.locator("mark.active")).to_contain_text("14 characters")
    expect(page.locator(".answered .chip.on")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.get_by_label("Search your chats")).to_be_focused()
    page.keyboard.type("rotated")
    expect(page.locator(".history li").first).to_contain_text("rotated")
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="New chat")).to_be_visible()
    expect(page.get_by_label("Your question")).to_be_focused()


def test_a_screen_reader_hears_the_answer_when_it_is_complete(console: Console, seen: Seen) -> None:
    page = seen()
    holding(page, console)
    expect(page.get_by_role("status")).to_have_text("")
    console.stub.release()
    expect(page.get_by_role("status")).to_contain_text("The answer is complete. Passwords must")


def test_a_chat_is_renamed_and_removed(console: Console, seen: Seen) -> None:
    page = seen()
    ask(page, ROTATION)
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Title").fill("About <passwords>")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.locator("h1")).to_have_text("About <passwords>")
    expect(page.locator(".history li").first).to_contain_text("About <passwords>")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="New chat")).to_be_visible()
    expect(page.locator(".history li", has_text="About <passwords>")).to_have_count(0)


def test_an_error_is_said_with_what_to_do_and_loses_nothing(console: Console, seen: Seen) -> None:
    page = seen()
    page.get_by_label("Model").fill("anthropic:nobody")
    page.get_by_label("Your question").fill(ROTATION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("model_not_configured")
    expect(page.get_by_label("Your question")).to_have_value(ROTATION)
    console.stub.answers(fails(500))
    page.get_by_label("Model").fill("openai:scripted")
    page.get_by_label("Your question").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("upstream_failed")
    console.stub.answers(grounded("Passwords must be rotated every 90 days [1]."))
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".prose")).to_contain_text("every 90 days")


def test_a_chat_that_is_not_there_says_so(seen: Seen) -> None:
    page = seen("/console/ask/chat_nowhere")
    expect(page.get_by_role("alert")).to_contain_text("chat_not_found")
    expect(page.get_by_role("heading", name="Chat not found")).to_be_visible()
    other = seen("/console/nowhere")
    expect(other.get_by_role("heading", name="There is no such page")).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken(console: Console, seen: Seen) -> None:
    page = seen()
    page.get_by_role("heading", name="Ask your documents").wait_for()
    assert faults(page) == []
    ask(page, ROTATION)
    assert faults(page) == []
    page.locator(".chip").first.click()
    page.locator("mark.active").wait_for()
    assert faults(page) == []
