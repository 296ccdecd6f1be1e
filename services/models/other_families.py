"""Anthropic, Google and Cohere, each by its own SDK, imported when its first model is built.

As with OpenAI's, no value is left for an SDK to read from the environment.
"""

import logging
from collections.abc import Mapping

from services.models.provider_access import (
    Connect,
    ProviderAccess,
    ProviderConnection,
    RequestPolicy,
    connection,
    count_sent,
    refuse_long_waits,
)

_CONNECT_TIMEOUT = 10.0  # seconds to open a connection, whatever the timeout of the answer


def anthropic(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to Claude."""
    from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(
        api_key=access.key(),
        base_url=access.base_url or "https://api.anthropic.com",
        timeout=policy.timeout,
        max_retries=policy.retries,
        open_telemetry=False,
        http_client=DefaultAsyncHttpxClient(
            timeout=policy.timeout,
            event_hooks={"request": [count_sent], "response": [refuse_long_waits]},
        ),
    )
    # ANTHROPIC_CUSTOM_HEADERS, for which there is no argument that means "none".
    vars(client)["_custom_headers"] = {}
    provider = AnthropicProvider(anthropic_client=client)
    return connection(AnthropicModel, provider, policy, client.close)


def google(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to Gemini by the API that takes a key (not Google Cloud)."""
    import httpx2
    from google.genai.types import HttpRetryOptions
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    client = httpx2.AsyncClient(
        timeout=httpx2.Timeout(policy.timeout, connect=_CONNECT_TIMEOUT),
        event_hooks={"request": [count_sent]},
    )
    provider = GoogleProvider(
        api_key=access.key(),
        base_url=access.base_url or "https://generativelanguage.googleapis.com",
        http_client=client,
        retry_options=HttpRetryOptions(attempts=policy.retries + 1),
    )
    return connection(GoogleModel, provider, policy, client.aclose)


def cohere(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to Command."""
    import httpx
    from cohere import AsyncClientV2
    from pydantic_ai.models.cohere import CohereModel
    from pydantic_ai.providers.cohere import CohereProvider

    _silence_cohere()
    http = httpx.AsyncClient(
        timeout=httpx.Timeout(policy.timeout, connect=_CONNECT_TIMEOUT),
        event_hooks={"request": [count_sent]},
    )
    client = AsyncClientV2(
        api_key=access.key(),
        base_url=access.base_url or "https://api.cohere.com",
        timeout=policy.timeout,
        max_retries=policy.retries,
        httpx_client=http,
        log_warning_experimental_features=False,
    )
    provider = CohereProvider(cohere_client=client)
    return connection(CohereModel, provider, policy, http.aclose)


def _silence_cohere() -> None:
    """Silences the SDK, which logs unreadable answers word for word, partly as the root logger."""
    logging.getLogger("cohere").setLevel(logging.CRITICAL)
    root = logging.getLogger()
    if _is_not_cohere not in root.filters:
        root.addFilter(_is_not_cohere)


def _is_not_cohere(record: logging.LogRecord) -> bool:
    return "/cohere/" not in record.pathname.replace("\\", "/")


CONNECT: Mapping[str, Connect] = {"anthropic": anthropic, "google": google, "cohere": cohere}
"""The connections, by the name of their provider."""
