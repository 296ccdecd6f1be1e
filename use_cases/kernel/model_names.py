"""What a model is called: `provider:model` inside, and as clients of one provider know it outside.

Promises: `full_name` undoes `bare_name`. Leaves to others: whether there is such a model, and which
provider serves a bare name on this installation (`services/models/model_spec.py`).
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
"""How the names of each provider's own models begin."""

_OPENAI = "openai"


def family_of(name: str) -> str | None:
    """The provider that a bare name belongs to; None where its beginning does not tell."""
    return next((owner for start, owner in FAMILIES if name.startswith(start)), None)


def bare_name(name: str) -> str:
    """OpenAI's own models without `openai:`, each of a chain; every other name as it is."""
    return ",".join(
        part.removeprefix(f"{_OPENAI}:")
        if family_of(part.removeprefix(f"{_OPENAI}:")) == _OPENAI
        else part
        for part in name.split(",")
    )


def full_name(name: str) -> str:
    """The name that is recorded for OpenAI's own models; every other name as it is."""
    return f"{_OPENAI}:{name}" if family_of(name) == _OPENAI else name
