"""Embeddings from a provider, at the wire: what is sent, what is made of each answer."""

import json
import struct
from collections.abc import Iterator
from typing import cast

import anyio
import httpx
import pydantic_ai.models
import pytest
import respx

from services.embeddings.remote import RemoteEmbedder
from use_cases.kernel.errors import (
    CandorError,
    InvalidInput,
    RateLimited,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.knowledge.errors import DimensionMismatch, EmbedderUnavailable

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"
MODEL = "openai:text-embedding-3-small"
URL = "https://api.openai.com/v1/embeddings"


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    with pydantic_ai.models.override_allow_model_requests(True):
        yield


def answer(request: httpx.Request) -> httpx.Response:
    """One vector per text, of length 5 and not of unit length, in OpenAI's shape."""
    asked = json.loads(request.content)
    size = asked.get("dimensions", 1536)
    data = [
        {"object": "embedding", "index": index, "embedding": [3.0, 4.0] + [0.0] * (size - 2)}
        for index, _ in enumerate(asked["input"])
    ]
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    body = {"object": "list", "data": data, "model": asked["model"], "usage": usage}
    return httpx.Response(200, json=body)


def data_of(*vectors: list[float]) -> dict[str, object]:
    data = [
        {"object": "embedding", "index": index, "embedding": vector}
        for index, vector in enumerate(vectors)
    ]
    return {
        "object": "list",
        "data": data,
        "model": "m",
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }


def sent_by(route: respx.Route, number: int = 0) -> httpx.Request:
    """The request of this number."""
    return cast("httpx.Request", route.calls[number].request)


async def test_a_question_is_sent_in_openais_shape_and_becomes_a_unit_vector(
    httpx2_mock: respx.Router,
) -> None:
    route = httpx2_mock.post(URL).mock(side_effect=answer)
    vector = await RemoteEmbedder(MODEL, api_key=KEY).embed_query("What is it?")
    assert struct.unpack("<2f", vector[:8]) == pytest.approx((0.6, 0.8))
    assert len(vector) == 4 * 1536
    request = sent_by(route)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {
        "input": ["What is it?"],
        "model": "text-embedding-3-small",
        "encoding_format": "base64",
    }


async def test_shorter_vectors_are_asked_for_and_are_another_embedder(
    httpx2_mock: respx.Router,
) -> None:
    route = httpx2_mock.post(URL).mock(side_effect=answer)
    embedder = RemoteEmbedder(MODEL, api_key=KEY, dimensions=256)
    assert (embedder.id, embedder.dimensions) == ("openai:text-embedding-3-small@256", 256)
    assert len(await embedder.embed_query("x")) == 4 * 256
    assert json.loads(sent_by(route).content)["dimensions"] == 256


async def test_a_compatible_server_is_asked_at_its_own_address(httpx2_mock: respx.Router) -> None:
    route = httpx2_mock.post("http://localhost:1234/v1/embeddings").respond(
        json=data_of([0.0, 2.0])
    )
    embedder = RemoteEmbedder(
        "openai:nomic", api_key="k", base_url="http://localhost:1234/v1", dimensions=2
    )
    assert embedder.id == "openai:nomic"
    assert struct.unpack("<2f", await embedder.embed_query("x")) == (0.0, 1.0)
    assert "dimensions" not in json.loads(sent_by(route).content)


async def test_many_texts_are_sent_in_batches_and_come_back_in_order(
    httpx2_mock: respx.Router,
) -> None:
    def numbered(request: httpx.Request) -> httpx.Response:
        texts = json.loads(request.content)["input"]
        return httpx.Response(200, json=data_of(*([1.0, float(text)] for text in texts)))

    route = httpx2_mock.post(URL).mock(side_effect=numbered)
    embedder = RemoteEmbedder("openai:other", api_key=KEY, dimensions=2)
    vectors = await embedder.embed_documents([str(number) for number in range(200)])
    assert [len(json.loads(sent_by(route, at).content)["input"]) for at in range(3)] == [96, 96, 8]
    ratios = [round(b / a) for a, b in (struct.unpack("<2f", vector) for vector in vectors)]
    assert ratios == list(range(200))


async def test_odd_texts_are_made_sendable(httpx2_mock: respx.Router) -> None:
    route = httpx2_mock.post(URL).mock(side_effect=answer)
    await RemoteEmbedder(MODEL, api_key=KEY).embed_documents(["", "\ud800", "x" * 50_000])
    sent = json.loads(sent_by(route).content)["input"]
    assert sent == [" ", "\ufffd", "x" * 24_000]


async def test_no_texts_are_not_sent(httpx2_mock: respx.Router) -> None:
    assert await RemoteEmbedder(MODEL, api_key=KEY).embed_documents([]) == []
    assert not httpx2_mock.calls


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected", "hint"),
    [
        (401, {}, {"message": f"bad key {KEY}"}, UpstreamFailed, "EMBEDDING_API_KEY"),
        (404, {}, {"message": "no model"}, UpstreamFailed, "EMBEDDING_MODEL"),
        (500, {}, {"message": "secret trace"}, UpstreamFailed, "status page"),
        (429, {"retry-after": "70"}, {"message": "slow"}, RateLimited, ""),
        (429, {}, {"message": "pay", "code": "insufficient_quota"}, UpstreamFailed, "billing"),
        (200, {}, None, UpstreamFailed, ""),
    ],
)
async def test_a_providers_error_becomes_ours_without_its_words(
    httpx2_mock: respx.Router,
    status: int,
    headers: dict[str, str],
    body: dict[str, str] | None,
    expected: type[CandorError],
    hint: str,
) -> None:
    content = "<html>oops" if body is None else json.dumps({"error": body})
    httpx2_mock.post(URL).mock(return_value=httpx.Response(status, headers=headers, text=content))
    embedder = RemoteEmbedder(MODEL, api_key=KEY)
    with pytest.raises(expected) as caught:
        await embedder.embed_query("x")
    with pytest.raises(expected):
        await embedder.embed_documents(["x"])
    said = f"{caught.value.detail} {caught.value.hint}"
    assert hint in said
    assert KEY not in said
    assert not body or body["message"] not in said
    assert caught.value.retry_after == (70 if expected is RateLimited else None)


