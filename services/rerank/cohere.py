"""Port `Reranker` over Cohere's API.

Promises: every failure is one of Candor's upstream errors, without the provider's text and
without the key; an answer that makes no sense is a failure too. What to do then is left to the
search, which shows the fused order.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

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
            response = await self._opened().rerank(
                model=self._model,
                query=query,
                documents=list(texts),
                top_n=min(top_n, len(texts)),
                # One try: the fused order is at hand, and a person is waiting.
                request_options={
                    "timeout_in_seconds": max(1, round(self._timeout)),
                    "max_retries": 0,
                },
            )
        except ApiError as error:
            raise _translated(error, self.name) from None
        except httpx.TimeoutException:
            raise UpstreamTimeout(f"{self.name} did not answer in {self._timeout:g} s.") from None
        except (httpx.HTTPError, ParsingError, ValueError):
            raise UpstreamFailed(f"{self.name} could not be reached or understood.") from None
        results = [(result.index, result.relevance_score) for result in response.results]
        return _checked(results, len(texts), self.name)

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
        return RateLimited(f"{name} is asked too often.", retry_after=_retry_after(error))
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


def _checked(
    results: Sequence[tuple[object, object]], count: int, name: str
) -> Sequence[tuple[int, float]]:
    """The results if each index exists once and each relevance is a number, best first."""
    order = [
        (index, float(relevance))
        for index, relevance in results
        if isinstance(index, int) and 0 <= index < count and isinstance(relevance, int | float)
    ]
    if len(order) != len(results) or len({index for index, _ in order}) != len(order):
        raise UpstreamFailed(f"{name} gave an order that makes no sense.")
    return sorted(order, key=lambda pair: (-pair[1], pair[0]))
