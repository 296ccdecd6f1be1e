"""Model specifications: `provider:model`, a bare name, or several of them separated by commas.

What a provider's prefix means is decided in `use_cases.kernel.model_names`. A bare name belongs to the provider of its family (`gpt-…`, `claude-…`), to Azure where Azure alone
serves OpenAI's models, or to the one configured provider that serves models of any name.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from use_cases.kernel.errors import ModelUnknown
from use_cases.kernel.model_names import family_of, foreign_provider, split_name

OFFLINE = "offline:extractive"
"""Answers questions without a network; `offline` alone means it."""

ADVISER = "offline:adviser"
"""Advises without a network."""

DRAFTER = "offline:drafter"
"""Drafts projects without a network."""

ECHO = "offline:echo"
"""Gives back the newest message, for evaluations of prompts; `echo` alone means it."""

OFFLINES = frozenset({OFFLINE, ADVISER, DRAFTER, ECHO})
"""The models that need no key and no network."""

_SHORT = {"offline": OFFLINE, "echo": ECHO}

_VALID_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}")
"""A name may come from a request and becomes part of an address at some providers."""

_SAME_ACCESS = {
    "openai-chat": "openai",
    "openai-responses": "openai",
    "azure-responses": "azure",
}


def access_of(provider: str) -> str:
    """Return the provider whose key and address this one uses: `openai` for `openai-chat`."""
    return _SAME_ACCESS.get(provider, provider)


@dataclass(frozen=True, slots=True)
class ModelNames:
    """The resolver of model names.

    `known`: all providers; `configured`: those with a key or an address; `open`: the configured ones
    that serve models of any name (Azure's deployments, Ollama, a gateway).
    """

    known: Collection[str]
    configured: Collection[str] = ()
    open: Collection[str] = ()

    def resolve_chain(self, name: str) -> Sequence[str]:
        """Return the full names of a comma-separated chain, in the order in which they are tried."""
        parts = [part.strip() for part in name.split(",")]
        return tuple(dict.fromkeys(self.resolve(part) for part in parts if part)) or (
            self.resolve(name),
        )

    def resolve(self, name: str) -> str:
        """Return `provider:model`. Raises `ModelUnknown` for a name that belongs to no provider."""
        name = _SHORT.get(name, name)
        if not _VALID_NAME.fullmatch(name) or ".." in name:
            raise ModelUnknown(f"Not a model name: {name[:50]!r}.")
        found = split_name(name)
        if found and (found[0] in self.known or ":".join(found) in OFFLINES):
            return ":".join(found)
        if foreign := foreign_provider(name, local=set(self.open) == {"ollama"}):
            raise ModelUnknown(
                f"Candor has no connection to the provider {foreign!r}.",
                hint="A gateway with OpenAI's API can be used: set OPENAI_BASE_URL, and write openai: "
                "before its name of the model.",
            )
        family = family_of(name)
        if family == "openai" and "openai" not in self.configured and "azure" in self.configured:
            return f"azure:{name}"
        if family is not None:
            return f"{family}:{name}"
        # Ollama's names hold a colon themselves: qwen3:8b.
        if len(self.open) == 1 and not found:
            return f"{next(iter(self.open))}:{name}"
        if ":" in name:
            raise ModelUnknown(f"Unknown provider: {name.partition(':')[0][:50]!r}.")
        raise ModelUnknown(f"Unknown model: {name[:50]!r}.")
