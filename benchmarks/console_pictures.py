"""Pictures of the console for the docs: python -m benchmarks.console_pictures [FOLDER]

Serves the samples, asks, and shows every page in a Chromium of this machine, light, dark and on a phone: the
answer with its source, a prompt beside the one in use, its evaluation, and the others with what that left in
them. Writes PNGs to docs/pictures, or another folder.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from threading import Thread

from playwright.sync_api import Page, sync_playwright

PORT = 8765
URL = f"http://127.0.0.1:{PORT}"
PROGRAM = (sys.executable, "-m", "backend.cli.program")
QUESTION = "How often must passwords be rotated?"
ADVICE = "Start Osric Vandemoor or Tobin Kestrelane in week 5?"
ADDED = "\n\nPeriods. Name the period in days, and the day from which it counts."
LOOKS = {"": ("light", 1100, 620), "-dark": ("dark", 1100, 620), "-phone": ("light", 360, 720)}
SECONDS = 60_000


def main(folder: Path) -> None:
    """Make every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no Chromium here.")
    with tempfile.TemporaryDirectory() as data:
        told = {**os.environ, "DATA_DIR": data}
        for samples in ("documents", "tables"):
            subprocess.run([*PROGRAM, "ingest", f"samples/{samples}"], env=told, check=True)
        for words in (
            ("import", "samples/conversations/harbour-newsletter.json"),
            ("ingest", "samples/fantasy"),
        ):
            subprocess.run([*PROGRAM, *words], env=told, check=True)
        with subprocess.Popen(
            [*PROGRAM, "serve", "--port", str(PORT)], env=told, stderr=subprocess.PIPE, text=True
        ) as server:
            try:
                assert server.stderr is not None
                next(line for line in server.stderr if "running on" in line)
                Thread(target=server.stderr.read, daemon=True).start()  # a full pipe would stop it
                _take(chromium, folder)
            finally:
                server.kill()


def _take(chromium: str, folder: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{URL}/console")
        _ask(page)
        pages = {"ask": (page.url, "mark.active"), "library": (f"{URL}/console/library", "td")}
        pages["improve"] = (_changed(page), ".beside ins")
        pages["evaluation"] = (_evaluated(page), "article h4")
        pages["advice"] = (_advised(page), "meter")
        pages["answers"] = (f"{URL}/console/answers", "summary")
        pages["conversations"] = (f"{URL}/console/conversations", "td")
        pages["cleaning"] = (f"{URL}/console/cleaning", ".empty")
        pages["settings"] = (f"{URL}/console/settings", ".notice")
        for (name, (address, there)), (look, (theme, width, height)) in product(
            pages.items(), LOOKS.items()
        ):
            shown = browser.new_page(
                color_scheme="dark" if theme == "dark" else "light",
                viewport={"width": width, "height": height},
            )
            shown.goto(address)
            shown.locator(there).first.wait_for(timeout=SECONDS)
            path = folder / f"{name}{look}.png"
            shown.screenshot(path=path)
            print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _ask(page: Page) -> None:
    page.get_by_label("Your question").fill(QUESTION, timeout=SECONDS)
    page.keyboard.press("Enter")
    page.locator(".chip").first.click(timeout=SECONDS)
    page.locator("mark.active").wait_for(timeout=SECONDS)


def _advised(page: Page) -> str:
    """Asks for advice on the league; returns its address."""
    page.goto(f"{URL}/console/advice?profile=fantasy-nfl")
    page.get_by_label("Model", exact=True).fill("offline:adviser", timeout=SECONDS)
    page.get_by_label("Your question, with its options").fill(ADVICE)
    page.get_by_role("button", name="Advise").click()
    page.locator("meter").wait_for(timeout=SECONDS)
    page.wait_for_url("**/advice/*")
    return page.url


def _changed(page: Page) -> str:
    """Saves another version of chat's prompt; returns its address."""
    page.goto(f"{URL}/console/improve/chat.answer")
    prompt = page.get_by_label("The prompt")
    prompt.fill(prompt.input_value(timeout=SECONDS) + ADDED)
    page.get_by_role("button", name="Save as a new version").click()
    page.wait_for_url("**version=1")
    return page.url


def _evaluated(page: Page) -> str:
    """Makes a dataset of the answer, and compares both versions on it; returns the evaluation's address."""
    (answer,) = page.request.get(f"{URL}/answers").json()["answers"]
    said = {"feedback": "wrong", "expected": "90 days"}
    page.request.post(f"{URL}/answers/{answer['answer_id']}/feedback", data=said)
    page.goto(f"{URL}/console/answers")
    page.get_by_role("button", name="Make a dataset").click(timeout=SECONDS)
    page.get_by_label("Name").fill("Asked")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Improve the prompt with it").click(timeout=SECONDS)
    page.get_by_role("button", name="Show the cost").click(timeout=SECONDS)
    page.get_by_role("button", name="Confirm and begin").click(timeout=SECONDS)
    page.locator("article h4").first.wait_for(timeout=SECONDS)
    return page.url


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/pictures"))
