"""Chooses the model that advises: the request's, the stored default, the environment's, the application's,
or the internal default.

The five steps in this order; the first that names a model decides. Leaves to `Models` whether there
is such a model and whether it can be had.
"""

from dataclasses import dataclass

INTERNAL_DEFAULT = "gpt-4.1"
"""The model when nothing else names one."""

OFFLINE_ADVISER = "offline:adviser"
"""The adviser that needs no key and no network."""

_OFFLINE = frozenset({"offline", "offline:extractive"})


@dataclass(frozen=True, slots=True)
class ModelDefaults:
    """The models for a request that names none: OPENAI_DEFAULT_MODEL, and the application's own."""

    environment: str | None = None
    application: str | None = None

    def chosen(self, requested: str | None = None, stored: str | None = None) -> str:
        """The name of the model that advises; without a request, the effective default."""
        named = (requested, stored, self.environment, self.application)
        found = next((name for name in named if name and name.strip()), INTERNAL_DEFAULT)
        return ",".join(_adviser(part.strip()) for part in found.split(","))


def _adviser(name: str) -> str:
    """Return the adviser for offline advice, not the model that quotes documents."""
    return OFFLINE_ADVISER if name in _OFFLINE else name
