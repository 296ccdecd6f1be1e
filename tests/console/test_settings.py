"""The page Settings, in a browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import AXE, Console
from tests.console.looking import faults
from tests.wire.script import HOLD, says

pytestmark = pytest.mark.exhaustive(together=True)

Seen = Callable[..., Page]

PRIVACY = Path(__file__).parents[2] / "docs" / "explanation" / "privacy.md"
AXE_MISSING = not AXE.exists()
HOSTILE = "<img src=x onerror=alert(1)>"


def test_health_and_models_are_shown_and_no_key_of_a_provider(seen: Seen) -> None:
    page = seen("/console/settings")
    expect(page.get_by_role("region", name="Health")).to_contain_text("3 documents")
    models = page.get_by_role("region", name="Models")
    expect(models).to_contain_text("Questions go to offline:extractive.")
    expect(models).to_contain_text("openai: set.")
    expect(page.get_by_role("region", name="Sign-in")).to_contain_text("nobody signs in")
    assert "sk-planted" not in page.content()


def test_a_key_is_created_shown_once_and_revoked(console: Console, seen: Seen) -> None:
    page = seen("/console/settings/keys")
    page.get_by_role("button", name="Create a key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What it is for").fill(HOSTILE)
    dialog.get_by_label("User").fill("anna")
    dialog.get_by_label("knowledge:write").check()
    dialog.get_by_label("Days until it ends").fill("30")
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("cndr_")
    key = dialog.locator("code").inner_text()
    dialog.get_by_role("button", name="Close").click()
    row = page.get_by_role("row", name="anna")
    expect(row).to_contain_text("<img src=x onerror=alert(1)>")
    expect(row).to_contain_text("knowledge:write")
    assert key not in page.content()
    page.reload()
    row.get_by_role("button", name="Revoke").click()
    dialog.get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("revoked")
    assert page.locator("#page img").count() == 0
    (found,) = console.call("GET", "/api/keys?user_id=anna")["keys"]
    assert found["revoked_at"] is not None


def test_a_user_gets_a_role_and_is_blocked(console: Console, seen: Seen) -> None:
    console.call("POST", "/api/keys", {"user_id": "boris", "label": "web"})
    page = seen("/console/settings/users")
    row = page.get_by_role("row", name="boris")
    row.get_by_role("button", name="Make an administrator").click()
    expect(row).to_contain_text("administrator")
    row.get_by_role("button", name="Block").click()
    page.get_by_role("dialog").get_by_role("button", name="Block").click()
    expect(row).to_contain_text("blocked")
    users = console.call("GET", "/api/users")["users"]
    (boris,) = [user for user in users if user["id"] == "boris"]
    assert (boris["is_admin"], boris["is_active"]) == (True, False)


def test_what_leaves_this_machine_is_said_in_the_words_of_the_docs(seen: Seen) -> None:
    page = seen("/console/settings/privacy")
    said = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", PRIVACY.read_text()).replace("`", "")
    rows = page.get_by_role("table").locator("tbody tr")
    rows.first.wait_for()
    assert [f"| {' | '.join(row.locator('td').all_inner_texts())} |" for row in rows.all()] == [
        line for line in said.splitlines() if line.startswith("| ")
    ][2:]
    for paragraph in page.get_by_role("region").locator("p").all_inner_texts():
        assert paragraph in said.replace("**", "")


def test_who_works_on_what_is_shown_and_how_far_it_is(console: Console, seen: Seen) -> None:
    page = seen("/console/settings/work")
    page.get_by_text("None yet").wait_for()
    dataset = console.call("POST", "/api/v1/datasets", {"name": "Two"})["id"]
    for question in ("One?", "Two?"):
        console.call("POST", f"/api/v1/datasets/{dataset}/items", {"vars": {"question": question}})
    variant = {"name": "held", "target": "chat", "model": "openai:scripted"}
    body = {"name": HOSTILE, "dataset_id": dataset, "variants": [variant]}
    console.stub.answers(says(HOLD, "Later."))
    run = console.call("POST", "/api/v1/eval-runs", body)["id"]
    page.reload()
    row = page.get_by_role("row", name=run)
    expect(row).to_contain_text(f"{HOSTILE}evaluation")
    expect(row).to_contain_text("under way")
    expect(row).to_contain_text(re.compile(r"[\w.-]+:\d+ has 2 items"))
    expect(row.get_by_role("progressbar", name="0 of 2")).to_have_attribute("max", "100")
    assert AXE_MISSING or faults(page) == []
    console.stub.release()
    expect(row).to_contain_text("done2 of 2")  # without a reload
    assert page.locator("#page img").count() == 0


@pytest.mark.skipif(AXE_MISSING, reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken_in_any_part(console: Console, seen: Seen) -> None:
    console.call("POST", "/api/keys", {"user_id": "carla", "label": "web"})
    page = seen("/console/settings")
    page.get_by_role("region", name="Health").wait_for()
    for part in ("server", "keys", "users", "privacy"):
        page.goto(f"{console.url}/console/settings/{part}")
        page.locator("section, td").first.wait_for()
        assert faults(page) == [], part
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{console.url}/console/settings/keys")
    revoke = page.get_by_role("button", name="Revoke").first.bounding_box()
    assert revoke is not None
    assert revoke["x"] + revoke["width"] <= 360  # within reach on a phone
    assert faults(page) == []
    page.get_by_role("button", name="Create a key").click()
    assert faults(page) == []
