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


def test_every_route_and_group_is_on_the_page_with_a_link_that_leads_to_it(
    shared: TestClient,
) -> None:
    page = shared.get("/docs").text
    for path, operations in shared.get("/openapi.json").json()["paths"].items():
        for method in operations:
            assert f'<summary><code>{method.upper()} {path}</code> <span class="soft">' in page
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors)) > 100
    assert sorted(anchors) == sorted(re.findall(r'href="#([^"]+)"', page))
    assert page.count("<details><summary>") == len(re.findall("<h2 id=", page)) > 6  # contents
    for name in ("knowledge", "chat", "advice", "conversations", "playground", "benchmark"):
        assert name in anchors
    assert "post-chat-stream" in anchors


def test_parameters_bodies_answers_and_a_line_for_curl_are_told(shared: TestClient) -> None:
    page = shared.get("/docs").text
    for cells in (
        "<td><code>query</code></td><td>query (required)</td><td>Any text; longer ones go in a body.</td>",
        "<td><code>category</code></td><td>string or null</td>",
        "<td><code>415</code></td><td></td><td>Not a document</td>",
        "<td><code>messages</code></td><td>array</td>",
        "<td><code>message</code></td><td>SentMessage or null</td>",
        '<span class="soft"><code>healthy</code> and <code>degraded</code> answer 200',
    ):
        assert cells in page
    assert "`" not in page
    assert "None" not in page
    for line in (
        "curl http://localhost/health",
        "curl -G --data-urlencode 'query=…' http://localhost/knowledge/search",
        "curl -F file=@handbook.md http://localhost/knowledge/documents",
        "curl -X DELETE 'http://localhost/knowledge/documents/{document_id}'",
        "curl -H 'Content-Type: application/json' "
        '-d \'{"query": "…"}\' http://localhost/knowledge/sql',
    ):
        assert f"<pre>{line}</pre>" in unescape(page)


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc"])
def test_a_page_loads_and_runs_nothing(shared: TestClient, path: str) -> None:
    response = shared.get(path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'sha256-" in policy
    assert policy.endswith("; frame-ancestors 'none'")
    assert not re.search(
        r"<script|<link|<img|<form|src=|onload=|@import|url\(|https://", response.text
    )


@pytest.mark.exhaustive
def test_where_keys_are_required_the_page_says_so(settings: Settings) -> None:
    with served(requiring(settings)) as client:
        page = unescape(client.get("/docs").text)
    assert "<p>Scope of the API key: <code>knowledge:write</code></p>" in page
    assert "<pre>curl -H 'X-API-Key: …' http://localhost/knowledge/tables</pre>" in page
    assert "<pre>curl http://localhost/health</pre>" in page


@pytest.mark.exhaustive
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_phone_shows_the_page_whole(shared: TestClient, tmp_path: Path, path: str) -> None:
    """All routes folded up are a page that one scrolls; unfolded, no line is cut off."""
    assert CHROMIUM
    probe = (
        "<script>const cut = () => document.documentElement.scrollWidth > innerWidth;"
        "const folded = document.documentElement.scrollHeight, wide = cut();"
        "document.querySelectorAll('details').forEach((one) => (one.open = true));"
        "document.title = [folded, wide, cut(), innerWidth].join(' ')</script></body>"
    )
    file = tmp_path / "page.html"
    file.write_text(shared.get(path).text.replace("</body>", probe))
    options = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"),
        *(f"--user-data-dir={tmp_path / 'browser'}", "--window-size=390,800"),
    ]
    shown = subprocess.run(
        [CHROMIUM, *options, f"file://{file}"],
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
