"""Welcome and health."""

import json
import re
import time
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import anyio
import pytest
from loguru import logger
from starlette.testclient import TestClient

from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import Settings
from tests.backend.http.conftest import served
from tests.fakes.embedder import WordEmbedder
from tests.patience import PATIENCE
from use_cases.kernel.errors import CandorError, RateLimited, UpstreamFailed
from use_cases.kernel.model import PassageVectors, Vector


def test_health_tells_what_is_there(stocked: TestClient, shared: TestClient) -> None:
    report = stocked.get("/health").json()
    assert (report["status"], report["reasons"]) == ("healthy", [])
    assert (report["documents"], report["tables"]) == (4, 1)
    assert report["passages"] == report["vectors"] > 0
    assert (report["model"], report["embedder"]) == ("offline:extractive", "local")
    empty = shared.get("/health")
    assert (empty.status_code, empty.json()["status"]) == (200, "healthy")
    assert empty.json()["documents"] == 0
    bare = shared.head("/health")
    assert (bare.status_code, bare.content) == (200, b"")


def test_a_database_that_cannot_be_read_is_unavailable(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "var" / "knowledge.sqlite").write_bytes(b"this is no database, " * 100)
    with served(settings) as client:
        response = client.get("/health")
        assert response.status_code == 503
        assert response.json()["status"] == "unavailable"
        assert response.json()["documents"] is None
        assert response.json()["reasons"][0].startswith("storage_damaged: ")
        problem = client.get("/knowledge/documents")
        assert (problem.status_code, problem.json()["code"]) == (503, "storage_damaged")
        assert "cannot be read" in client.get("/").text


def test_a_store_that_cannot_be_opened_is_degraded_for_search_still_works(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "var" / "candor.sqlite").write_bytes(b"this is no database, " * 100)
    with served(settings) as client:
        response = client.get("/health")
        assert (response.status_code, response.json()["status"]) == (200, "degraded")
        (reason,) = response.json()["reasons"]
        assert reason.startswith("Questions cannot be kept: storage_damaged: ")
        refused = client.post("/chat", json={"user_id": "local", "message": "?"})
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_damaged")


def test_what_cannot_be_read_or_kept_is_alive_and_not_ready(
    settings: Settings, tmp_path: Path
) -> None:
    for name in ("candor.sqlite", "knowledge.sqlite"):
        (tmp_path / "var" / name).write_bytes(b"this is no database, " * 100)
        with served(settings) as client:
            response = client.get("/health/ready")
            assert (response.status_code, response.json()["status"]) == (503, "not_ready")
            assert "storage_damaged" in response.json()["reasons"][0]
            assert client.get("/health/live").json() == {"status": "alive"}


def test_what_no_other_server_would_do_better_is_ready(settings: Settings) -> None:
    def without() -> Container:
        candor = Container(settings)
        candor.knowledge.embedder = None
        return candor

    app = create_app(settings, without)
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/health").json()["status"] == "degraded"
        assert client.get("/health/ready").json() == {"status": "ready", "reasons": []}


def test_an_index_of_another_embedder_is_degraded(library: TestClient, settings: Settings) -> None:
    def other() -> Container:
        candor = Container(settings)
        candor.knowledge.embedder = WordEmbedder("fake:other")
        return candor

    app = create_app(settings, other)
    with TestClient(app, base_url="http://localhost") as client:
        response = client.get("/health")
        assert (response.status_code, response.json()["status"]) == (200, "degraded")
        assert response.json()["reasons"] == [
            "The index was built with fake:words, and fake:other is set; run `candor reindex`."
        ]
        assert "candor reindex" in client.get("/").text
        problem = client.get("/knowledge/search", params={"query": "passwords"})
        assert (problem.status_code, problem.json()["code"]) == (409, "embedder_mismatch")


def test_passages_without_vectors_are_degraded(settings: Settings) -> None:
    def without() -> Container:
        candor = Container(settings)
        candor.knowledge.embedder = None
        return candor

    app = create_app(settings, without)
    with TestClient(app, base_url="http://localhost") as client:
        client.post("/knowledge/documents", files={"file": ("a.md", b"# A\n\nSome words here.\n")})
        report = client.get("/health").json()
        assert report["status"] == "degraded"
        assert report["reasons"] == [
            "1 of 1 passages have no vector: search finds them by full text only.",
            "local cannot be used; `candor doctor` says why.",
        ]


