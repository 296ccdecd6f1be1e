"""Port `Reranker` over Cohere's API.

Promises: every failure is one of Candor's upstream errors, without the provider's text and
without the key; an answer that makes no sense is a failure too. What to do then is left to the
search, which shows the fused order.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import anyio

from use_cases.kernel.errors import CandorError, RateLimited, UpstreamFailed, UpstreamTimeout

if TYPE_CHECKING:
    from cohere import AsyncClientV2
    from cohere.core.api_error import ApiError

_TIMEOUT = 10.0
_TOO_MANY = 429
_TIMEOUTS = (408, 504)
_KEY = (401, 403, 498)


class CohereReranker:
    """`timeout` is in seconds; `base_url` is for a compatible or private endpoint."""

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
        """The best `top_n` as (index into `texts`, relevance 0 to 1), best first.

        Raises `RateLimited`, `UpstreamTimeout` or `UpstreamFailed`.
        """
        if not texts or top_n < 1:
            return []
        import httpx
        from cohere.core.api_error import ApiError
        from cohere.core.parse_error import ParsingError

        try:
            # The client's timeout is for each read; an answer that drips would never end.
            with anyio.fail_after(self._timeout):
                response = await self._opened().rerank(
                    model=self._model,
                    query=query,
                    documents=list(texts),
                    top_n=min(top_n, len(texts)),
                    # One try: the fused order is at hand, and a person is waiting.
                    request_options={"max_retries": 0},
                )
        except ApiError as error:
            raise _translated(error, self.name) from None
        except (httpx.TimeoutException, TimeoutError):
            raise UpstreamTimeout(f"{self.name} did not answer in {self._timeout:g} s.") from None
        except (httpx.HTTPError, ParsingError, TypeError, ValueError):
            raise UpstreamFailed(
                f"{self.name} could not be reached, or gave an unknown answer."
            ) from None
        return _checked(response, len(texts), self.name)

    def _opened(self) -> "AsyncClientV2":
        if self._client is None:
            # Imported on first use: the SDK costs more than a second of start-up.
            from cohere import AsyncClientV2

            self._client = AsyncClientV2(
                api_key=self._api_key, base_url=self._base_url, timeout=self._timeout
            )
        return self._client


def _translated(error: "ApiError", name: str) -> CandorError:
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
                return None  # a date: rare, and the caller has an order to show anyway
    return None


def _checked(response: object, count: int, name: str) -> Sequence[tuple[int, float]]:
    """The answer's pairs if each index exists once and each relevance is a number, best first."""
    # The SDK builds its objects without checking them, so nothing about them is taken for granted.
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
