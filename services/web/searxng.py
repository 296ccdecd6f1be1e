"""The port `WebSearch` over a SearXNG server's JSON API (`/search?format=json`).

Promises: every failure is one of Candor's upstream errors, without the server's text and the key;
bytes and seconds are bounded; pages come in the server's order, each address once, with its snippet
without markup. Pages themselves are not fetched. The server must have `json` among its
`search.formats`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import TYPE_CHECKING, cast

import anyio

from use_cases.advice.ports import WebPage
from use_cases.kernel.errors import RateLimited, UpstreamFailed, UpstreamTimeout

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

_TIMEOUT = 10.0
_MOST_BYTES = 2_000_000
_MOST_PAGES = 8
_LONGEST_QUERY = 400
_TOO_MANY = 429
_NO_JSON = 403
_TAG = re.compile(r"<[^>]{0,300}>")


class SearxngSearch:
    """A search of the server at `url`; `key` is sent as a bearer token, `timeout` is in seconds."""

    def __init__(self, url: str, key: str | None = None, *, timeout: float = _TIMEOUT) -> None:
        self._url = f"{url.rstrip('/').removesuffix('/search')}/search"
        self._key = key
        self._timeout = timeout
        self._client: AsyncClient | None = None

    async def search(self, query: str) -> Sequence[WebPage]:
        """Returns the best pages. Raises `UpstreamFailed`, `UpstreamTimeout` or `RateLimited`."""
        import httpx2

        text = " ".join(query.split())[:_LONGEST_QUERY]
        try:
            # The client's timeout is per read; a slowly dripping answer would never end.
            with anyio.fail_after(self._timeout):
                found = await self._answer(text)
        except (httpx2.TimeoutException, TimeoutError):
            raise UpstreamTimeout(
                f"The web search did not answer in {self._timeout:g} s."
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise UpstreamFailed("The web search could not be reached.") from None
        pages = dict[str, WebPage]()
        for page in _pages(found):
            pages.setdefault(page.url, page)
        return list(pages.values())[:_MOST_PAGES]

    async def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _answer(self, query: str) -> object:
        parameters = {"q": query, "format": "json"}
        async with self._get_client().stream("GET", self._url, params=parameters) as response:
            _check(response)
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    raise UpstreamFailed("The web search gave a result that is too large.")
        try:
            return json.loads(bytes(body))
        except ValueError:
            raise UpstreamFailed("The web search did not return JSON.", hint=_JSON_HINT) from None

    def _get_client(self) -> "AsyncClient":
        if self._client is None:
            # Imported here: only a web search needs it.
            import httpx2

            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            self._client = httpx2.AsyncClient(
                headers={"Accept": "application/json", **headers}, timeout=self._timeout
            )
        return self._client


_JSON_HINT = (
    "Is `json` among `search.formats` of the SearXNG server, and WEB_SEARCH_URL its address?"
)


def _check(response: "Response") -> None:
    if response.status_code == _TOO_MANY:
        wait = response.headers.get("Retry-After", "")
        seconds = float(wait) if wait.isdecimal() else None
        raise RateLimited("The web search is limiting requests.", retry_after=seconds)
    if response.status_code == _NO_JSON:
        raise UpstreamFailed("The web search refused the request.", hint=_JSON_HINT)
    if not response.is_success:
        raise UpstreamFailed(f"The web search answered with status {response.status_code}.")


def _pages(found: object) -> Iterator[WebPage]:
    """Yields the pages of an answer; malformed entries are skipped."""
    results = cast("dict[str, object]", found).get("results") if isinstance(found, dict) else None
    if not isinstance(results, list):
        raise UpstreamFailed("The web search returned no list of results.")
    for result in cast("list[object]", results):
        if not isinstance(result, dict):
            continue
        entry = cast("dict[str, object]", result)
        url, title, text = entry.get("url"), entry.get("title"), entry.get("content")
        if isinstance(url, str) and url.startswith(("http://", "https://")) and _strip_markup(text):
            dated = entry.get("publishedDate")
            day = f"({dated[:10]}) " if isinstance(dated, str) and dated[:10] else ""
            yield WebPage(url, _strip_markup(title) or url, f"{day}{_strip_markup(text)}")


def _strip_markup(text: object) -> str:
    """Returns the words of a snippet, without markup, on one line."""
    return " ".join(unescape(_TAG.sub("", text)).split()) if isinstance(text, str) else ""
