"""Embeddings of each provider that speaks OpenAI's API, with the settings' key and nothing else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from services.embeddings.remote import RemoteEmbedder
from tests.wire.asking import KEY
from tests.wire.script import fails
from tests.wire.stub_provider import StubProvider
from tests.wire.test_providers import AMBIENT
from use_cases.kernel.errors import RateLimited, UpstreamFailed
from use_cases.knowledge.errors import EmbedderUnavailable

pytestmark = pytest.mark.anyio

NAME = "text-embedding-3-small"


@asynccontextmanager
async def closing(embedder: RemoteEmbedder) -> AsyncGenerator[None]:
    yield
    await embedder.close()


@pytest.fixture(autouse=True)
def ambient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("provider", "base", "version", "path"),
    [
        ("openai", "/v1", None, "/v1/embeddings"),
        ("azure", "", None, "/openai/v1/embeddings"),
        (
            "azure",
            "/",
            "2024-10-21",
            f"/openai/deployments/{NAME}/embeddings?api-version=2024-10-21",
        ),
        ("azure", "/openai/v1/", "2024-10-21", "/openai/v1/embeddings"),
        ("ollama", "/v1", None, "/v1/embeddings"),
        ("vllm", "/v1", None, "/v1/embeddings"),
    ],
)
async def test_a_text_becomes_a_unit_vector(
    stub: StubProvider, provider: str, base: str, version: str | None, path: str
) -> None:
    embedder = RemoteEmbedder(
        f"{provider}:{NAME}", api_key=KEY, base_url=stub.root + base, api_version=version
    )
    async with closing(embedder):
        assert len(await embedder.embed_query("What is it?")) == 4 * 1536
    request = stub.requests[0]
    assert request.path == path
    sent = " ".join(request.headers.values())
    assert KEY in sent
    assert "ambient" not in sent


async def test_azures_failures_are_ours_without_its_words(stub: StubProvider) -> None:
    embedder = RemoteEmbedder(f"azure:{NAME}", api_key=KEY, base_url=stub.root)
    async with closing(embedder):
        for status, kind in ((401, UpstreamFailed), (429, RateLimited), (500, UpstreamFailed)):
            stub.answers(fails(status, f"planted-words {KEY}"))
            with pytest.raises(kind) as raised:
                await embedder.embed_query("x")
            assert KEY not in f"{raised.value} {raised.value.hint}"
            assert "planted" not in str(raised.value)


@pytest.mark.parametrize(
    "model", ["openai:text-embedding-3-small", "azure:x", "cohere:embed-v4.0", "google:x"]
)
def test_a_missing_key_is_said_whatever_the_environment_holds(model: str) -> None:
    with pytest.raises(EmbedderUnavailable):
        RemoteEmbedder(model, dimensions=8)
