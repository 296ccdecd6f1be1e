"""The models to choose from, as port `ModelCatalogue`: those that requests may name, else those that
pydantic-ai knows by name.

Where every model may be named, a provider may serve others too, and a name that is not here can be used.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import get_args

from services.models.model_registry import PROVIDERS, ModelNames, open_providers
from use_cases.kernel.errors import ModelUnknown

_OFFLINE = ("extractive",)


class KnownModels:
    """The known models of `providers`, with the `defaults` of the installation, and the offline one;
    where only the `allowed` may be named, those.
    """

    def __init__(
        self,
        *,
        providers: Sequence[str],
        defaults: Sequence[str] = (),
        allowed: Sequence[str] | None = None,
    ) -> None:
        self._providers = providers
        self._defaults = defaults
        self._allowed = allowed

    def by_provider(self) -> Mapping[str, Sequence[str]]:
        """Returns the models by provider. One that serves its users' own models (Ollama, vLLM) has none
        that are known.
        """
        found = self._named(self._known() if self._allowed is None else self._permitted())
        return {
            "offline": _OFFLINE,
            **{name: models for name, models in found.items() if models or self._allowed is None},
        }

    def _known(self) -> Collection[str]:
        from pydantic_ai.models import KnownModelName  # imported late: it takes most of a second

        return {*get_args(KnownModelName.__value__), *self._defaults}

    def _permitted(self) -> Collection[str]:
        """Returns the full names of the allowed models; a name of no provider allows nothing."""
        names = ModelNames(
            known=PROVIDERS, configured=self._providers, open=open_providers(self._providers)
        )
        permitted = set[str]()
        for name in self._allowed or ():
            with suppress(ModelUnknown):
                permitted.update(names.resolve_chain(name))
        return permitted

    def _named(self, names: Collection[str]) -> Mapping[str, Sequence[str]]:
        return {
            provider: sorted(
                name.removeprefix(f"{provider}:")
                for name in names
                if name.startswith(f"{provider}:")
            )
            for provider in self._providers
        }
