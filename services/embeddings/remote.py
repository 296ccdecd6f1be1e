"""Embeddings from a provider, built from the settings alone: any embedding model of pydantic-ai, by
`provider:name`.

No key, address or header is left for an SDK to read from the environment. Imported when an embedder
is built, because the SDKs take more than a second.

Promises: unit vectors, whatever the provider returns; one expected length, because an index cannot
hold two; every failure is one of Candor's errors, without the provider's text and the key. During
the embedding of documents a short rate limit is waited out.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import anyio
from openai import AsyncAzureOpenAI, AsyncOpenAI
from pydantic_ai import exceptions
from pydantic_ai.providers import Provider, infer_provider_class

from services.embeddings.vectors import unit
from use_cases.kernel.errors import (
    CandorError,
    InvalidInput,
    RateLimited,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.errors import DimensionMismatch, EmbedderUnavailable

_ADDRESSES: Mapping[str, str] = {
    "openai": "https://api.openai.com/v1",
    "ollama": "http://localhost:11434/v1",
    "vllm": "http://localhost:8000/v1",
}
"""The providers with OpenAI's API, with their addresses."""

_KEYLESS = ("ollama", "vllm")


@dataclass(frozen=True, slots=True)
class ProviderAddress:
    """A provider's key and address. `api_version` is for Azure; without one `/openai/v1/` is used."""

    api_key: str | None = None
    base_url: str | None = None
    api_version: str | None = None


def make_provider(name: str, address: ProviderAddress) -> Provider[object]:
    """Returns the provider of this name.

    Raises `EmbedderUnavailable` without a key, and `ValueError` or `ImportError` for a provider that
    is unknown or not installed.
    """
    kind = cast("Callable[..., Provider[object]]", infer_provider_class(name))
    if address.api_key is None and name not in _KEYLESS and address.base_url is None:
        raise EmbedderUnavailable(
            f"{name} needs a key to embed.",
            hint="Set EMBEDDING_API_KEY, or EMBEDDING_MODEL=local.",
        )
    key = address.api_key or "none"
    if name == "azure":
        return kind(openai_client=_azure(key, address))
    if name in _ADDRESSES:
        return kind(openai_client=_client(key, address.base_url or _ADDRESSES[name]))
    if name == "cohere":
        return kind(cohere_client=_cohere(key, address.base_url))
    if name == "google":
        return kind(
            api_key=key, base_url=address.base_url or "https://generativelanguage.googleapis.com"
        )
    return kind(api_key=key, **({"base_url": address.base_url} if address.base_url else {}))


async def close(provider: Provider[object]) -> None:
    """Closes the provider's connections."""
    if isinstance(provider.client, AsyncOpenAI):
        await provider.client.close()


def _azure(key: str, address: ProviderAddress) -> AsyncOpenAI:
    endpoint = (address.base_url or "").rstrip("/")
    if not endpoint:
        raise EmbedderUnavailable(
            "azure needs an endpoint to embed.", hint="Set AZURE_OPENAI_EMBEDDING_ENDPOINT."
        )
    if address.api_version is None or endpoint.endswith("/v1"):
        return _client(key, endpoint if endpoint.endswith("/v1") else f"{endpoint}/openai/v1")
    return _without_environment(
        AsyncAzureOpenAI(
            azure_endpoint=endpoint, api_version=address.api_version, api_key=key, max_retries=0
        )
    )


def _client(key: str, base_url: str) -> AsyncOpenAI:
    # Its own retries would silently wait out a rate limit; ours end in an error.
    return _without_environment(AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0))


def _without_environment(client: AsyncOpenAI) -> AsyncOpenAI:
    client.organization = client.project = client.admin_api_key = client.webhook_secret = None
    # OPENAI_CUSTOM_HEADERS, for which there is no argument that means "none".
    vars(client)["_custom_headers"] = {}
    return client


def _cohere(key: str, base_url: str | None) -> object:
    from cohere import AsyncClientV2

    return AsyncClientV2(
        api_key=key,
        base_url=base_url or "https://api.cohere.com",
        max_retries=0,
        log_warning_experimental_features=False,
    )


if TYPE_CHECKING:
    from pydantic_ai.embeddings import EmbeddingModel
    from pydantic_ai.embeddings.result import EmbedInputType
    from pydantic_ai.providers import Provider

NATIVE_DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "gemini-embedding-001": 3072,
    "embed-v4.0": 1536,
    "voyage-3.5": 1024,
    "voyage-3.5-lite": 1024,
    "voyage-3-large": 1024,
}
"""The lengths of models that can also return shorter vectors on request."""

_FIXED_DIMENSIONS = {"text-embedding-ada-002": 1536}
_BATCH = 96  # texts in one request: the smallest limit among the providers (Cohere's)
_BATCH_CHARACTERS = 200_000  # well below OpenAI's 300,000 tokens, in any language
_WAITS = (1.0, 4.0, 16.0)  # seconds between attempts, without a wait from the provider
_MAX_WAIT = 30.0  # the longest accepted wait from the provider, in seconds
_CHARACTERS = 24_000  # of one text: about 8,000 tokens of prose, the common limit