async def test_a_short_rate_limit_is_waited_out_for_documents_only(
    httpx2_mock: respx.Router,
) -> None:
    def every_other(request: httpx.Request) -> httpx.Response:
        if route.call_count % 2:
            return answer(request)
        headers = {"retry-after": "0"}
        return httpx.Response(429, headers=headers, json={"error": {"message": "slow"}})

    route = httpx2_mock.post(URL).mock(side_effect=every_other)
    embedder = RemoteEmbedder(MODEL, api_key=KEY)
    assert len(await embedder.embed_documents(["x"])) == 1
    with pytest.raises(RateLimited):
        await embedder.embed_query("x")
    assert route.call_count == 3


async def test_a_provider_that_does_not_answer_is_given_up() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError

    with respx.mock(using="httpcore2", assert_all_called=False) as router:
        router.post(URL).mock(side_effect=never)
        with pytest.raises(UpstreamTimeout):
            await RemoteEmbedder(MODEL, api_key=KEY, timeout=0.05).embed_query("x")


@pytest.mark.parametrize(
    ("vectors", "expected"),
    [
        ([[1.0] * 5], DimensionMismatch),
        ([], UpstreamFailed),
        ([[1.0, 2.0], [1.0, 2.0]], UpstreamFailed),
        ([[0.0, 0.0]], UpstreamFailed),
    ],
)
async def test_vectors_that_make_no_sense_are_refused(
    httpx2_mock: respx.Router, vectors: list[list[float]], expected: type[CandorError]
) -> None:
    httpx2_mock.post(URL).respond(json=data_of(*vectors))
    embedder = RemoteEmbedder("openai:other", api_key=KEY, dimensions=2)
    with pytest.raises(expected):
        await embedder.embed_query("x")


def test_a_missing_key_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(EmbedderUnavailable, match="needs a key"):
        RemoteEmbedder(MODEL)


@pytest.mark.parametrize("model", ["text-embedding-3-small", "nowhere:model", "openai:unknown"])
def test_a_model_that_cannot_be_named_or_measured_is_said(model: str) -> None:
    dimensions = None if model == "openai:unknown" else 8
    with pytest.raises(InvalidInput):
        RemoteEmbedder(model, api_key=KEY, dimensions=dimensions)
