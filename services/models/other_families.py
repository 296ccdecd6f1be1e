"""Anthropic, Google and Cohere, each by its own SDK, imported when a model of it is asked for.

As with OpenAI's, nothing is left for an SDK to find in the environment.
"""

import logging

from pydantic_ai.models import Model

from services.models.access import Access, Connection, Patience, without_long_waits

_CONNECTING = 10.0  # seconds to open a connection, however patient one is with the answer


def anthropic(access: Access, patience: Patience) -> Connection:
    """Claude."""
    from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(
        api_key=access.key(),
        base_url=access.base_url or "https://api.anthropic.com",
        timeout=patience.timeout,
        max_retries=patience.retries,
        open_telemetry=False,
        http_client=DefaultAsyncHttpxClient(
            timeout=patience.timeout, event_hooks={"response": [without_long_waits]}
        ),
    )
    # ANTHROPIC_CUSTOM_HEADERS, for which there is no argument that means "none".
    vars(client)["_custom_headers"] = {}
    provider = AnthropicProvider(anthropic_client=client)

    def model(name: str) -> Model:
        return AnthropicModel(name, provider=provider, settings=patience.settings())

    return Connection(model, client.close)


def google(access: Access, patience: Patience) -> Connection:
    """Gemini, by the API that takes a key (not Google Cloud)."""
    import httpx2
    from google.genai.types import HttpRetryOptions
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    client = httpx2.AsyncClient(timeout=httpx2.Timeout(patience.timeout, connect=_CONNECTING))
    provider = GoogleProvider(
        api_key=access.key(),
        base_url=access.base_url or "https://generativelanguage.googleapis.com",
        http_client=client,
        retry_options=HttpRetryOptions(attempts=patience.retries + 1),
    )

    def model(name: str) -> Model:
        return GoogleModel(name, provider=provider, settings=patience.settings())

    return Connection(model, client.aclose)


def cohere(access: Access, patience: Patience) -> Connection:
    """Command."""
    import httpx
    from cohere import AsyncClientV2
    from pydantic_ai.models.cohere import CohereModel
    from pydantic_ai.providers.cohere import CohereProvider

    _hush_cohere()
    http = httpx.AsyncClient(timeout=httpx.Timeout(patience.timeout, connect=_CONNECTING))
    client = AsyncClientV2(
        api_key=access.key(),
        base_url=access.base_url or "https://api.cohere.com",
        timeout=patience.timeout,
        max_retries=patience.retries,
        httpx_client=http,
        log_warning_experimental_features=False,
    )
    provider = CohereProvider(cohere_client=client)

    def model(name: str) -> Model:
        return CohereModel(name, provider=provider, settings=patience.settings())

    return Connection(model, http.aclose)


def _hush_cohere() -> None:
    """Its SDK logs what it cannot read of an answer, word for word, partly as the root logger."""
    logging.getLogger("cohere").setLevel(logging.CRITICAL)
    root = logging.getLogger()
    if _not_of_cohere not in root.filters:
        root.addFilter(_not_of_cohere)


def _not_of_cohere(record: logging.LogRecord) -> bool:
    return "/cohere/" not in record.pathname.replace("\\", "/")
