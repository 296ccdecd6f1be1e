"""What tests of every page do: ask, look at it as a screen reader does, and check it against WCAG."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Literal, cast

from playwright.sync_api import Page

from tests.console.conftest import AXE

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
WIDTHS = (360, 1400)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def ask(page: Page, text: str) -> None:
    """Type a question and send it; returns when the answer is complete."""
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")
    page.locator("article.answered:not([aria-busy])").last.locator(".outcome").wait_for()
    page.get_by_role("button", name="Ask", exact=True).wait_for()


def faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA (rule and place), and whether the page is wider than
    its window: in both themes, on a phone and on a desk.
    """
    page.evaluate(AXE.read_text())
    return [
        f"{theme}, {width} wide: {fault}"
        for theme, width in product(THEMES, WIDTHS)
        for fault in _faults(page, theme, width)
    ]


def _faults(page: Page, theme: Literal["light", "dark"], width: int) -> Iterator[str]:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    run = "(levels) => axe.run(document, { runOnly: { type: 'tag', values: levels } })"
    found = cast("list[dict[str, Any]]", page.evaluate(run, LEVELS)["violations"])
    yield from (f"{one['id']}: {node['html']}" for one in found for node in one["nodes"])
    if cut_off(page):
        yield "it is wider than its window"


def cut_off(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return cast(
        "bool", page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
    )
