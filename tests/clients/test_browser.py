"""`useChat()` in a real Chromium, on a page that another port serves."""

import json
import shutil
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import cast
from urllib.request import urlopen

import pytest

from tests.clients.node import FOLDER, Json, Look, missing
from tests.clients.outlines import FACT, outlines
from tests.clients.serving import Served
from tests.patience import PATIENCE

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

ELSEWHERE = "app.example"
"""A name that the browser takes for this machine, as a page that rebinds its own name would."""


class Page(SimpleHTTPRequestHandler):
    """Serves a folder, and keeps what the page in it reports."""

    reports: Queue[Look]

    def do_POST(self) -> None:
        """Keep a report."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.reports.put(Look(cast("Json", json.loads(body))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its own name)
        """Say nothing."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadingHTTPServer]:
    """A server of the page alone, on a port of its own."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("page")
    built = ["node_modules/.bin/esbuild", "page.mjs", "--bundle", "--log-level=warning"]
    production = '--define:process.env.NODE_ENV="production"'
    subprocess.run([*built, production, f"--outfile={folder / 'page.js'}"], cwd=FOLDER, check=True)
    (folder / "index.html").write_text("<!doctype html><body><script src=page.js></script>")
    Page.reports = Queue()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Page, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def showing(address: str, folder: Path) -> Generator[None]:
    """A browser that shows this page."""
    assert CHROMIUM
    options = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--remote-debugging-port=0", f"--user-data-dir={folder}"),
        f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
    ]
    with subprocess.Popen([CHROMIUM, *options, address], stderr=subprocess.DEVNULL) as browser:
        try:
            yield
        finally:
            browser.kill()


def seen_by(page: str, api: str, pages: ThreadingHTTPServer, folder: Path) -> Look:
    """What the page reports when it is shown under this host."""
    address = f"http://{page}:{pages.server_port}/?api={api}"
    with showing(address, folder):
        return Page.reports.get(timeout=PATIENCE)


def documents(served: Served) -> object:
    """How many documents the server has."""
    with urlopen(f"{served.url}/health") as response:
        return json.load(response)["documents"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server with the settings that it has by itself."""
    with Served(tmp_path) as served:
        yield served


@pytest.mark.exhaustive
def test_a_page_on_another_port_of_this_machine_chats_and_uses_all_routes(
    served: Served, pages: ThreadingHTTPServer, tmp_path: Path
) -> None:
    look = seen_by("localhost", served.url, pages, tmp_path / "browser")
    assert look["chat"]["error"].value is None
    said = outlines(look["chat"]["messages"])
    assert said == [["user", "text: How often?"], ["assistant", *FACT]]
    statuses = {"read": 200, "write": 200, "change": 404, "remove": 404, "resume": 404}
    assert documents(served) == 3
    for name, status in statuses.items():
        assert look["routes"][name] == {"status": status, "request_id": True}, name


@pytest.mark.exhaustive
def test_a_page_of_another_name_neither_reads_nor_writes(
    served: Served, pages: ThreadingHTTPServer, tmp_path: Path
) -> None:
    look = seen_by(ELSEWHERE, served.url, pages, tmp_path / "browser")
    assert look["chat"]["error"] == "Failed to fetch"
    for name in ("read", "write", "change", "remove", "resume"):
        assert look["routes"][name] == {"failed": "TypeError"}, name
    assert documents(served) == 2
