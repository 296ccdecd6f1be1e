"""A real `candor serve` with a small library for each file, and one real Chromium that looks at them all.

`seen` is a page that fails its test where it saw an error, a violation of the policy, or a request to elsewhere.
Where no Chromium or no npm is, these tests are skipped, and the summary of the run says so.
"""

import json
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from playwright.sync_api import Request as SentRequest

from tests.backend.cli.test_program import environment, free_port
from tests.faults.serving import running
from tests.patience import PATIENCE
from tests.wire.stub_provider import StubProvider

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(__file__).parents[1] / "clients" / "node_modules" / "axe-core" / "axe.min.js"
_HERE = "tests/console/"

MODEL_MISSING = 20.0
"""Seconds after which nobody waits any longer for the vectors of a few sentences."""

expect.set_options(timeout=60_000)  # milliseconds: a busy machine is many times slower

TRAIN = "Die Züge 🚂 fahren nach é́ und 東京."
DOCUMENTS: Mapping[str, str] = {
    "passwords.md": "---\ntitle: Password policy\nupdated: 2026-02-02\n---\n# Rotation\n\n"
    "Passwords must be rotated every 90 days.\n\n# Length\n\n"
    "A password has at least 14 characters.\n",
    "trains.md": f"---\ntitle: Züge 🚂\nupdated: 2026-03-01\n---\n# Fahrplan 🚂🚂\n\n{TRAIN}\n",
    "hostile.md": "---\ntitle: <img src=x onerror=alert(1)> \u202egnol\nupdated: 2026-01-01\n---\n"
    "# <script>alert(1)</script>\n\nThe gate code is <b>4711</b> ![x](http://elsewhere.example/x.png)"
    " [click](javascript:alert(1)) <svg onload=alert(1)>.\n",
}
"""Ordinary; with characters of two UTF-16 units and of two code points; and hostile."""


@dataclass(frozen=True, slots=True)
class Console:
    """A running server: its address, the provider that its models ask, and its DATA_DIR."""

    url: str
    stub: StubProvider
    data: Path

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The JSON of an answer, asked for without a browser."""
        content = None if body is None else json.dumps(body).encode()
        sent = {"content-type": "application/json", **headers}
        with urlopen(Request(self.url + path, content, sent, method=method)) as response:
            return json.loads(response.read() or b"null")

    def finished(self, events: str) -> None:
        """Return when a stream of events has come to its end."""
        with urlopen(self.url + events) as response:
            response.read()

    def store(self, name: str, text: str) -> None:
        """Upload a document."""
        form = (
            f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{text}'
            '\r\n--x\r\nContent-Disposition: form-data; name="category"\r\n\r\npolicies\r\n--x--\r\n'
        )
        sent = {"content-type": "multipart/form-data; boundary=x"}
        urlopen(Request(f"{self.url}/knowledge/documents", form.encode(), sent)).close()

    def embedded(self) -> None:
        """Return when all documents have their vectors; where there is no model, after a while."""
        latest = monotonic() + MODEL_MISSING
        while any(
            one["state"] == "embedding"
            for one in self.call("GET", "/knowledge/documents")["documents"]
        ):
            if monotonic() > latest:
                return

    def asked(self, text: str, **more: object) -> Mapping[str, Any]:
        """A question and its answer, without a browser."""
        body = {"user_id": "local", "message": text, **more}
        found: Mapping[str, Any] = self.call("POST", "/chat", body)
        return found


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The server in local mode: its usual model is the offline one, `openai:scripted` the stub."""
    folder = tmp_path_factory.mktemp("console")
    with StubProvider() as stub:
        told = environment(
            DATA_DIR=str(folder / "var"),
            OPENAI_API_KEY="sk-planted-91c2",
            OPENAI_BASE_URL=stub.url,
            CHAT_MODEL="offline:extractive",
        )
        command = ("-m", "backend.cli.program", "serve", "--port", str(free_port()))
        with running(*command, environment=told) as server:
            console = Console(server.url, stub, folder / "var")
            for name, text in DOCUMENTS.items():
                console.store(name, text)
            console.embedded()
            yield console


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Generator[Opened]:
    """Opens pages; in the end nothing must have gone wrong in any of them, and no request of theirs have gone
    elsewhere; `beside` is another origin that they may lead to, with what its own pages load.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The browser itself reports a status of 400 and more, and a connection that breaks.
        if message.type == "error" and "Failed to load resource" not in message.text:
            troubles.append(message.text)

    def new(address: str, *, beside: str | None = None, **options: Any) -> Page:
        origin = "/".join(address.split("/")[:3])

        def went(sent: SentRequest) -> None:
            theirs = beside is not None and beside in (sent.url + sent.headers.get("referer", ""))
            if not theirs and not sent.url.startswith(origin):
                troubles.append(sent.url)

        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", went)
        page.goto(address)
        return page

    yield new
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def seen(console: Console, opened: Opened) -> Callable[..., Page]:
    """Opens a page of the console by its path."""

    def look(path: str = "/console", **options: Any) -> Page:
        return opened(f"{console.url}{path}", **options)

    return look


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was skipped must not look as if it had passed."""
    skipped = [
        report
        for report in terminalreporter.getreports("skipped")
        if report.nodeid.startswith(_HERE)
    ]
    if skipped:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests of the console in a browser were skipped:")
        for reason in {str(report.longrepr[-1]) for report in skipped if report.longrepr}:
            terminalreporter.line(reason)
