"""The models to choose from, as port `ModelCatalogue`: those that pydantic-ai knows by name.

A provider may serve others too, and a name that is not here can be used all the same.
"""

from collections.abc import Mapping, Sequence
from typing import get_args

_OFFLINE = ("extractive",)


class KnownModels:
    """The known models of `providers`, with the `defaults` of the installation, and the offline one."""

    def __init__(self, *, providers: Sequence[str], defaults: Sequence[str] = ()) -> None:
        self._providers = providers
        self._defaults = defaults

    def by_provider(self) -> Mapping[str, Sequence[str]]:
        """By name. A provider of one's own models (Ollama, vLLM) has none that are known."""
        from pydantic_ai.models import KnownModelName  # imported late: it takes most of a second

        names = {*get_args(KnownModelName.__value__), *self._defaults}
        known = {
            provider: sorted(
                name.removeprefix(f"{provider}:")
                for name in names
                if name.startswith(f"{provider}:")
            )
            for provider in self._providers
        }
        return {"offline": _OFFLINE, **known}
