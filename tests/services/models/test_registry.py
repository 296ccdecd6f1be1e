"""Models by name: what each provider's name becomes, and what is said of one that cannot be had."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from loguru import logger
from pydantic import SecretStr
from pydantic_ai import ModelResponse
from pydantic_ai.messages import ModelRequestAttempt
from pydantic_ai.models import Model
from pydantic_ai.models.function import FunctionModel

from services.models.model_registry import PROVIDERS, GuardedModel, ModelRegistry
from services.models.provider_access import ProviderAccess
from use_cases.kernel.errors import ModelNotAllowed, ModelNotConfigured, ModelUnknown
from use_cases.kernel.ports import ResolvedModel

KEY = SecretStr("sk-planted-7f3a")
ALL = {
    "openai": ProviderAccess(KEY),
    "azure": ProviderAccess(KEY, "https://res.openai.azure.com"),
    "anthropic": ProviderAccess(KEY),
    "google": ProviderAccess(KEY),
    "xai": ProviderAccess(KEY),
    "cohere": ProviderAccess(KEY),
    "openrouter": ProviderAccess(KEY),
    "ollama": ProviderAccess(None, "http://localhost:11434/v1"),
    "vllm": ProviderAccess(None, "http://localhost:8000/v1"),
}


def offline() -> Model:
    return FunctionModel(lambda messages, info: ModelResponse(parts=[]))


def registry(
    access: dict[str, ProviderAccess] | None = None,
    default: str = "offline:extractive",
    *,
    offline_only: bool = False,
    allowed: tuple[str, ...] | None = None,
) -> ModelRegistry:
    return ModelRegistry(
        default=default,
        access=ALL if access is None else access,
        offline={"offline:extractive": offline, "offline:adviser": offline},
        offline_only=offline_only,
        allowed=allowed,
    )


def inner(resolved: ResolvedModel) -> Model:
    assert isinstance(resolved.model, GuardedModel)
    return resolved.model.wrapped


@pytest.fixture
def said() -> Iterator[list[str]]:
    """The warnings that are logged."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", format="{message}")
    yield lines
    logger.remove(sink)


@pytest.mark.parametrize(
    ("name", "kind", "system"),
    [
        ("openai:gpt-4.1", "OpenAIResponsesModel", "openai"),
        ("openai-chat:gpt-4.1", "OpenAIChatModel", "openai"),
        ("openai-responses:gpt-4.1", "OpenAIResponsesModel", "openai"),
        ("azure:gpt-4o-mini", "OpenAIChatModel", "azure"),
        ("azure-responses:gpt-4o-mini", "OpenAIResponsesModel", "azure"),
        ("anthropic:claude-sonnet-4-5", "AnthropicModel", "anthropic"),
        ("google:gemini-3.8-flash", "GoogleModel", "google"),
        ("xai:grok-4.3", "OpenAIChatModel", "xai"),
        ("cohere:command-a-03-2025", "CohereModel", "cohere"),
        ("openrouter:openai/gpt-4.1-mini", "OpenRouterModel", "openrouter"),
        ("ollama:qwen3:8b", "OllamaModel", "ollama"),
        ("vllm:qwen3", "OpenAIChatModel", "vllm"),
    ],
)
def test_each_provider_is_reached_by_its_own_kind_of_model(
    name: str, kind: str, system: str
) -> None:
    resolved = registry().resolve(name)
    assert type(inner(resolved)).__name__ == kind
    assert (resolved.name, resolved.model.system, resolved.metered) == (name, system, True)


def test_openai_at_another_address_speaks_chat_completions() -> None:
    gateway = {"openai": ProviderAccess(KEY, "https://models.example/v1")}
    assert type(inner(registry(gateway).resolve("openai:llama3"))).__name__ == "OpenAIChatModel"
    assert (
        type(inner(registry(gateway).resolve("openai-responses:x"))).__name__
        == "OpenAIResponsesModel"
    )
    assert registry(gateway).resolve("llama3").name == "openai:llama3"


@pytest.mark.parametrize(
    ("access", "url"),
    [
        (
            ProviderAccess(KEY, "https://res.openai.azure.com"),
            "https://res.openai.azure.com/openai/v1/",
        ),
        (
            ProviderAccess(KEY, "https://res.openai.azure.com/openai/v1/", "2024-10-21"),
            "https://res.openai.azure.com/openai/v1/",
        ),
        (
            ProviderAccess(KEY, "https://res.openai.azure.com/", "2024-10-21"),
            "https://res.openai.azure.com/openai/",
        ),
    ],
)
def test_azure_is_reached_with_a_dated_version_or_without(access: ProviderAccess, url: str) -> None:
    assert registry({"azure": access}).resolve("my-deployment").model.base_url == url


def test_the_same_model_is_built_once_and_offline_answers_are_not_metered() -> None:
    models = registry()
    assert models.resolve("gpt-4.1") is models.resolve("openai:gpt-4.1")
    assert not models.resolve().metered


def test_names_from_outside_do_not_pile_up() -> None:
    models = registry()
    first = models.resolve("openai:made-up-0")
    for number in range(1, 150):
        models.resolve(f"openai:made-up-{number}")
    assert models.resolve("openai:made-up-0") is not first


@pytest.mark.parametrize("provider", [name for name in PROVIDERS if "-" not in name])
def test_a_missing_key_is_said_with_the_variable_to_set(provider: str) -> None:
    with pytest.raises(ModelNotConfigured) as raised:
        registry({}).resolve(f"{provider}:x")
    assert f"{provider.upper()}" in raised.value.detail
    assert "not set" in raised.value.detail


