"""OpenAI, Azure OpenAI, and everyone who speaks OpenAI's API.

The SDK would read organisation, project, extra headers and more from the environment, which only the
settings may: everything is given, or taken away again. This module is imported when a model is asked
for, because the SDK costs most of a second.
"""

from typing import TypeVar, cast

from openai import AsyncAzureOpenAI, AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic_ai.models import Model
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.models.openrouter import OpenRouterModel
from pydantic_ai.profiles import ModelProfile, merge_profile
from pydantic_ai.profiles.grok import grok_model_profile
from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer, OpenAIModelProfile
from pydantic_ai.providers import Provider
from pydantic_ai.providers.azure import AzureProvider
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.providers.openrouter import OpenRouterProvider
from pydantic_ai.providers.vllm import VLLMProvider

from services.models.access import Access, Connection, Patience, without_long_waits

_NO_KEY = "none"
_Client = TypeVar("_Client", bound=AsyncOpenAI)


def openai(access: Access, patience: Patience) -> Connection:
    """Responses at OpenAI itself; Chat Completions, which all servers share, at another address."""
    make = openai_responses if access.base_url is None else openai_chat
    return make(access, patience)


def openai_chat(access: Access, patience: Patience) -> Connection:
    """Chat Completions."""
    client = _openai_client(access, patience)
    return _chat(client, OpenAIProvider(openai_client=client), patience)


def openai_responses(access: Access, patience: Patience) -> Connection:
    """Responses."""
    client = _openai_client(access, patience)
    return _responses(client, OpenAIProvider(openai_client=client), patience)


def azure(access: Access, patience: Patience) -> Connection:
    """Chat Completions of an Azure resource; a model's name is its deployment's."""
    client = azure_client(access, patience)
    return _chat(client, AzureProvider(openai_client=client), patience)


def azure_responses(access: Access, patience: Patience) -> Connection:
    """Responses of an Azure resource."""
    client = azure_client(access, patience)
    return _responses(client, AzureProvider(openai_client=client), patience)


def xai(access: Access, patience: Patience) -> Connection:
    """Grok, by xAI's OpenAI-compatible API: its own SDK needs gRPC."""
    client = _client(access, patience, access.base_url or "https://api.x.ai/v1")
    provider = OpenAICompatibleProvider("xai", openai_client=client, profile=_grok_profile)
    return _chat(client, provider, patience)


def ollama(access: Access, patience: Patience) -> Connection:
    """Ollama, at the address its OpenAI-compatible API has, such as `http://localhost:11434/v1`."""
    client = _client(access, patience, access.base_url or "http://localhost:11434/v1")
    provider = OllamaProvider(openai_client=client)

    def model(name: str) -> Model:
        return OllamaModel(name, provider=provider, settings=patience.settings())

    return Connection(model, client.close)


def vllm(access: Access, patience: Patience) -> Connection:
    """vLLM, at an address such as `http://localhost:8000/v1`."""
    client = _client(access, patience, access.base_url or "http://localhost:8000/v1")
    return _chat(client, VLLMProvider(openai_client=client), patience)


def openrouter(access: Access, patience: Patience) -> Connection:
    """OpenRouter; its models are called `vendor/model`."""
    client = _client(access, patience, access.base_url or "https://openrouter.ai/api/v1")
    provider = OpenRouterProvider(openai_client=client)

    def model(name: str) -> Model:
        return OpenRouterModel(name, provider=provider, settings=patience.settings())

    return Connection(model, client.close)


def azure_client(access: Access, patience: Patience) -> AsyncAzureOpenAI:
    """A client of the resource: of a dated API version, or of `/openai/v1/` where none is set."""
    endpoint = (access.base_url or "").rstrip("/")
    if access.api_version is None or endpoint.endswith("/v1"):
        base = endpoint if endpoint.endswith("/v1") else f"{endpoint}/openai/v1"
        # pydantic-ai asks for the other class, but for this API uses this one itself.
        return cast("AsyncAzureOpenAI", _client(access, patience, base))
    return _without_environment(
        AsyncAzureOpenAI(
            azure_endpoint=endpoint,
            api_version=access.api_version,
            api_key=access.key(),
            timeout=patience.timeout,
            max_retries=patience.retries,
            http_client=_http(patience),
        )
    )


def _openai_client(access: Access, patience: Patience) -> AsyncOpenAI:
    return _client(access, patience, access.base_url or "https://api.openai.com/v1")


def _client(access: Access, patience: Patience, base_url: str) -> AsyncOpenAI:
    return _without_environment(
        AsyncOpenAI(
            api_key=access.key(_NO_KEY),
            base_url=base_url,
            timeout=patience.timeout,
            max_retries=patience.retries,
            http_client=_http(patience),
        )
    )


def _http(patience: Patience) -> DefaultAsyncHttpxClient:
    return DefaultAsyncHttpxClient(
        timeout=patience.timeout, event_hooks={"response": [without_long_waits]}
    )


def _without_environment(client: _Client) -> _Client:
    client.organization = client.project = client.admin_api_key = client.webhook_secret = None
    # OPENAI_CUSTOM_HEADERS, for which there is no argument that means "none".
    vars(client)["_custom_headers"] = {}
    return client


def _chat(client: AsyncOpenAI, provider: Provider[AsyncOpenAI], patience: Patience) -> Connection:
    def model(name: str) -> Model:
        return OpenAIChatModel(name, provider=provider, settings=patience.settings())

    return Connection(model, client.close)


def _responses(
    client: AsyncOpenAI, provider: Provider[AsyncOpenAI], patience: Patience
) -> Connection:
    def model(name: str) -> Model:
        return OpenAIResponsesModel(name, provider=provider, settings=patience.settings())

    return Connection(model, client.close)


def _grok_profile(name: str) -> ModelProfile:
    general = OpenAIModelProfile(json_schema_transformer=OpenAIJsonSchemaTransformer)
    return merge_profile(general, grok_model_profile(name))