class SlowEmbedder(WordEmbedder):
    """Embeds questions alone: each passage takes for ever, or is refused where that is `trouble`."""

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        if self.trouble is None:
            await anyio.sleep_forever()
        return await super().embed_passages(texts)

    async def embed_query(self, text: str) -> Vector:
        return self._vector(text)


@pytest.mark.parametrize(
    ("trouble", "status", "reasons"),
    [
        (None, "healthy", []),
        (
            RateLimited("fake:words limits the rate of requests."),
            "degraded",
            [
                "1 of 1 passages have no vector: rate_limited: fake:words limits the rate of requests."
                " Wait a little and try again."
            ],
        ),
        (
            UpstreamFailed("fake:words could not embed this text."),
            "degraded",
            [
                "1 of 1 passages have no vector, for fake:words refused them; `candor ingest` tries"
                " them again."
            ],
        ),
    ],
)
def test_vectors_that_are_being_made_are_no_reason_and_those_that_cannot_be_are(
    settings: Settings, trouble: CandorError | None, status: str, reasons: list[str]
) -> None:
    def slow() -> Container:
        candor = Container(settings)
        candor.knowledge.embedder = embedder = SlowEmbedder()
        embedder.trouble = trouble
        return candor

    app = create_app(settings, slow)
    deadline = time.monotonic() + PATIENCE
    with TestClient(app, base_url="http://localhost") as client:
        client.post("/knowledge/documents", files={"file": ("a.md", b"# A\n\nSome words here.\n")})
        report = client.get("/health").json()
        assert (report["passages"], report["vectors"]) == (1, 0)
        while report["status"] != status:
            assert time.monotonic() < deadline
            report = client.get("/health").json()
        assert report["reasons"] == reasons


def test_the_welcome_page_shows_all_that_can_be_done_at_the_address_it_was_asked_for(
    shared: TestClient,
) -> None:
    page = unescape(shared.get("/", headers={"Host": "127.0.0.1:8123"}).text)
    assert "offline:extractive" in page
    names = re.findall(r'<h3><a href="docs#(\w+)">', page)
    assert names == [
        *("knowledge", "chat", "advice"),
        *("conversations", "playground", "benchmark"),
    ]
    addresses = re.findall(r"https?://[^/\s]+(/[\w/-]+)", page)
    assert page.count("http://127.0.0.1:8123/") == len(addresses)
    document = shared.get("/openapi.json").json()
    assert document["info"]["title"] == "Candor"
    assert len(addresses) >= 9
    assert set(addresses) <= set(document["paths"])


def test_what_the_welcome_page_says_to_try_is_understood(stocked: TestClient) -> None:
    page = unescape(stocked.get("/").text)
    bodies = re.findall(r"curl http://localhost(/\S+) -H .* -d '(.*)'", page)
    assert [path for path, _ in bodies] == ["/chat", "/advice-non-streaming"]
    for path, body in bodies:
        assert stocked.post(path, json=json.loads(body)).status_code == 200
    for path in re.findall(r"^curl http://localhost(/[\w/-]+)$", page, re.MULTILINE):
        assert stocked.get(path).status_code == 200
    for path, name in re.findall(r"curl -G http://localhost(/\S+) --data-urlencode '(\w+)=", page):
        assert stocked.get(path, params={name: "rotation"}).status_code == 200


def test_a_key_that_local_mode_ignores_is_mentioned_once(client: TestClient) -> None:
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}")
    try:
        for key in ("nonsense", "nonsense", "other"):
            assert client.get("/health", headers={"X-API-Key": key}).status_code == 200
    finally:
        logger.remove(sink)
    (line,) = [line for line in lines if "API key" in line]
    assert "is ignored" in line
    assert "nonsense" not in line


def test_health_names_the_model_that_chat_really_uses(settings: Settings) -> None:
    def used(client: TestClient) -> tuple[str, str]:
        report = client.get("/health").json()
        return report["model"], report["model_origin"]

    default = "/api/v1/model-defaults/chat.answer"
    with served(settings) as client:
        assert used(client) == ("offline:extractive", "built_in")
    with served(settings.model_copy(update={"chat_model": "offline:echo"})) as client:
        assert used(client) == ("offline:echo", "environment")
        assert client.put(default, json={"model": "offline:adviser"}).status_code == 200
        assert used(client) == ("offline:adviser", "stored")
        client.delete(default)
        assert used(client) == ("offline:echo", "environment")
