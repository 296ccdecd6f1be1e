"""The known models of the configured providers."""

from services.models.catalogue import KnownModels

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