@pytest.mark.parametrize("name", ["anthropic/claude-haiku-4-5", "gemini/gemini-3.5-flash-lite"])
def test_a_gateway_gets_no_model_of_a_provider_that_is_not_configured(name: str) -> None:
    gateway = {"openai": ProviderAccess(KEY, "https://models.example/v1")}
    with pytest.raises(ModelNotConfigured) as raised:
        registry(gateway).resolve(name)
    provider = name.partition("/")[0].replace("gemini", "google")
    assert f"{provider.upper()}_API_KEY is not set" in raised.value.detail
    written = f"openai:{provider}/{name.partition('/')[2]}"
    assert written in (raised.value.hint or "")
    assert registry(gateway).resolve(written).name == written


@pytest.mark.parametrize(("name"), ["llama3", "nowhere:x", "openai:gpt-4.1,nowhere:x"])
def test_a_name_nobody_knows_is_an_error_even_within_a_chain(name: str) -> None:
    with pytest.raises(ModelUnknown):
        registry({"openai": ProviderAccess(KEY)}).resolve(name)


@pytest.mark.parametrize("name", ["openai:gpt-4.1", "openai:gpt-4.1,anthropic:claude-haiku-4-5"])
def test_offline_refuses_every_model_that_needs_a_network(name: str) -> None:
    with pytest.raises(ModelNotConfigured) as raised:
        registry(offline_only=True).resolve(name)
    assert "--offline is set" in raised.value.detail


def test_a_chain_leaves_out_what_has_no_key_and_says_so(said: list[str]) -> None:
    models = registry({"openai": ProviderAccess(KEY)})
    resolved = models.resolve("gpt-4.1,claude-haiku-4-5,offline")
    assert resolved.name == "openai:gpt-4.1,offline:extractive"
    assert said == [
        "anthropic:claude-haiku-4-5 is skipped in the chain: ANTHROPIC_API_KEY is not set,"
        " which anthropic:claude-haiku-4-5 needs.\n"
    ]
    assert models.resolve("claude-haiku-4-5,gpt-4.1").name == "openai:gpt-4.1"


def test_a_chain_without_any_key_says_what_the_first_needs() -> None:
    with pytest.raises(ModelNotConfigured) as raised:
        registry({}).resolve("gpt-4.1,claude-haiku-4-5")
    assert raised.value.detail == "OPENAI_API_KEY is not set, which openai:gpt-4.1 needs."


def test_a_chain_tells_which_model_answered() -> None:
    resolved = registry().resolve("gpt-4.1,offline")
    attempt = ModelRequestAttempt(
        model_name="gpt-4.1",
        outcome="error",
        timestamp=datetime(2026, 11, 21, tzinfo=UTC),
        duration=timedelta(seconds=1),
    )
    second = resolved.answering(ModelResponse(parts=[], failed_attempts=[attempt]))
    assert resolved.answering(ModelResponse(parts=[])).name == "openai:gpt-4.1"
    assert (second.name, second.metered) == ("offline:extractive", False)
    single = registry().resolve("gpt-4.1")
    assert single.answering(ModelResponse(parts=[])) is single
    assert resolved.answering(None) is resolved


def test_the_two_offline_models_are_two() -> None:
    models = registry({}, offline_only=True)
    adviser, answerer = models.resolve("offline:adviser"), models.resolve("offline")
    assert (adviser.name, adviser.metered) == ("offline:adviser", False)
    assert (answerer.name, answerer.metered) == ("offline:extractive", False)
    assert adviser.model is not answerer.model


def test_an_offline_model_that_is_not_built_in_is_not_configured() -> None:
    models = ModelRegistry(default="offline", access={}, offline={"offline:extractive": offline})
    with pytest.raises(ModelNotConfigured, match="offline:adviser"):
        models.resolve("offline:adviser")


CHAIN = "openai:gpt-4.1-mini,google:gemini-3.5-flash-lite"


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4.1-mini",
        "openai:gpt-4.1-mini",
        CHAIN,
        "google:gemini-3.5-flash-lite,gpt-4.1-mini",
        "claude-haiku-4-5",
        "offline",
        "offline:adviser",
        None,
        "",
    ],
)
def test_the_default_the_listed_and_the_offline_models_may_be_named(name: str | None) -> None:
    models = registry(default=CHAIN, allowed=("claude-haiku-4-5",))
    assert models.resolve(name).name


@pytest.mark.parametrize(
    "name",
    ["gpt-4.1", "openai-chat:gpt-4.1-mini", "gpt-4.1-mini,grok-4.3", "azure:gpt-4.1-mini"],
)
def test_no_other_model_may_be_named_not_even_in_a_chain(name: str) -> None:
    with pytest.raises(ModelNotAllowed) as raised:
        registry(default=CHAIN, allowed=("claude-haiku-4-5",)).resolve(name)
    assert raised.value.hint == (
        "Omit the model, or name one of: openai:gpt-4.1-mini, google:gemini-3.5-flash-lite, "
        "anthropic:claude-haiku-4-5, offline:adviser, offline:drafter, offline:echo, "
        "offline:extractive."
    )


def test_a_slip_of_the_pen_in_the_list_allows_nothing_and_is_logged(said: list[str]) -> None:
    models = registry(default="gpt-4.1-mini", allowed=("nowhere:x", "grok-4.3"))
    assert len(said) == 1
    assert models.resolve("grok-4.3").name == "xai:grok-4.3"
