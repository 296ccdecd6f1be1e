"""A Candor of real parts whose embedder needs no model."""

from backend.composition.container import Container
from backend.settings.settings import Settings
from tests.fakes.embedder import WordEmbedder
from use_cases.kernel.ports import Models


def quick_candor(
    settings: Settings,
    *,
    models: Models | None = None,
    serving: bool = False,
    offline: bool = False,
) -> Container:
    """`models` are the chat models, where the settings' own shall not be asked."""
    candor = Container(settings, serving=serving, offline=offline)
    candor.knowledge.embedder = WordEmbedder()
    if models is not None:
        candor.models = models
    return candor