class RemoteEmbedder:
    """The port `Embedder`. `model` is `provider:name`; `timeout` is in seconds for one request.

    `dimensions` may be omitted for models known here; for others it must be the length of the
    model's vectors. Raises `InvalidInput` for an unknown model or length, and `EmbedderUnavailable`
    without a key.
    """

    def __init__(
        self,
        model: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        api_version: str | None = None,
        dimensions: int | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._name = model.partition(":")[2]
        native = {**NATIVE_DIMENSIONS, **_FIXED_DIMENSIONS}.get(self._name)
        length = dimensions or native
        if length is None:
            raise InvalidInput(
                f"The vector length of {model!r} is unknown.", hint="Set EMBEDDING_DIMENSIONS."
            )
        self._dimensions = length
        self._shortened = self._name in NATIVE_DIMENSIONS and length != native
        self._id = f"{model}@{length}" if self._shortened else model
        self._timeout = timeout
        self._model, self._provider = _open(model, api_key, base_url, api_version)

    async def close(self) -> None:
        """Closes the connections to the provider."""
        from services.embeddings.remote import close

        await close(self._provider)

    @property
    def id(self) -> str:
        """The name of model and variant."""
        return self._id

    @property
    def dimensions(self) -> int:
        """The length of its vectors."""
        return self._dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Returns one unit vector per text.

        Raises `RateLimited`, `UpstreamTimeout`, `UpstreamFailed` or `DimensionMismatch`.
        """
        vectors: list[Vector] = []
        for batch in _batches(texts):
            vectors += await self._embed_with_retries(batch)
        return vectors

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Returns the vector of each text; providers have no token vectors."""
        return [PassageVectors(vector) for vector in await self.embed_documents(texts)]

    async def embed_query(self, text: str) -> Vector:
        """Returns the unit vector of a question. Raises the errors of `embed_documents`."""
        return (await self._embed([_prepare(text)], "query"))[0]

    async def _embed_with_retries(self, texts: Sequence[str]) -> Sequence[Vector]:
        # Only for documents: for a question, full text at once is better than a wait.
        for wait in _WAITS:
            try:
                return await self._embed(texts, "document")
            except RateLimited as error:
                if (error.retry_after or 0) > _MAX_WAIT:
                    raise
                await anyio.sleep(wait if error.retry_after is None else error.retry_after)
        return await self._embed(texts, "document")

    async def _embed(self, texts: Sequence[str], kind: "EmbedInputType") -> Sequence[Vector]:
        try:
            with anyio.fail_after(self._timeout):
                result = await self._model.embed(
                    texts,
                    input_type=kind,
                    settings={"dimensions": self._dimensions} if self._shortened else None,
                )
        except exceptions.AgentRunError as error:
            raise _translate(error, self._id) from None
        except TimeoutError:
            raise UpstreamTimeout(f"{self._id} did not answer in {self._timeout:g} s.") from None
        except (AttributeError, KeyError, TypeError, ValueError):
            # The SDKs' errors over a malformed answer.
            raise UpstreamFailed(f"{self._id} gave an unknown answer.") from None
        return self._validate(result.embeddings, len(texts))

    def _validate(self, rows: Sequence[Sequence[float]], count: int) -> Sequence[Vector]:
        if len(rows) != count:
            raise UpstreamFailed(f"{self._id} gave {len(rows)} vectors for {count} texts.")
        for row in rows:
            if len(row) != self._dimensions:
                raise DimensionMismatch(
                    f"{self._id} gave a vector of {len(row)} components;"
                    f" {self._dimensions} were expected."
                )
            if not any(row) or not all(map(math.isfinite, row)):
                raise UpstreamFailed(f"{self._id} gave a vector without a direction.")
        return unit(rows)


def _open(
    model: str, api_key: str | None, base_url: str | None, api_version: str | None
) -> "tuple[EmbeddingModel, Provider[object]]":
    # Imported when an embedder is built: the providers' SDKs take more than a second.
    from pydantic_ai.embeddings import infer_embedding_model

    from services.embeddings.remote import ProviderAddress, make_provider

    try:
        provider = make_provider(
            model.partition(":")[0], ProviderAddress(api_key, base_url, api_version)
        )
        return infer_embedding_model(model, provider_factory=lambda _: provider), provider
    except (ValueError, ImportError, exceptions.UserError) as error:
        raise InvalidInput(
            f"{model!r} is not an installed embedding model.",
            hint="Write provider:name, such as openai:text-embedding-3-small.",
        ) from error


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    characters = 0
    for text in map(_prepare, texts):
        if batch and (len(batch) == _BATCH or characters + len(text) > _BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


def _prepare(text: str) -> str:
    # Providers refuse an empty text; a space stands for it.
    return storable(text)[:_CHARACTERS] or " "


def _translate(error: exceptions.AgentRunError, model: str) -> CandorError:
    if isinstance(error, exceptions.ModelRateLimitError):
        return RateLimited(f"{model} limits the rate of requests.", retry_after=error.retry_after)
    if isinstance(error, (exceptions.ModelTimeoutError, exceptions.ModelRequestTimeout)):
        return UpstreamTimeout(f"{model} did not answer in time.")
    return UpstreamFailed(f"{model} could not embed this text.", hint=_hint(error))


def _hint(error: exceptions.AgentRunError) -> str | None:
    if isinstance(error, exceptions.ModelAuthenticationError):
        return "The provider refused the key: check EMBEDDING_API_KEY."
    if isinstance(error, exceptions.ModelQuotaExceededError):
        return "The account's quota is used up: look at the provider's billing page."
    if isinstance(error, exceptions.ModelNotFoundError):
        return (
            "The provider does not know this model: check EMBEDDING_MODEL and EMBEDDING_BASE_URL."
        )
    if isinstance(error, exceptions.ModelConnectionError):
        return "The provider could not be reached: check the network and EMBEDDING_BASE_URL."
    return None
