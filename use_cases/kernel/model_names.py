"""The names of models: `provider:model` internally, bare names for clients of one provider.

Promises: `full_name` is the inverse of `bare_name`. Leaves to others: the existence of the model, and
the provider of a bare name on this installation (`services/models/model_spec.py`).
"""

FAMILIES = (
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("claude-", "anthropic"),
    ("gemini-", "google"),
    ("grok-", "xai"),
    ("command-", "cohere"),
)
"""The prefixes of each provider's own models."""

_OPENAI = "openai"


def family_of(name: str) -> str | None:
    """Return the provider that a bare name belongs to; None for an unknown prefix."""
    return next((owner for start, owner in FAMILIES if name.startswith(start)), None)


def bare_name(name: str) -> str:
    """Return OpenAI's own models without `openai:`, each of a chain; other names unchanged."""
    return ",".join(
        part.removeprefix(f"{_OPENAI}:")
        if family_of(part.removeprefix(f"{_OPENAI}:")) == _OPENAI
        else part
        for part in name.split(",")
    )


def full_name(name: str) -> str:
    """Return the recorded name of OpenAI's own models; other names unchanged."""
    return f"{_OPENAI}:{name}" if family_of(name) == _OPENAI else name
