"""The page Library, in a browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import AXE, DOCUMENTS, TRAIN, Console
from tests.console.looking import faults

pytestmark = pytest.mark.exhaustive(together=True)

Seen = Callable[..., Page]

STAFF = b"name,office\nAda Byron,London\nGrace <b>Hopper</b>,New York\n"


def test_documents_are_listed_by_category_and_hostile_names_are_text(seen: Seen) -> None:
    page = seen("/console/library")
    table = page.get_by_role("table", name="Documents")
    expect(table).to_contain_text("Password policy")
    expect(table).to_contain_text("<img src=x onerror=alert(1)> ⟨U+202E⟩gnol")
    assert page.locator("#page img, #page script").count() == 0
    page.get_by_role("combobox", name="Category").select_option("policies")
    expect(page).to_have_url(re.compile(r"\?category=policies$"))
    page.reload()
    expect(table).to_contain_text("Password policy")


def test_documents_without_vectors_promise_none_and_lead_to_the_reason(
    seen: Seen, console: Console
) -> None:
    listed = console.call("GET", "/knowledge/documents")
    waiting = [each | {"state": "embedding", "vectors": 0} for each in listed["documents"]]
    page = seen("/console/library/search")
    page.route(
        "**/knowledge/documents?*", lambda one: one.fulfill(json=listed | {"documents": waiting})
    )
    page.get_by_role("link", name="Documents", exact=True).click()
    said = page.get_by_text("New documents are found by their words already")
    expect(said).to_contain_text("Where none come, Settings says why.")
    said.get_by_role("link", name="Settings").click()
    expect(page).to_have_url(re.compile("/console/settings$"))


def test_files_are_added_with_what_became_of_each_and_removed(seen: Seen) -> None:
    page = seen("/console/library")
    page.get_by_label("Drop files or folders here").set_input_files(
        [
            {
                "name": "new.md",
                "mimeType": "text/markdown",
                "buffer": b"# Tea\n\nTea is at four.\n",
            },
            {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing"},
        ]
    )
    adding = page.get_by_role("region", name="Add files")
    expect(adding).to_contain_text("new.md: added")
    expect(adding.get_by_role("alert")).to_contain_text("source_")
    page.get_by_role("link", name="Tea").click()
    expect(page.locator(".paper")).to_contain_text("Tea is at four.")
    expect(page.locator(".facts")).to_contain_text("0 answers")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("table", name="Documents")).to_be_visible()
    expect(page.get_by_role("link", name="Tea")).to_have_count(0)


def test_a_folder_is_stored_with_its_folders_in_the_names_and_without_what_is_hidden(
    seen: Seen, tmp_path: Path
) -> None:
    folder = tmp_path / "handbook"
    for part, text in (("sales", "Sellers"), ("care", "Nurses"), (".git", "Nobody")):
        (folder / part).mkdir(parents=True)
        (folder / part / "leave.md").write_text(f"# {part}\n\n{text} take 30 days of leave.\n")
    page = seen("/console/library")
    page.get_by_label("Choose a folder").set_input_files(folder)
    for name in ("handbook - care - leave.md", "handbook - sales - leave.md"):
        expect(page.locator(".drop li", has_text=f"{name}: added")).to_be_visible()
        expect(page.get_by_role("cell", name=name)).to_be_visible()
    expect(page.locator(".drop li")).to_have_count(2)


def test_a_cited_place_opens_in_its_version_with_the_characters_lit(
    console: Console, seen: Seen
) -> None:
    asked = {"messages": [{"role": "user", "content": "Wohin fahren die Züge?"}]}
    reply = console.call("POST", "/v1/chat/completions", asked)
    [cited] = reply["choices"][0]["message"]["annotations"]
    page = seen(cited["url_citation"]["url"].removeprefix(console.url))
    expect(page.locator(".paper mark.active")).to_have_text(TRAIN)
    assert "earlier version" not in page.inner_text("body")
    console.store("trains.md", "---\ntitle: Züge\nupdated: 2026-04-01\n---\n# Neu\n\nNichts.\n")
    page.reload()
    expect(page.locator(".paper mark.active")).to_have_text(TRAIN)
    page.get_by_role("link", name="Read the one in force").click()
    expect(page.locator(".paper")).to_contain_text("Nichts.")
    console.store("trains.md", DOCUMENTS["trains.md"])
    page.goto(f"{console.url}/console/library")
    page.get_by_role("row", name="trains.md").locator("a[href*='/answers']").click()
    expect(page).to_have_url(re.compile(r"/answers\?document=doc_"))
    expect(page.get_by_role("table", name="Recorded answers")).to_contain_text("Wohin fahren")


def test_a_search_says_why_each_passage_is_found(seen: Seen) -> None:
    page = seen("/console/library/search")
    page.get_by_label("Search the documents").fill("password rotation")
    page.keyboard.press("Enter")
    first = page.locator(".hit").first
    expect(first).to_contain_text("Passwords must be rotated every 90 days.")
    expect(first).to_contain_text("place 1, adds 0.")
    # A passage of two sections has no section of its own.
    expect(first.locator("p.soft")).to_have_text("2026-02-02")
    page.reload()
    expect(first).to_contain_text("By words")
    expect(first.locator("mark").first).to_have_text("Rotation")
    expect(page.locator("footer code")).to_have_text("candor search 'password rotation' --explain")


def test_tables_answer_a_select_and_refuse_a_write(console: Console, seen: Seen) -> None:
    empty = seen("/console/library/tables")
    expect(empty.get_by_role("heading", name="No tables")).to_be_visible()
    console.store("staff.csv", STAFF.decode())
    page = seen("/console/library/tables")
    page.get_by_text("staff", exact=True).click()
    expect(page.locator("details")).to_contain_text("office")
    box = page.get_by_label("A SELECT over these tables")
    box.fill("SELECT name FROM staff ORDER BY name")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("table", name="Rows")).to_contain_text("Grace <b>Hopper</b>")
    box.fill("DELETE FROM staff")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("query_refused")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken(console: Console, seen: Seen) -> None:
    page = seen("/console/library")
    (document, *_) = console.call("GET", "/knowledge/documents")["documents"]
    for path, there in (
        ("/console/library", "table"),
        (f"/console/library/documents/{document['id']}", ".paper"),
        ("/console/library/search?q=password", ".hit"),
        ("/console/library/tables", "#page h2, #page details"),
    ):
        page.goto(f"{console.url}{path}")
        page.locator(there).first.wait_for()
        assert faults(page) == [], path
