"""The page Cleaning, in a browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.console.conftest import AXE, Console
from tests.console.looking import faults

pytestmark = pytest.mark.exhaustive(together=True)

Seen = Callable[..., Page]

ROWS = [("02134", "Boston"), ("94103", "San Francisco"), ("60601", "Chicago")]
HOSTILE = "<img src=x onerror=alert(1)> \u202etxet"
TABLE = "zip,city,note\n" + "".join(f"{','.join(ROWS[row % 3])},n{row}\n" for row in range(30))
DIRTY = f"{TABLE}02134,{HOSTILE},a\n60601,Chicgo,b\n0213,Boston,c\n"


def shown(page: Page, text: str, name: str = "places.csv") -> None:
    """Choose a table."""
    file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("What you know of it").fill("zip -> city")
    page.get_by_label("Drop a table here").set_input_files([file])


def test_a_table_is_reviewed_edit_by_edit_and_downloaded(seen: Seen) -> None:
    page = seen("/console/cleaning")
    expect(page.get_by_role("heading", name="Nothing is changed before you say so")).to_be_visible()
    shown(page, "", "empty.csv")
    expect(page.get_by_role("alert")).to_contain_text("table_empty")
    shown(page, DIRTY)
    expect(page.locator("h2")).to_have_text(
        "places.csv: 33 rows, 2 proposed edits, 1 doubt without a repair"
    )
    columns = page.get_by_role("table", name="What looks wrong in each column")
    expect(columns.get_by_role("row")).to_have_count(3)
    expect(columns).to_contain_text("zip10format variant 1")
    doubts = page.get_by_role("table", name="Doubts about zip, for you to look at")
    expect(doubts).to_contain_text("row 330213")
    table = page.get_by_role("table", name="Edits of city")
    expect(table).to_contain_text("<img src=x onerror=alert(1)> ⟨U+202E⟩txet")
    expect(table).to_contain_text("10 of 11 rows with the same zip")
    assert page.locator("#page :is(img, script, svg)").count() == 0
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.get_by_role("button", name="Download with 0 edits")).to_be_disabled()
    page.get_by_role("button", name="All of this column").click()
    page.get_by_label("row 31").focus()
    page.keyboard.press("Space")
    expect(page.locator("summary").filter(has_text="city")).to_contain_text("1 of 2 edits chosen")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download with 1 edit").click()
    assert download.value.suggested_filename == "places-cleaned.csv"
    assert Path(download.value.path()).read_text() == DIRTY.replace("Chicgo", "Chicago")
    shown(page, TABLE, "clean.csv")
    expect(page.locator(".notice.good")).to_contain_text("nothing that looks wrong to the rules")
    shown(
        page, "day\n" + "".join(f"{15 + n % 9}/{1 + n % 12}/2024\n" for n in range(30)), "days.csv"
    )
    page.get_by_role("button", name="Yes, in day").click()
    expect(page.locator("h2")).to_contain_text("30 proposed edits")


def test_the_leaderboard_shows_what_contestants_repair_and_break(
    console: Console, seen: Seen
) -> None:
    page = seen("/console/cleaning/leaderboard")
    expect(page.get_by_role("heading", name="No run yet")).to_be_visible()
    body = {"contestants": ["nothing", "mode"], "tables": ["customers"], "difficulties": ["easy"]}
    run_id = console.call("POST", "/api/benchmark/run", {**body, "name": HOSTILE})["run_id"]
    console.finished(f"/api/results/{run_id}/events")
    page.reload()
    table = page.get_by_role("table", name="Leaderboard")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table).to_contain_text("nothing0.000")
    page.get_by_role("combobox", name="Run").select_option(run_id)
    expect(page.locator(".help")).to_contain_text("candor benchmark run")
    page.goto(f"{console.url}/console/cleaning/leaderboard/{run_id}")
    expect(table).to_contain_text("mode")
    page.goto(f"{console.url}/console/cleaning/leaderboard/run_nobodys")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("not_found"))


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken(console: Console, seen: Seen) -> None:
    page = seen("/console/cleaning")
    shown(page, DIRTY)
    page.get_by_role("table", name="Edits of city").wait_for()
    assert faults(page) == []
    page.goto(f"{console.url}/console/cleaning/leaderboard")
    page.locator("#page :is(table, h2)").first.wait_for()
    assert faults(page) == []
