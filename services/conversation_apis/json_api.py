"""Requests with JSON to an address that the operator has set.

Promises: every failure is one of Candor's upstream errors, without the address, the token and the
service's text; bytes and seconds are bounded, and no redirect is followed.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import anyio
from pydantic import JsonValue

from use_cases.kernel.errors import RateLimited, UpstreamFailed, UpstreamTimeout

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

_MOST_BYTES = 5_000_000
TOO_MANY = 429
_REFUSALS = frozenset({400, 401, 403, 404, 405, 422})


class JsonApi:
    """A service at `url`, which errors call `name`; `refused` is the error of a request that it does not
    take, such as one with a wrong token. `hint` says what helps where it did not answer as it should.
    """

    def __init__(
        self,
        url: str,
        authorization: str | None,
        *,
        name: str,
        seconds: float,
        refused: type[UpstreamFailed] = UpstreamFailed,
        hint: str | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._authorization = authorization
        self._name = name
        self._seconds = seconds
        self._refused = refused
        self._hint = hint
        self._client: AsyncClient | None = None

    async def post(self, path: str, body: Mapping[str, JsonValue]) -> object:
        """Returns the JSON of the answer.

        Raises `refused`, `RateLimited`, `UpstreamFailed` and `UpstreamTimeout`.
        """
        response, content = await self.send(path, body)
        if response.status_code == TOO_MANY:
            wait = response.headers.get("Retry-After", "")
            seconds = float(wait) if wait.isdecimal() else None
            raise RateLimited(f"{self._name} is limiting requests.", retry_after=seconds)
        if not response.is_success:
            kind = self._refused if response.status_code in _REFUSALS else UpstreamFailed
            raise kind(f"{self._name} answered with status {response.status_code}.")
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise UpstreamFailed(f"{self._name} did not answer with JSON.") from None

    async def send(self, path: str, body: Mapping[str, JsonValue]) -> "tuple[Response, bytes]":
        """Returns the answer, whatever its status. Raises `UpstreamFailed` and `UpstreamTimeout`."""
        import httpx2

        # As ASCII: half of a surrogate pair, which a model may write, has no other form.
        content = json.dumps(dict(body)).encode("ascii")
        try:
            # The client's timeout is per read; a slowly dripping answer would never end.
            with anyio.fail_after(self._seconds):
                async with self._connected().stream(
                    "POST", f"{self._url}{path}", content=content
                ) as response:
                    return response, await self._read(response)
        except (httpx2.TimeoutException, TimeoutError):
            raise UpstreamTimeout(
                f"{self._name} did not answer in {self._seconds:g} s.", hint=self._hint
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise UpstreamFailed(
                f"{self._name} could not be reached, or broke off.", hint=self._hint
            ) from None

    async def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _read(self, response: "Response") -> bytes:
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > _MOST_BYTES:
                raise UpstreamFailed(
                    f"{self._name} sent an answer that is too large.", hint=self._hint
                )
        return bytes(body)

    def _connected(self) -> "AsyncClient":
        if self._client is None:
            # Imported here: only those who use such a service need it.
            import httpx2

            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            if self._authorization is not None:
                headers["Authorization"] = self._authorization
            self._client = httpx2.AsyncClient(headers=headers, timeout=self._seconds)
        return self._client
