"""Models by name: `provider:model`, or a bare name whose provider is known by its family.

OpenAI is reached through its Responses API; any other address (`base_url`) through Chat
Completions, which compatible servers share. The offline answerer is built when first asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr
from pydantic_ai.models import Model

from use_cases.chat.ports import ResolvedModel
from use_cases.kernel.errors import ModelNotConfigured, ModelUnknown

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OFFLINE = "offline:extractive"
_OPENAI_FAMILIES = ("gpt-", "chatgpt-", "o1", "o3", "o4")


@dataclass(frozen=True, slots=True)
class OpenAISettings:
    """How OpenAI or a compatible server is reached. `timeout` is in seconds, for one request."""

    api_key: SecretStr | None = None
    base_url: str | None = None
    timeout: float = 60.0
    max_retries: int = 2


class ModelRegistry:
    """Implements the port `Models`. `offline_only` refuses every model that needs a network."""

    def __init__(
        self,
        *,
        default: str,
        openai: OpenAISettings,
        offline: Callable[[], Model],
        offline_only: bool = False,
    ) -> None:
        self._default = default
        self._openai = openai
        self._build_offline = offline
        self._offline_only = offline_only
        self._client: AsyncOpenAI | None = None
        self._models: dict[str, ResolvedModel] = {}

    def resolve(self, name: str | None = None) -> ResolvedModel:
        """The named model, or the default; built once and kept."""
        full = full_name(name or self._default)
        if full not in self._models:
            self._models[full] = self._build(full)
        return self._models[full]

    async def close(self) -> None:
        """Close the connections to providers."""
        if self._client is not None:
            await self._client.close()

    def _build(self, name: str) -> ResolvedModel:
        provider, _, model = name.partition(":")
        if name == OFFLINE:
            return ResolvedModel(name, self._build_offline(), metered=False)
        if self._offline_only:
            raise ModelNotConfigured(
                f"{name} needs a network, and offline was asked for.",
                hint=f"Leave --offline out, or use {OFFLINE}.",
            )
        if provider not in ("openai", "openai-chat"):
            raise ModelUnknown(f"There is no provider {provider!r}.")
        # Imported here: the SDK costs a second, which an offline answer need not wait for.
        from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
        from pydantic_ai.providers.openai import OpenAIProvider

        client = OpenAIProvider(openai_client=self._openai_client())
        if provider == "openai" and self._openai.base_url is None:
            return ResolvedModel(name, OpenAIResponsesModel(model, provider=client))
        return ResolvedModel(name, OpenAIChatModel(model, provider=client))

    def _openai_client(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        settings = self._openai
        if settings.api_key is None and settings.base_url is None:
            raise ModelNotConfigured("OPENAI_API_KEY is not set.")
        if self._client is None:
            # A compatible server at home often has no key; the SDK insists on a non-empty one.
            key = settings.api_key.get_secret_value() if settings.api_key else "none"
            self._client = AsyncOpenAI(
                api_key=key,
                # Never None: the SDK would then read the environment, which only the settings may.
                base_url=settings.base_url or "https://api.openai.com/v1",
                timeout=settings.timeout,
                max_retries=settings.max_retries,
            )
        return self._client


def full_name(name: str) -> str:
    """`provider:model` for any accepted name. Raises `ModelUnknown` for a bare name of no known family."""
    if name in ("offline", OFFLINE):
        return OFFLINE
    if ":" in name:
        return name
    if name.startswith(_OPENAI_FAMILIES):
        return f"openai:{name}"
    raise ModelUnknown(f"Nothing is known of a model called {name!r}.")
