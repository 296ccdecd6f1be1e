"""What tests of every page do: ask, look at it as a screen reader does, and check it against WCAG."""

from typing import Any, cast

from playwright.sync_api import Page

from tests.console.conftest import AXE

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
WIDTHS = (360, 1400)
THEMES = ("light", "dark")


def ask(page: Page, text: str) -> None:
    """Type a question and send it; returns when the answer is complete."""
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")
    page.locator("article.answered:not([aria-busy])").last.locator(".outcome").wait_for()
    page.get_by_role("button", name="Ask", exact=True).wait_for()


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA: rule and place."""
    page.evaluate(AXE.read_text())
    run = "(levels) => axe.run(document, { runOnly: { type: 'tag', values: levels } })"
    found = cast("list[dict[str, Any]]", page.evaluate(run, LEVELS)["violations"])
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def cut_off(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return cast(
        "bool", page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
    )
