"""How providers are reached: keys, addresses, and what every connection to one shares."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pydantic import SecretStr
from pydantic_ai import ModelSettings
from pydantic_ai.models import Model

if TYPE_CHECKING:
    from httpx2 import Response


@dataclass(frozen=True, slots=True)
class Access:
    """One provider's key and address, as far as they are set.

    `base_url` is Azure's endpoint, a local server's address, or another address than the provider's
    own. `api_version` is Azure's; without one its `/openai/v1/` is used.
    """

    api_key: SecretStr | None = None
    base_url: str | None = None
    api_version: str | None = None

    def key(self, instead: str = "") -> str:
        """The key itself, for the SDK alone. Local servers often have none, but SDKs insist on one."""
        return self.api_key.get_secret_value() if self.api_key else instead


@dataclass(frozen=True, slots=True)
class Patience:
    """`timeout`: seconds of silence before the first word (all tries together) and between two pieces.

    `retries`: how often the SDK asks again by itself after a refusal that may pass.
    """

    timeout: float = 60.0
    retries: int = 2

    def settings(self) -> ModelSettings:
        """What pydantic-ai has to know of it."""
        return ModelSettings(first_event_timeout=self.timeout)


@dataclass(frozen=True, slots=True)
class Connection:
    """A client of one provider: `model` makes models by their own name, `close` ends it."""

    model: Callable[[str], Model]
    close: Callable[[], Awaitable[object]]


Connect: TypeAlias = Callable[[Access, Patience], Connection]


_LONG_WAIT = 5.0  # seconds


async def without_long_waits(response: "Response") -> None:
    """A hook of an HTTP client: who is told to wait for long is told so, and does not wait silently.

    The SDKs of OpenAI and Anthropic would sleep as long as the provider asks (up to a minute); they
    heed this header, with which a provider can say that trying again is of no use.
    """
    try:
        wait = float(response.headers.get("retry-after", "0"))
    except ValueError:
        wait = math.inf  # a date, or nonsense
    if wait > _LONG_WAIT:
        response.headers["x-should-retry"] = "false"
