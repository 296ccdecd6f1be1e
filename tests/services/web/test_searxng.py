"""The search of the web over SearXNG, at the wire: what is sent, what is made of each answer."""

from collections.abc import AsyncIterator
from typing import cast

import anyio
import httpx
import httpx2
import pytest
import respx

from services.web.searxng import SearxngSearch
from use_cases.advice.ports import WebPage
from use_cases.kernel.errors import CandorError, RateLimited, UpstreamFailed, UpstreamTimeout

pytestmark = pytest.mark.anyio

ADDRESS = "https://searx.example"
URL = f"{ADDRESS}/search"
KEY = "sk-very-secret"
RESULTS: dict[str, object] = {
    "query": "allen injury",
    "results": [
        {
            "url": "https://news.example/allen",
            "title": "Allen &amp; <b>Co</b>",
            "content": "Allen is <b>questionable</b>\n for week 10.",
            "publishedDate": "2026-11-20T08:00:00",
        },
        {"url": "https://news.example/allen", "title": "again", "content": "Again."},
        {"url": "https://other.example/", "title": "", "content": "No title."},
        {"url": "https://empty.example/", "title": "Empty", "content": ""},
        {"url": "javascript:alert(1)", "title": "Bad", "content": "Bad."},
        {"title": "No address", "content": "x"},
        "nonsense",
    ],
}


def asked(route: respx.Route) -> httpx.Request:
    """The first request that was sent."""
    return cast("httpx.Request", route.calls[0].request)  # pyright: ignore[reportUnknownMemberType]


@pytest.fixture
async def web() -> AsyncIterator[SearxngSearch]:
    search = SearxngSearch(ADDRESS, KEY)
    yield search
    await search.close()


async def test_pages_come_plain_in_order_and_once(
    web: SearxngSearch, httpx2_mock: respx.Router
) -> None:
    route = httpx2_mock.get(URL).respond(json=RESULTS)
    assert await web.search("  allen\n injury ") == [
        WebPage(
            "https://news.example/allen",
            "Allen & Co",
            "(2026-11-20) Allen is questionable for week 10.",
        ),
        WebPage("https://other.example/", "https://other.example/", "No title."),
    ]
    request = asked(route)
    assert dict(request.url.params) == {"q": "allen injury", "format": "json"}
    assert request.headers["authorization"] == f"Bearer {KEY}"


async def test_without_a_key_none_is_sent(httpx2_mock: respx.Router) -> None:
    route = httpx2_mock.get(URL).respond(json={"results": []})
    search = SearxngSearch(f"{URL}/")
    assert await search.search("x") == []
    await search.close()
    assert "authorization" not in asked(route).headers


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(429, headers={"Retry-After": "7"}), RateLimited, "limiting"),
        (httpx.Response(403, text=KEY), UpstreamFailed, "refused"),
        (httpx.Response(500, text=f"boom {KEY}"), UpstreamFailed, "status 500"),
        (httpx.Response(302, headers={"Location": "http://inside/"}), UpstreamFailed, "status 302"),
        (httpx.Response(200, text="<html>"), UpstreamFailed, "not return JSON"),
        (httpx.Response(200, json=[1]), UpstreamFailed, "no list of results"),
        (httpx.Response(200, json={"results": None}), UpstreamFailed, "no list of results"),
        (httpx.Response(200, content=b"x" * 2_100_000), UpstreamFailed, "too large"),
    ],
)
async def test_every_failure_is_ours_without_the_servers_words(
    web: SearxngSearch,
    httpx2_mock: respx.Router,
    answer: httpx.Response,
    error: type[CandorError],
    words: str,
) -> None:
    httpx2_mock.get(URL).mock(return_value=answer)
    with pytest.raises(error, match=words) as failed:
        await web.search("x")
    assert KEY not in f"{failed.value.detail} {failed.value.hint}"


async def test_a_server_says_when_to_come_back(
    web: SearxngSearch, httpx2_mock: respx.Router
) -> None:
    httpx2_mock.get(URL).respond(429, headers={"Retry-After": "7"})
    with pytest.raises(RateLimited) as failed:
        await web.search("x")
    assert failed.value.retry_after == 7


async def test_a_server_that_cannot_be_reached(
    web: SearxngSearch, httpx2_mock: respx.Router
) -> None:
    httpx2_mock.get(URL).mock(side_effect=httpx2.ConnectError("no route"))
    with pytest.raises(UpstreamFailed, match="could not be reached"):
        await web.search("x")
    httpx2_mock.get(URL).mock(side_effect=httpx2.ReadTimeout("slow"))
    with pytest.raises(UpstreamTimeout):
        await web.search("x")


async def test_an_answer_that_drips_is_not_waited_for(httpx2_mock: respx.Router) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        yield b"{"
        await anyio.sleep_forever()

    httpx2_mock.get(URL).mock(return_value=httpx.Response(200, content=dripping()))
    search = SearxngSearch(ADDRESS, timeout=0.05)
    with pytest.raises(UpstreamTimeout, match=r"0\.05 s"):
        await search.search("x")
    await search.close()


async def test_a_long_question_is_cut(web: SearxngSearch, httpx2_mock: respx.Router) -> None:
    route = httpx2_mock.get(URL).respond(json={"results": []})
    await web.search("word " * 500)
    assert len(asked(route).url.params["q"]) == 400
