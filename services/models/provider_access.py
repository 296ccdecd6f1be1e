"""Access to providers: keys, addresses, timeouts and retries, shared by every connection."""

import math
from collections.abc import Awaitable, Callable
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
