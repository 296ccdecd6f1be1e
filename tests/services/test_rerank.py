"""Cohere at the wire: what is sent, what is made of each answer."""

import json
from typing import cast

import anyio
import httpx
import pytest
import respx

from services.rerank import CohereReranker
from use_cases.kernel.errors import CandorError, RateLimited, UpstreamFailed, UpstreamTimeout

pytestmark = pytest.mark.anyio

KEY = "very-secret"
URL = "https://api.cohere.com/v2/rerank"


def results(*pairs: tuple[object, object]) -> dict[str, object]:
    return {"id": "1", "results": [{"index": i, "relevance_score": s} for i, s in pairs]}


def sent_by(route: respx.Route) -> httpx.Request:
    """The first request."""
    return cast("httpx.Request", route.calls[0].request)


async def test_the_question_and_the_texts_are_sent(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(URL).respond(json=results((1, 0.9), (0, 0.2)))
    order = await CohereReranker(KEY).rerank("why?", ["a", "b", "c"], top_n=2)
    assert order == [(1, 0.9), (0, 0.2)]
    request = sent_by(route)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {
        "model": "rerank-v3.5",
        "query": "why?",
        "documents": ["a", "b", "c"],
        "top_n": 2,
    }


async def test_another_model_and_address_can_be_chosen(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post("http://localhost:9/v2/rerank").respond(json=results((0, 1)))
    reranker = CohereReranker(KEY, "rerank-v4", base_url="http://localhost:9")
    assert reranker.name == "cohere:rerank-v4"
    assert await reranker.rerank("why?", ["a"], top_n=5) == [(0, 1.0)]
    sent = json.loads(sent_by(route).content)
    assert (sent["model"], sent["top_n"]) == ("rerank-v4", 1)


async def test_nothing_to_order_is_not_sent(respx_mock: respx.MockRouter) -> None:
    reranker = CohereReranker(KEY)
    assert await reranker.rerank("why?", [], top_n=5) == []
    assert await reranker.rerank("why?", ["a"], top_n=0) == []
    assert not respx_mock.calls


@pytest.mark.parametrize(
    ("status", "headers", "expected", "retry_after"),
    [
        (401, {}, UpstreamFailed, None),
        (404, {}, UpstreamFailed, None),
        (429, {"retry-after": "12"}, RateLimited, 12.0),
        (429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, RateLimited, None),
        (429, {}, RateLimited, None),
        (500, {}, UpstreamFailed, None),
        (503, {}, UpstreamFailed, None),
        (504, {}, UpstreamTimeout, None),
    ],
)
async def test_an_error_becomes_ours_at_once_and_without_its_words(
    respx_mock: respx.MockRouter,
    status: int,
    headers: dict[str, str],
    expected: type[CandorError],
    retry_after: float | None,
) -> None:
    route = respx_mock.post(URL).respond(
        status, headers=headers, json={"message": f"their words, {KEY}"}
    )
    with pytest.raises(expected) as caught:
        await CohereReranker(KEY).rerank("why?", ["a"], top_n=1)
    assert caught.value.retry_after == retry_after
    said = f"{caught.value.detail} {caught.value.hint}"
    assert KEY not in said
    assert "their words" not in said
    assert ("RERANKER_API_KEY" in said) == (status == 401)
    assert route.call_count == 1


@pytest.mark.parametrize("trouble", [httpx.ReadTimeout, httpx.ConnectTimeout])
async def test_a_timeout_is_said(
    respx_mock: respx.MockRouter, trouble: type[httpx.TimeoutException]
) -> None:
    respx_mock.post(URL).mock(side_effect=trouble)
    with pytest.raises(UpstreamTimeout):
        await CohereReranker(KEY).rerank("why?", ["a"], top_n=1)


async def test_an_answer_that_drips_for_ever_is_given_up(respx_mock: respx.MockRouter) -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError

    respx_mock.post(URL).mock(side_effect=never)
    with pytest.raises(UpstreamTimeout):
        await CohereReranker(KEY, timeout=0.05).rerank("why?", ["a"], top_n=1)


async def test_an_unreachable_provider_is_said(respx_mock: respx.MockRouter) -> None:
    respx_mock.post(URL).mock(side_effect=httpx.ConnectError)
    with pytest.raises(UpstreamFailed):
        await CohereReranker(KEY).rerank("why?", ["a"], top_n=1)


@pytest.mark.parametrize(
    "body",
    [
        "<html>oops",
        "",
        "[]",
        '{"id": "1"}',
        '{"results": null}',
        '{"results": [{"index": 0}]}',
        json.dumps(results((7, 0.9))),
        json.dumps(results((-1, 0.9))),
        json.dumps(results((0, 0.9), (0, 0.8))),
        json.dumps(results(("zero", 0.9))),
        json.dumps(results((0, "much"))),
        '{"results": [{"index": 0, "relevance_score": NaN}]}',
    ],
)
async def test_an_answer_that_makes_no_sense_is_a_failure(
    respx_mock: respx.MockRouter, body: str
) -> None:
    respx_mock.post(URL).respond(200, text=body, content_type="application/json")
    with pytest.raises(UpstreamFailed):
        await CohereReranker(KEY).rerank("why?", ["a", "b"], top_n=2)
