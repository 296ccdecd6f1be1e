"""What a model may be called."""

import pytest

from services.models.model_registry import ADVISER, ECHO, OFFLINE, PROVIDERS, ModelNames
from use_cases.kernel.errors import ModelUnknown


def names(*configured: str, open: tuple[str, ...] = ()) -> ModelNames:  # noqa: A002
    return ModelNames(known=PROVIDERS, configured=configured, open=open)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("offline", OFFLINE),
        (OFFLINE, OFFLINE),
        (ADVISER, "offline:adviser"),
        ("echo", ECHO),
        (ECHO, "offline:echo"),
        ("gpt-4.1-mini", "openai:gpt-4.1-mini"),
        ("o3", "openai:o3"),
        ("claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"),
        ("gemini-3.8-flash", "google:gemini-3.8-flash"),
        ("grok-4.3", "xai:grok-4.3"),
        ("command-a-03-2025", "cohere:command-a-03-2025"),
        ("openai-chat:llama3", "openai-chat:llama3"),
        ("ollama:qwen3:8b", "ollama:qwen3:8b"),
        ("anthropic/claude-haiku-4-5", "anthropic:claude-haiku-4-5"),
        ("gemini/gemini-3.5-flash-lite", "google:gemini-3.5-flash-lite"),
        ("gemini:gemini-3.5-flash-lite", "google:gemini-3.5-flash-lite"),
        ("OpenAI/gpt-4.1-mini", "openai:gpt-4.1-mini"),
        ("openai/o3", "openai:o3"),
        ("openai/gpt-oss-20b", "openai:gpt-oss-20b"),
        ("openai:openai/gpt-oss-20b", "openai:openai/gpt-oss-20b"),
        ("openai:chat:gpt-4.1", "openai:gpt-4.1"),
        ("openai:responses:gpt-5", "openai-responses:gpt-5"),
        ("openai:ft:gpt-4.1:acme", "openai:ft:gpt-4.1:acme"),
        ("anthropic:messages:claude-haiku-4-5", "anthropic:claude-haiku-4-5"),
        ("openrouter/openai/gpt-4.1", "openrouter:openai/gpt-4.1"),
        ("openrouter:together/x:free", "openrouter:together/x:free"),
        ("ollama/qwen3:8b", "ollama:qwen3:8b"),
        ("azure/my-deployment", "azure:my-deployment"),
    ],
)
def test_bare_names_find_their_provider(name: str, full: str) -> None:
    assert names().resolve(name) == full


def test_where_only_azure_has_openais_models_a_bare_name_is_a_deployment() -> None:
    azure = names("azure", open=("azure",))
    assert azure.resolve("gpt-4.1-mini") == "azure:gpt-4.1-mini"
    assert azure.resolve("my-deployment") == "azure:my-deployment"
    assert names("azure", "openai", open=("azure",)).resolve("gpt-4.1") == "openai:gpt-4.1"


def test_any_name_goes_to_the_one_provider_that_serves_any() -> None:
    assert names("ollama", open=("ollama",)).resolve("qwen3:8b") == "ollama:qwen3:8b"
    with pytest.raises(ModelUnknown):
        names("ollama", "vllm", open=("ollama", "vllm")).resolve("qwen3:8b")


@pytest.mark.parametrize(
    "prefix", ["anthropic/", "gemini/", "gemini:", "google/", "xai/", "cohere:"]
)
@pytest.mark.parametrize("gateway", ["openai", "openrouter", "vllm"])
def test_a_providers_prefix_never_goes_to_the_one_that_serves_any_name(
    prefix: str, gateway: str
) -> None:
    found = names(gateway, open=(gateway,)).resolve(f"{prefix}some-model")
    assert found.partition(":")[0] == {"gemini": "google"}.get(prefix[:-1], prefix[:-1])


def test_an_inner_slash_that_is_no_providers_prefix_goes_to_the_gateway() -> None:
    gateway = names("openai", open=("openai",))
    assert gateway.resolve("meta-llama/Llama-3") == "openai:meta-llama/Llama-3"
    with pytest.raises(ModelUnknown):
        names("openai").resolve("meta-llama/Llama-3")


@pytest.mark.parametrize("name", ["together:meta-llama/Llama-3", "groq/llama-3", "vertex:gemini-x"])
def test_a_provider_that_candor_cannot_reach_is_refused_by_name(name: str) -> None:
    with pytest.raises(ModelUnknown) as raised:
        names("openai", open=("openai",)).resolve(name)
    assert repr(name.replace("/", ":").partition(":")[0]) in raised.value.detail


def test_ollamas_own_models_may_be_called_like_a_provider() -> None:
    ollama = names("ollama", open=("ollama",))
    assert ollama.resolve("mistral:7b") == "ollama:mistral:7b"
    with pytest.raises(ModelUnknown):
        ollama.resolve("mistral/mistral-large")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "llama3",
            "nowhere:x",
            "offline:no-such",
            "openai:",
            "anthropic/",
            ":",
            "",
            " ",
            "a" * 5000,
        ),
        *("openai:../files", "google:x?key=y", "azure:a/../../b", "openai:a b", "openai:a\nb"),
    ],
)
def test_what_cannot_be_placed_is_unknown_and_not_repeated_at_length(name: str) -> None:
    with pytest.raises(ModelUnknown) as raised:
        names("openai").resolve(name)
    assert len(raised.value.detail) < 100


def test_a_chain_is_names_with_commas_and_each_once() -> None:
    chain = names().resolve_chain("openai:gpt-4.1-mini, claude-sonnet-4-5,,gpt-4.1-mini,offline")
    assert chain == ("openai:gpt-4.1-mini", "anthropic:claude-sonnet-4-5", OFFLINE)
    with pytest.raises(ModelUnknown):
        names().resolve_chain(",")
