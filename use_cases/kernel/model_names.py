"""The names of models: `provider:model` internally, whatever people write at the doors.

Promises: a provider's prefix, with a colon or a slash, means that provider and no other; `full_name` is
the inverse of `bare_name`. Leaves to others: the existence of the model, and the provider of a bare
name on this installation (`services/models/model_registry.py`).
"""

from collections.abc import Mapping

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
_FORMS: Mapping[str, Mapping[str, str]] = {
    "openai": {"chat": "openai", "responses": "openai-responses"},
    "openai-chat": {},
    "openai-responses": {},
    "azure": {"chat": "azure", "responses": "azure-responses"},
    "azure-responses": {},
    "anthropic": {"messages": "anthropic"},
    "google": {},
    "xai": {},
    "cohere": {},
    "openrouter": {},
    "ollama": {"chat": "ollama", "completion": "ollama"},
    "vllm": {},
    "offline": {},
}
"""The providers; `openai:chat:gpt-4.1` and the like are promptfoo's names of the same models."""
_ALIASES = {"gemini": "google", "google-gla": "google", "grok": "xai", "azureopenai": "azure"}
_FOREIGN = frozenset(
    "alibaba bedrock cerebras cloudflare-ai databricks deepinfra deepseek fireworks fireworks_ai "  # noqa: SIM905
    "github gateway google-cloud google-vertex groq heroku huggingface litellm localai meta mistral "
    "moonshotai nebius perplexity replicate sagemaker sambanova snowflake together together_ai "
    "togetherai vercel vertex vertex_ai watsonx zai".split()
)
"""Providers that other tools name so, and that Candor has no connection to."""


def split_name(name: str) -> tuple[str, str] | None:
    """Returns the provider and its model where a name begins with a provider's prefix, else None.

    `anthropic/claude-x`, `gemini:gemini-x` and `openai:chat:gpt-x` are understood; of
    `openrouter/openai/gpt-x` only the first prefix counts.
    """
    prefix, _, model = _cut(name)
    provider = _ALIASES.get(prefix, prefix)
    if provider not in _FORMS or not model:
        return None
    form, _, rest = model.partition(":")
    if rest and form in _FORMS[provider]:
        return _FORMS[provider][form], rest
    return provider, model


def foreign_provider(name: str, *, local: bool = False) -> str | None:
    """Returns the provider that a name's prefix means, where Candor has no connection to it.

    `local`: names with a colon may be models of an own server, such as Ollama's `mistral:7b`.
    """
    prefix, sign, model = _cut(name)
    may_be_own = local and sign == ":"
    return prefix if prefix in _FOREIGN and model and not may_be_own else None


def reads_prompts(name: str) -> bool:
    """Returns whether a model's answer depends on its prompt; the offline ones follow their own rules."""
    return not name.startswith("offline:") or name == "offline:echo"


def family_of(name: str) -> str | None:
    """Returns the provider that a bare name belongs to; None for an unknown prefix."""
    return next((owner for start, owner in FAMILIES if name.startswith(start)), None)


def bare_name(name: str) -> str:
    """Returns OpenAI's own models without `openai:`, each of a chain; other names unchanged."""
    return ",".join(
        part.removeprefix(f"{_OPENAI}:")
        if family_of(part.removeprefix(f"{_OPENAI}:")) == _OPENAI
        else part
        for part in name.split(",")
    )


def full_name(name: str) -> str:
    """Returns the recorded name of a model with a provider's prefix and of OpenAI's own; others
    unchanged.
    """
    if family_of(name) == _OPENAI:
        return f"{_OPENAI}:{name}"
    return ":".join(split_name(name) or (name,))


def _cut(name: str) -> tuple[str, str, str]:
    """Cuts a name at its first colon or slash; the prefix is in small letters."""
    at = min((place for sign in ":/" if (place := name.find(sign)) >= 0), default=len(name))
    return name[:at].lower(), name[at : at + 1], name[at + 1 :]
