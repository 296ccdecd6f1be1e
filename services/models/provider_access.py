"""Access to providers (keys, addresses, timeouts and retries, shared by every connection), and the families
that need an SDK of their own: Anthropic, Google and Cohere, imported when its first model is built.

As with OpenAI's, no value is left for an SDK to read from the environment.
"""

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from pydantic import SecretStr
from pydantic_ai import ModelSettings
from pydantic_ai.models import Model

from use_cases.kernel.runs.model_calls import count_request

if TYPE_CHECKING:
    from httpx2 import Request, Response


@dataclass(frozen=True, slots=True)
class ProviderAccess:
    """The key and address of one provider, as far as they are set.

    `base_url` is Azure's endpoint, a local server's address, or another address than the provider's
    own. `api_version` is Azure's; without one its `/openai/v1/` is used.
    """

    api_key: SecretStr | None = None
    base_url: str | None = None
    api_version: str | None = None

    def key(self, instead: str = "") -> str:
        """Returns the key itself, or `instead`, because an SDK requires one and local servers have
        none.
        """
        return self.api_key.get_secret_value() if self.api_key else instead


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """The timeout and the retries of a request to a provider.

    `timeout`: seconds of silence before the first word (all attempts together) and between two pieces.
    `retries`: attempts that the SDK makes by itself after a temporary failure.
    """

    timeout: float = 60.0
    retries: int = 2

    def settings(self) -> ModelSettings:
        """Returns the settings of pydantic-ai for this policy."""
        return ModelSettings(first_event_timeout=self.timeout)


@dataclass(frozen=True, slots=True)
class ProviderConnection:
    """A client of one provider: `model` builds a model by its name, `close` closes the client."""

    model: Callable[[str], Model]
    close: Callable[[], Awaitable[object]]


def connection(
    kind: Callable[..., Model],
    provider: object,
    policy: RequestPolicy,
    close: Callable[[], Awaitable[object]],
) -> ProviderConnection:
    """Returns a connection whose models are of this kind."""
    return ProviderConnection(partial(kind, provider=provider, settings=policy.settings()), close)


Connect: TypeAlias = Callable[[ProviderAccess, RequestPolicy], ProviderConnection]


_LONG_WAIT = 5.0  # seconds


async def count_sent(_request: "Request") -> None:
    """Requests hook of an HTTP client: counts the request, also one that an SDK repeats."""
    count_request()


async def refuse_long_waits(response: "Response") -> None:
    """Response hook of an HTTP client: a long `Retry-After` becomes an error instead of a silent wait.

    The SDKs of OpenAI and Anthropic would sleep for as long as the provider asks (up to a minute);
    they obey the header `x-should-retry`, with which a provider rules out another attempt.
    """
    try:
        wait = float(response.headers.get("retry-after", "0"))
    except ValueError:
        wait = math.inf  # a date, or nonsense
    if wait > _LONG_WAIT:
        response.headers["x-should-retry"] = "false"


_CONNECT_TIMEOUT = 10.0  # seconds to open a connection, whatever the timeout of the answer


def anthropic(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to Claude."""
    from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    from services.models.joined_pieces import join_pieces

    client = AsyncAnthropic(
        api_key=access.key(),
        base_url=access.base_url or "https://api.anthropic.com",
        timeout=policy.timeout,
        max_retries=policy.retries,
        open_telemetry=False,
        http_client=DefaultAsyncHttpxClient(
            timeout=policy.timeout,
            event_hooks={"request": [count_sent], "response": [refuse_long_waits, join_pieces]},
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
