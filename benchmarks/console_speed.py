"""How fast the console draws: its first paint, a long history, a long chat, and an answer that streams.

    python -m benchmarks.console_speed [--chats N] [--messages N] [--pieces N] [--rounds N] [--quick]

The real program serves a data folder with so many chats, one of them with so many messages; a Chromium of
this machine opens the pages, each time with an empty cache. Times are milliseconds from the navigation, the
median of the rounds. While an answer of so many pieces streams, as fast as the provider sends it, every frame
is timed: the budget of a frame is 50 ms (what a person still feels as at once), and the table says how many
frames took longer, and the longest.
"""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import cast

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.machine import machine
from benchmarks.streams import Load, Server, Way, ask, place

BUDGET = 50
"""Milliseconds of a frame."""

_SECONDS = 120_000
_FRAMES = """() => { window.frames_ = []; let before = performance.now();
  const next = (now) => { window.frames_.push(now - before); before = now; requestAnimationFrame(next); };
  requestAnimationFrame(next); }"""
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


@dataclass(frozen=True, slots=True)
class Opened:
    """A page: its first paint, and when what it is opened for stands there. Milliseconds."""

    paint: float
    whole: float


def opened(browser: Browser, address: str, there: str) -> Opened:
    """Opens an address with an empty cache, until `there` is seen."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.locator(there).first.wait_for(timeout=_SECONDS)
    whole = cast("float", page.evaluate("() => performance.now()"))
    found = Opened(cast("float", page.evaluate(_PAINT)), whole)
    context.close()
    return found


def frames(page: Page, pieces: int) -> Sequence[float]:
    """Asks for an answer of so many pieces, and returns how long each frame took, in milliseconds."""
    page.get_by_label("Your question").fill(Load(pieces=pieces, streams=1).question())
    page.evaluate(_FRAMES)
    page.keyboard.press("Enter")
    page.locator("article.answered:not([aria-busy]) .outcome").wait_for(timeout=_SECONDS)
    return cast("Sequence[float]", page.evaluate("() => window.frames_"))


async def fill(server: Server, chats: int, messages: int) -> str:
    """Asks so many questions, each in a new chat, then one chat so many; returns its id."""
    url = f"http://127.0.0.1:{server.port}"
    for _ in range(max(1, chats // 24)):
        await ask(Way("ui", server), Load(pieces=20, streams=8))
    chat = None
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        for _ in range(messages // 2):
            asked = {"user_id": "local", "message": Load(pieces=60, streams=1).question()}
            answer = await client.post("/chat", json=asked | ({"chat_id": chat} if chat else {}))
            chat = str(answer.raise_for_status().json()["chat_id"])
    assert chat
    return chat


def measure(server: Server, chat: str, pieces: int, rounds: int) -> None:
    """Prints the table."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no Chromium here.")
    console = f"http://127.0.0.1:{server.port}/console"
    pages = {
        "Ask, with its history": (console, ".history li"),
        "the long chat": (f"{console}/ask/{chat}", ".answered .outcome"),
        "Answers": (f"{console}/answers", "tbody tr:visible"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print("| page | first paint ms | whole ms |\n|---|---|---|")
        for name, (address, there) in pages.items():
            found = [opened(browser, address, there) for _ in range(rounds)]
            paint, whole = (
                median(values) for values in zip(*((o.paint, o.whole) for o in found), strict=True)
            )
            print(f"| {name} | {paint:.0f} | {whole:.0f} |", flush=True)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(console)
        page.locator(".history li").first.wait_for(timeout=_SECONDS)
        taken = frames(page, pieces)
        late = sum(each > BUDGET for each in taken)
        print(
            f"\n{pieces} pieces in {sum(taken):.0f} ms and {len(taken)} frames: "
            f"{late} over {BUDGET} ms, the longest {max(taken):.0f} ms"
        )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--chats", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=1000, help="of the long chat")
    parser.add_argument("--pieces", type=int, default=2000, help="of the streamed answer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    asked = parser.parse_args()
    chats, messages, rounds = asked.chats, asked.messages, asked.rounds
    if asked.quick:
        chats, messages, rounds = 24, 4, 1
    print(machine(), end="\n\n")
    with place() as where, where.candor() as server:
        chat = asyncio.run(fill(server, chats, messages))
        measure(server, chat, asked.pieces, rounds)


if __name__ == "__main__":
    main()
