"""The provider behind a remote embedding model, built from the settings alone.

No key, address or header is left for an SDK to read from the environment. Imported when an embedder
is built, because the SDKs take more than a second.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from openai import AsyncAzureOpenAI, AsyncOpenAI
from pydantic_ai.providers import Provider, infer_provider_class

from use_cases.knowledge.errors import EmbedderUnavailable

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
