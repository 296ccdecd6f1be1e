"""The page Conversations, in a browser."""

import json
from collections.abc import Callable, Sequence
from io import BytesIO
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import AXE, Console
from tests.console.looking import faults
from tests.wire.script import Use, says

pytestmark = pytest.mark.exhaustive(together=True)

Seen = Callable[..., Page]

HOSTILE = "<img src=x onerror=alert(1)> \u202etxet [x](javascript:alert(1))"
Block = dict[str, object]


def message(name: str, parent: str | None, said: str | Sequence[Block]) -> dict[str, object]:
    role = "user" if name.startswith("q") else "assistant"
    return {"id": name, "parent_id": parent, "role": role, "content": said}


def export(title: str) -> bytes:
    """A chat with two answers to its question, the second with code, a tool and a file."""
    blocks: list[Block] = [
        {"type": "thinking", "thinking": "They want a loop."},
        {
            "type": "text",
            "text": f"Use a **loop**. {HOSTILE}\n\n```python\nfor ship in ships: pass\n```",
        },
        {"type": "tool_use", "id": "t1", "name": "tide_table", "input": {"port": "Sund"}},
    ]
    messages = [
        message("q1", None, f"How do I count the ships of {title}?"),
        message("a1", "q1", "By hand, with a pencil."),
        message("a2", "q1", blocks),
        message("q2", "a2", "Thanks for the loop."),
    ]
    return json.dumps({"id": title, "title": title, "messages": messages}).encode()


def imported(page: Page, title: str, name: str = "") -> None:
    """Choose a file; returns when its report is there."""
    page.get_by_label("Drop exports here").set_input_files(
        {"name": f"{name or title}.json", "mimeType": "application/json", "buffer": export(title)}
    )
    page.locator(".report h2", has_text=name or title).wait_for()


def test_an_empty_page_says_what_to_do(console: Console, seen: Seen) -> None:
    for one in console.call("GET", "/api/conversations")["conversations"]:
        console.call("DELETE", f"/api/conversations/{one['id']}")
    page = seen("/console/conversations")
    expect(page.get_by_role("heading", name="No conversations yet")).to_be_visible()
    expect(page.locator(".help code")).to_have_text("candor import export.zip")


def test_an_export_is_imported_with_a_report_and_again_without_a_second_copy(seen: Seen) -> None:
    page = seen("/console/conversations")
    imported(page, "Harbour")
    report = page.locator(".report")
    expect(report).to_contain_text("1 conversation: 1 created. 4 messages added")
    expect(report).to_contain_text("2 branches")
    expect(page.get_by_role("cell", name="Harbour")).to_be_visible()
    imported(page, "Harbour")
    expect(report).to_contain_text("1 unchanged. 0 messages added")
    expect(page.get_by_role("cell", name="Harbour")).to_have_count(1)
    page.get_by_label("Drop exports here").set_input_files(
        [{"name": "no.json", "mimeType": "application/json", "buffer": b'{"no": 1}'}]
    )
    expect(page.get_by_role("alert").locator("code")).to_have_text("conversation_format_unknown")


