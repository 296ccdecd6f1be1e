"""The provider behind a remote embedding model, made from the settings alone.

Nothing is left for an SDK to find in the environment: no key, no address, no header. Imported when an
embedder is made, because the SDKs cost more than a second.
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
"""Who speaks OpenAI's API, and where."""

_NEED_NO_KEY = ("ollama", "vllm")


@dataclass(frozen=True, slots=True)
class Reach:
    """A provider's key and address. `api_version` is Azure's; without one `/openai/v1/` is used."""

    api_key: str | None = None
    base_url: str | None = None
    api_version: str | None = None


def provider(name: str, reach: Reach) -> Provider[object]:
    """The provider of this name. Raises `EmbedderUnavailable` where a key is missing, and
    `ValueError` or `ImportError` for a provider that is not known or not installed.
    """
    kind = cast("Callable[..., Provider[object]]", infer_provider_class(name))
    if reach.api_key is None and name not in _NEED_NO_KEY and reach.base_url is None:
        raise EmbedderUnavailable(
            f"{name} needs a key to embed.",
            hint="Set EMBEDDING_API_KEY, or EMBEDDING_MODEL=local.",
        )
    key = reach.api_key or "none"
    if name == "azure":
        return kind(openai_client=_azure(key, reach))
    if name in _ADDRESSES:
        return kind(openai_client=_client(key, reach.base_url or _ADDRESSES[name]))
    if name == "cohere":
        return kind(cohere_client=_cohere(key, reach.base_url))
    if name == "google":
        return kind(
            api_key=key, base_url=reach.base_url or "https://generativelanguage.googleapis.com"
        )
    return kind(api_key=key, **({"base_url": reach.base_url} if reach.base_url else {}))


async def close(provider: Provider[object]) -> None:
    """Close its connections."""
    if isinstance(provider.client, AsyncOpenAI):
        await provider.client.close()


def _azure(key: str, reach: Reach) -> AsyncOpenAI:
    endpoint = (reach.base_url or "").rstrip("/")
    if not endpoint:
        raise EmbedderUnavailable(
            "azure needs an endpoint to embed.", hint="Set AZURE_OPENAI_EMBEDDING_ENDPOINT."
        )
    if reach.api_version is None or endpoint.endswith("/v1"):
        return _client(key, endpoint if endpoint.endswith("/v1") else f"{endpoint}/openai/v1")
    return _settled(
        AsyncAzureOpenAI(
            azure_endpoint=endpoint, api_version=reach.api_version, api_key=key, max_retries=0
        )
    )


def _client(key: str, base_url: str) -> AsyncOpenAI:
    # Its own retries would wait out a rate limit in silence; ours end in an error.
    return _settled(AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0))


def _settled(client: AsyncOpenAI) -> AsyncOpenAI:
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
