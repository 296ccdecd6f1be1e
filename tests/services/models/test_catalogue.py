"""The known models of the configured providers."""

from services.models.model_catalogue import KnownModels

CHAT_MODEL = "claude-haiku-4-5"


def test_each_provider_has_its_own_models() -> None:
    found = KnownModels(
        providers=("anthropic", "azure", "ollama"),
        defaults=(f"anthropic:{CHAT_MODEL}", "azure:our-deployment"),
    ).by_provider()
    assert list(found) == ["offline", "anthropic", "azure", "ollama"]
    assert CHAT_MODEL in found["anthropic"]
    assert all(name.startswith("claude-") for name in found["anthropic"])
    assert (found["azure"], found["ollama"]) == (["our-deployment"], [])
    assert found["offline"] == ("extractive",)


def test_only_the_models_that_may_be_named_are_to_choose_from() -> None:
    allowed = (CHAT_MODEL, "gpt-4.1,anthropic/claude-opus-4-1", "ollama:qwen3:8b", "no such model")
    found = KnownModels(
        providers=("anthropic", "openai", "google", "ollama"), allowed=allowed
    ).by_provider()
    assert found == {
        "offline": ("extractive",),
        "anthropic": [CHAT_MODEL, "claude-opus-4-1"],
        "openai": ["gpt-4.1"],
        "ollama": ["qwen3:8b"],
    }
