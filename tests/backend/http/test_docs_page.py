"""The page of routes at `/docs`."""

import re

from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.conftest import served
from tests.backend.http.keys import requiring


def test_every_route_is_on_the_page(client: TestClient) -> None:
    response = client.get("/docs")
    assert response.status_code == 200
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method in operations:
            assert f"<h2><code>{method.upper()} {path}</code></h2>" in response.text


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
    page = client.get("/docs").text
    for line in (
        "curl http://localhost/health",
        "curl -G --data-urlencode &#x27;query=…&#x27; http://localhost/knowledge/search",
        "curl -F file=@handbook.md http://localhost/knowledge/documents",
        "curl -X DELETE &#x27;http://localhost/knowledge/documents/{document_id}&#x27;",
        "curl -H &#x27;Content-Type: application/json&#x27; "
        "-d &#x27;{&quot;query&quot;: &quot;…&quot;}&#x27; http://localhost/knowledge/sql",
    ):
        assert f"<pre>{line}</pre>" in page


def test_what_loads_from_elsewhere_is_not_served(client: TestClient) -> None:
    assert client.get("/redoc").text == client.get("/docs").text
    assert "<script" not in client.get("/redoc").text


def test_where_keys_are_required_the_page_says_so(settings: Settings) -> None:
    with served(requiring(settings)) as client:
        page = client.get("/docs").text
    assert "<p>Scope of the API key: <code>knowledge:write</code></p>" in page
    assert "<pre>curl -H &#x27;X-API-Key: …&#x27; http://localhost/knowledge/tables</pre>" in page
    assert "<pre>curl http://localhost/health</pre>" in page
