"""What a model may be called: `provider:model`, a bare name, or several of them in a row.

A bare name belongs to the provider its family tells (`gpt-…`, `claude-…`), or to Azure where that is
where OpenAI's models are had, or to the one configured provider that serves models of any name.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from use_cases.kernel.errors import ModelUnknown
from use_cases.kernel.model_names import family_of

OFFLINE = "offline:extractive"
"""Answers questions without a network; `offline` alone means it."""

ADVISER = "offline:adviser"
"""Advises without a network."""

OFFLINES = frozenset({OFFLINE, ADVISER})
"""The models that need no key and no network."""

_SOUND = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}")
"""A name may come from a request and becomes part of an address at some providers."""

_SAME_ACCESS = {
    "openai-chat": "openai",
    "openai-responses": "openai",
    "azure-responses": "azure",
}


def access_of(provider: str) -> str:
    """The provider whose key and address this one uses: `openai` for `openai-chat`."""
    return _SAME_ACCESS.get(provider, provider)


@dataclass(frozen=True, slots=True)
class Names:
    """Resolves names. `known`: all providers; `configured`: those with a key or an address;
    `open`: those of them that serve models of any name (Azure's deployments, Ollama, a gateway).
    """

    known: Collection[str]
    configured: Collection[str] = ()
    open: Collection[str] = ()

    def chain(self, name: str) -> Sequence[str]:
        """Full names, the first to be tried first; separated by commas in `name`."""
        parts = [part.strip() for part in name.split(",")]
        return tuple(dict.fromkeys(self.full(part) for part in parts if part)) or (self.full(name),)

    def full(self, name: str) -> str:
        """`provider:model`. Raises `ModelUnknown` for a name that cannot be placed."""
        if name == "offline":
            return OFFLINE
        if name in OFFLINES:
            return name
        if not _SOUND.fullmatch(name) or ".." in name:
            raise ModelUnknown(f"Not a model name: {name[:50]!r}.")
        prefix, _, rest = name.partition(":")
        if prefix in self.known and rest:
            return name
        family = family_of(name)
        if family == "openai" and "openai" not in self.configured and "azure" in self.configured:
            return f"azure:{name}"
        if family is not None:
            return f"{family}:{name}"
        # Ollama's names hold a colon themselves: qwen3:8b.
        if len(self.open) == 1:
            return f"{next(iter(self.open))}:{name}"
        if ":" in name:
            raise ModelUnknown(f"Unknown provider: {prefix[:50]!r}.")
        raise ModelUnknown(f"Unknown model: {name[:50]!r}.")