def test_a_report_says_what_was_not_read_and_why(seen: Seen) -> None:
    page = seen("/console/conversations")
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("Pier.json", export("Pier"))
        archive.writestr("user.json", "{}")
    page.get_by_label("Drop exports here").set_input_files(
        [{"name": "Pier.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}]
    )
    page.get_by_text("1 thing not read").click()
    account = "user.json: the account, with e-mail and phone: never read"
    expect(page.locator(".report pre")).to_have_text(account)


def test_a_file_that_cannot_be_read_keeps_none_of_the_others_from_being_imported(
    seen: Seen,
) -> None:
    page = seen("/console/conversations")
    files = (("no.json", b'{"no": 1}'), ("Quay.json", export("Quay")), ("picture.png", b"PNG"))
    page.get_by_label("Drop exports here").set_input_files(
        [{"name": name, "mimeType": "", "buffer": content} for name, content in files]
    )
    reports = page.locator(".report")
    expect(reports).to_have_count(3)
    expect(reports.nth(0).get_by_role("alert")).to_contain_text("conversation_format_unknown")
    expect(reports.nth(1)).to_contain_text("1 conversation: 1 created.")
    expect(reports.nth(2).get_by_role("alert")).to_contain_text("conversation_file_unsupported")
    expect(page.get_by_role("cell", name="Quay")).to_be_visible()


def test_branches_code_and_tools_are_read_and_the_address_keeps_the_branch(seen: Seen) -> None:
    page = seen("/console/conversations")
    imported(page, "Branches")
    page.get_by_role("link", name="Branches").click()
    expect(page.locator("article")).to_have_count(3)
    expect(page.locator("pre", has_text="for ship in ships: pass")).to_be_visible()
    page.locator("summary", has_text="Tool tide_table").click()
    expect(page.locator("details[open] pre")).to_contain_text('"port"')
    page.get_by_role("button", name="Earlier branch").click()
    expect(page.locator("article").last).to_contain_text("By hand, with a pencil.")
    page.reload()
    expect(page.locator("article")).to_have_count(2)
    expect(page.locator(".branches")).to_contain_text("1 of 2")


def test_hostile_titles_and_messages_are_text(seen: Seen) -> None:
    page = seen("/console/conversations")
    imported(page, HOSTILE, "hostile")
    page.locator("td a", has_text="<img src=x onerror=alert(1)> ⟨U+202E⟩txet").click()
    expect(page.locator("h1")).to_contain_text("⟨U+202E⟩txet")
    expect(page.locator(".prose")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#page :is(img, script, svg, a[href^=javascript])").count() == 0


def test_a_search_leads_to_the_message_and_a_reload_shows_it_again(seen: Seen) -> None:
    page = seen("/console/conversations")
    imported(page, "Ferries")
    page.keyboard.press("/")
    page.get_by_label("Search all conversations").fill("pencil Ferries")
    page.keyboard.press("Enter")
    page.locator(".found").wait_for()
    page.reload()
    expect(page.get_by_label("Search all conversations")).to_have_value("pencil Ferries")
    page.locator(".found li", has_text="By hand").get_by_role("link", name="Ferries").click()
    expect(page.locator("article").last).to_contain_text("By hand, with a pencil.")
    expect(page.locator("article").last).to_be_in_viewport()


def test_a_chat_is_continued_from_the_branch_in_view_and_removed(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/conversations")
    imported(page, "Onward")
    page.get_by_role("link", name="Onward").click()
    page.get_by_role("button", name="Earlier branch").click()
    expect(page.locator("article")).to_have_count(2)
    page.get_by_role("button", name="Continue in Ask").click()
    expect(page.locator("article.answered")).to_contain_text("By hand, with a pencil.")
    chat = page.url.rpartition("/")[2]
    assert page.url == f"{console.url}/console/ask/{chat}"
    page.goto(f"{console.url}/console/conversations/{chat}")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator("h1")).to_have_text("Conversations")
    expect(page.get_by_role("link", name="Onward")).to_have_count(0)


def test_a_draft_is_written_changed_compared_proposed_and_created(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/conversations")
    imported(page, "Lighthouse")
    page.get_by_role("link", name="Lighthouse").click()
    page.get_by_role("button", name="Project draft").click()
    pane = page.get_by_role("complementary", name="Project draft")
    pane.get_by_role("button", name="Write a draft").click()
    expect(pane.locator("> header")).to_contain_text("Version 1, written by the agent")
    pane.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Count the ships")
    dialog.get_by_label("Description").fill(f"One loop.\n\n{HOSTILE}")
    dialog.get_by_role("button", name="Save").click()
    expect(pane.locator("> header")).to_contain_text("Version 2, written by hand")
    page.reload()
    pane.get_by_label("Compare with").select_option(index=1)
    expect(pane.locator("ins", has_text="One loop.")).to_be_visible()
    expect(pane.locator("del", has_text="## Problem")).to_be_visible()
    console.stub.answers(
        lambda request: (
            says("It is proposed.")
            if request.follows_a_tool
            else says(Use("create_linear_project", "{}"))
        )
    )
    pane.get_by_label("Model").fill("openai:scripted")
    pane.get_by_label("What should change?").fill("Propose it.")
    pane.get_by_role("button", name="Send").click()
    expect(pane).to_contain_text("Version 2 is proposed as a project. Nothing is created yet.")
    assert page.locator("#page :is(img, script, svg, a[href^=javascript])").count() == 0
    if AXE.exists():
        assert faults(page) == []
    pane.get_by_role("button", name="Create the project").click()
    dialog.get_by_role("button", name="Create").click()
    expect(pane.locator(".notice.good")).to_contain_text("created and recorded on this server")
    expect(pane.get_by_role("button", name="Edit")).to_have_count(0)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken(seen: Seen) -> None:
    page = seen("/console/conversations")
    imported(page, "Pilots")
    assert faults(page) == []
    page.get_by_role("link", name="Pilots").click()
    page.locator("article").first.wait_for()
    assert faults(page) == []
