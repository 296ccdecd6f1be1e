"""The port `Reranker` over Cohere's API.

Promises: every failure, including an invalid answer, is one of Candor's upstream errors, without the
provider's text and the key. Leaves to others: the reaction (the search shows the fused order).
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import anyio

from use_cases.kernel.errors import CandorError, RateLimited, UpstreamFailed, UpstreamTimeout

if TYPE_CHECKING:
    from cohere import AsyncClientV2
    from cohere.core.api_error import ApiError

_TIMEOUT = 5.0  # a person waits for it; after it, the fused order is used
_TOO_MANY = 429
_TIMEOUTS = (408, 504)
_KEY = (401, 403, 498)


class CohereReranker:
    """The Cohere reranker; `timeout` is in seconds, `base_url` a compatible or private endpoint."""

    def __init__(
        self,
        api_key: str,
        model: str = "rerank-v3.5",
        timeout: float = _TIMEOUT,
        *,
        base_url: str | None = None,
    ) -> None:
        self._api_key = api_key
        self._model = model
        self._timeout = timeout
        self._base_url = base_url
        self._client: AsyncClientV2 | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return f"cohere:{self._model}"

    async def rerank(
        self, query: str, texts: Sequence[str], *, top_n: int
    ) -> Sequence[tuple[int, float]]:
        """Returns the best `top_n` as (index into `texts`, relevance 0 to 1), best first.

        Raises `RateLimited`, `UpstreamTimeout` or `UpstreamFailed`.
        """
        if not texts or top_n < 1:
            return []
        import httpx
        from cohere.core.api_error import ApiError
        from cohere.core.parse_error import ParsingError

        try:
            # The client's timeout is per read; a slowly dripping answer would never end.
            with anyio.fail_after(self._timeout):
                response = await self._get_client().rerank(
                    model=self._model,
                    query=query,
                    documents=list(texts),
                    top_n=min(top_n, len(texts)),
                    # One attempt: the fused order is available, and a user is waiting.
                    request_options={"max_retries": 0},
                )
        except ApiError as error:
            raise _translate(error, self.name) from None
        except (httpx.TimeoutException, TimeoutError):
            raise UpstreamTimeout(f"{self.name} did not answer in {self._timeout:g} s.") from None
        except (httpx.HTTPError, ParsingError, TypeError, ValueError):
            raise UpstreamFailed(
                f"{self.name} could not be reached, or gave an unknown answer."
            ) from None
        return _validate(response, len(texts), self.name)

    def _get_client(self) -> "AsyncClientV2":
        if self._client is None:
            # Imported on first use: the SDK takes more than a second of start-up.
            from cohere import AsyncClientV2

            self._client = AsyncClientV2(
                api_key=self._api_key, base_url=self._base_url, timeout=self._timeout
            )
        return self._client


def _translate(error: "ApiError", name: str) -> CandorError:
    status = error.status_code or 0
    if status == _TOO_MANY:
        return RateLimited(f"{name} limits the rate of requests.", retry_after=_retry_after(error))
    if status in _TIMEOUTS:
        return UpstreamTimeout(f"{name} did not answer in time.")
    hint = "The provider refused the key: check RERANKER_API_KEY." if status in _KEY else None
    return UpstreamFailed(f"{name} answered with an error (HTTP {status}).", hint=hint)


def _retry_after(error: "ApiError") -> float | None:
    for name, value in (error.headers or {}).items():
        if name.lower() == "retry-after":
            try:
                return max(0.0, float(value))
            except ValueError:
                return None  # a date: rare, and the caller has the fused order
    return None


def _validate(response: object, count: int, name: str) -> Sequence[tuple[int, float]]:
    """Returns the answer's pairs, best first, after a check of indices and relevances."""
    # The SDK builds its objects without validation, so everything is checked here.
    results: object = getattr(response, "results", None)
    given = cast("list[object]", results) if isinstance(results, list) else []
    order: dict[int, float] = {}
    for result in given:
        index: object = getattr(result, "index", None)
        relevance: object = getattr(result, "relevance_score", None)
        if type(index) is int and 0 <= index < count and isinstance(relevance, int | float):
            order[index] = float(relevance)
    if not order or len(order) != len(given) or not all(map(math.isfinite, order.values())):
        raise UpstreamFailed(f"{name} gave an order that cannot be used.")
    return sorted(order.items(), key=lambda pair: (-pair[1], pair[0]))
