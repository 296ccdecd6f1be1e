"""The page of routes at `/docs`."""

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.conftest import served
from tests.backend.http.keys import requiring
from tests.patience import PATIENCE

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def test_every_route_is_on_the_page(client: TestClient) -> None:
    response = client.get("/docs")
    assert response.status_code == 200
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method in operations:
            assert f"<summary><code>{method.upper()} {path}</code> <span>" in response.text


def test_every_group_and_route_has_a_link_that_leads_to_it(client: TestClient) -> None:
    page = client.get("/docs").text
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors)) > 100
    assert sorted(anchors) == sorted(re.findall(r'href="#([^"]+)"', page))
    for name in ("knowledge", "chat", "advice", "conversations", "playground", "benchmark"):
        assert name in anchors
    assert "post-chat-stream" in anchors


def test_markdown_is_shown_as_such(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "<span><code>healthy</code> and <code>degraded</code> answer 200" in page
    assert "`" not in page


def test_the_page_loads_nothing(client: TestClient) -> None:
    response = client.get("/docs")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<link|<img|@import|url\(|https://", response.text)


def test_parameters_bodies_and_answers_are_told(client: TestClient) -> None:
    page = client.get("/docs").text
    assert (
        "<td><code>query</code></td><td>query (required)</td><td>Any text; longer ones go in a body.</td>"
        in page
    )
    assert "<td><code>category</code></td><td>string or null</td>" in page
    assert "<td><code>415</code></td><td></td><td>Not a document</td>" in page


def test_each_route_has_a_line_for_curl(client: TestClient) -> None:
    page = unescape(client.get("/docs").text)
    for line in (
        "curl http://localhost/health",
        "curl -G --data-urlencode 'query=…' http://localhost/knowledge/search",
        "curl -F file=@handbook.md http://localhost/knowledge/documents",
        "curl -X DELETE 'http://localhost/knowledge/documents/{document_id}'",
        "curl -H 'Content-Type: application/json' "
        '-d \'{"query": "…"}\' http://localhost/knowledge/sql',
    ):
        assert f"<pre>{line}</pre>" in page


def test_what_loads_from_elsewhere_is_not_served(client: TestClient) -> None:
    assert client.get("/redoc").text == client.get("/docs").text
    assert "<script" not in client.get("/redoc").text


def test_where_keys_are_required_the_page_says_so(settings: Settings) -> None:
    with served(requiring(settings)) as client:
        page = unescape(client.get("/docs").text)
    assert "<p>Scope of the API key: <code>knowledge:write</code></p>" in page
    assert "<pre>curl -H 'X-API-Key: …' http://localhost/knowledge/tables</pre>" in page
    assert "<pre>curl http://localhost/health</pre>" in page


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_phone_shows_the_page_whole(client: TestClient, tmp_path: Path, path: str) -> None:
    """All routes folded up are a page that one scrolls; unfolded, no line is cut off."""
    assert CHROMIUM
    probe = (
        "<script>const cut = () => document.documentElement.scrollWidth > innerWidth;"
        "const folded = document.documentElement.scrollHeight, wide = cut();"
        "document.querySelectorAll('details').forEach((one) => (one.open = true));"
        "document.title = [folded, wide, cut(), innerWidth].join(' ')</script></body>"
    )
    file = tmp_path / "page.html"
    file.write_text(client.get(path).text.replace("</body>", probe))
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--dump-dom",
    ]
    shown = subprocess.run(
        [
            CHROMIUM,
            *options,
            f"--user-data-dir={tmp_path / 'browser'}",
            "--window-size=390,800",
            f"file://{file}",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    title = re.search(r"<title>(\d+) (\w+) (\w+) (\d+)</title>", shown.stdout)
    assert title
    assert (title[2], title[3]) == ("false", "false")
    assert int(title[1]) < 25_000
    assert int(title[4]) <= 500  # no Chromium has a narrower window
