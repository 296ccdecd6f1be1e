"""OpenAI, Azure OpenAI, and every server with OpenAI's API.

The SDK would read organisation, project, extra headers and more from the environment, which only the
settings may do: every value is passed or reset. This module is imported when the first model is
built, because the import of the SDK takes most of a second.
"""

from collections.abc import Mapping
from typing import TypeVar, cast

from openai import AsyncAzureOpenAI, AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.models.openrouter import OpenRouterModel
from pydantic_ai.profiles import ModelProfile, merge_profile
from pydantic_ai.profiles.grok import grok_model_profile
from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer, OpenAIModelProfile
from pydantic_ai.providers.azure import AzureProvider
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.providers.openrouter import OpenRouterProvider
from pydantic_ai.providers.vllm import VLLMProvider

from services.models.joined_pieces import join_pieces
from services.models.provider_access import (
    Connect,
    ProviderAccess,
    ProviderConnection,
    RequestPolicy,
    connection,
    count_sent,
    refuse_long_waits,
)

_NO_KEY = "none"
_Client = TypeVar("_Client", bound=AsyncOpenAI)


def openai(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects by Responses at OpenAI itself, by Chat Completions (common to all servers) elsewhere."""
    make = openai_responses if access.base_url is None else openai_chat
    return make(access, policy)


def openai_chat(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects by Chat Completions."""
    client = _openai_client(access, policy)
    provider = OpenAIProvider(openai_client=client)
    return connection(OpenAIChatModel, provider, policy, client.close)


def openai_responses(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects by Responses."""
    client = _openai_client(access, policy)
    provider = OpenAIProvider(openai_client=client)
    return connection(OpenAIResponsesModel, provider, policy, client.close)


def azure(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to an Azure resource by Chat Completions; the model's name is that of its deployment."""
    client = azure_client(access, policy)
    provider = AzureProvider(openai_client=client)
    return connection(OpenAIChatModel, provider, policy, client.close)


def azure_responses(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to an Azure resource by Responses."""
    client = azure_client(access, policy)
    provider = AzureProvider(openai_client=client)
    return connection(OpenAIResponsesModel, provider, policy, client.close)


def xai(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to Grok by xAI's OpenAI-compatible API: its own SDK needs gRPC."""
    client = _client(access, policy, access.base_url or "https://api.x.ai/v1")
    provider = OpenAICompatibleProvider("xai", openai_client=client, profile=_grok_profile)
    return connection(OpenAIChatModel, provider, policy, client.close)


def ollama(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to Ollama, at its OpenAI-compatible address such as `http://localhost:11434/v1`."""
    client = _client(access, policy, access.base_url or "http://localhost:11434/v1")
    return connection(OllamaModel, OllamaProvider(openai_client=client), policy, client.close)


def vllm(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to vLLM, at an address such as `http://localhost:8000/v1`."""
    client = _client(access, policy, access.base_url or "http://localhost:8000/v1")
    provider = VLLMProvider(openai_client=client)
    return connection(OpenAIChatModel, provider, policy, client.close)


def openrouter(access: ProviderAccess, policy: RequestPolicy) -> ProviderConnection:
    """Connects to OpenRouter, which names its models `vendor/model`."""
    client = _client(access, policy, access.base_url or "https://openrouter.ai/api/v1")
    return connection(
        OpenRouterModel, OpenRouterProvider(openai_client=client), policy, client.close
    )


def azure_client(access: ProviderAccess, policy: RequestPolicy) -> AsyncAzureOpenAI:
    """Returns a client of a dated API version, or of `/openai/v1/` where no version is set."""
    endpoint = (access.base_url or "").rstrip("/")
    if access.api_version is None or endpoint.endswith("/v1"):
        base = endpoint if endpoint.endswith("/v1") else f"{endpoint}/openai/v1"
        # pydantic-ai asks for the other class, but for this API uses this one itself.
        return cast("AsyncAzureOpenAI", _client(access, policy, base))
    return _without_environment(
        AsyncAzureOpenAI(
            azure_endpoint=endpoint,
            api_version=access.api_version,
            api_key=access.key(),
            timeout=policy.timeout,
            max_retries=policy.retries,
            http_client=_http(policy),
        )
    )


def _openai_client(access: ProviderAccess, policy: RequestPolicy) -> AsyncOpenAI:
    return _client(access, policy, access.base_url or "https://api.openai.com/v1")


def _client(access: ProviderAccess, policy: RequestPolicy, base_url: str) -> AsyncOpenAI:
    return _without_environment(
        AsyncOpenAI(
            api_key=access.key(_NO_KEY),
            base_url=base_url,
            timeout=policy.timeout,
            max_retries=policy.retries,
            http_client=_http(policy),
        )
    )


def _http(policy: RequestPolicy) -> DefaultAsyncHttpxClient:
    return DefaultAsyncHttpxClient(
        timeout=policy.timeout,
        event_hooks={"request": [count_sent], "response": [refuse_long_waits, join_pieces]},
    )


def _without_environment(client: _Client) -> _Client:
    client.organization = client.project = client.admin_api_key = client.webhook_secret = None
    # OPENAI_CUSTOM_HEADERS, for which there is no argument that means "none".
    vars(client)["_custom_headers"] = {}
    return client


def _grok_profile(name: str) -> ModelProfile:
    general = OpenAIModelProfile(json_schema_transformer=OpenAIJsonSchemaTransformer)
    return merge_profile(general, grok_model_profile(name))


CONNECT: Mapping[str, Connect] = {
    "openai": openai,
    "openai-chat": openai_chat,
    "openai-responses": openai_responses,
    "azure": azure,
    "azure-responses": azure_responses,
    "xai": xai,
    "ollama": ollama,
    "vllm": vllm,
    "openrouter": openrouter,
}
"""The connections, by the name of their provider."""
