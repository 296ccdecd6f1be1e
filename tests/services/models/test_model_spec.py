"""What a model may be called."""

import pytest

from services.models.model_spec import ADVISER, ECHO, OFFLINE, ModelNames
from services.models.registry import PROVIDERS
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
    "name",
    [
        *("llama3", "nowhere:x", "openai:", ":", "", " ", "a" * 5000),
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
