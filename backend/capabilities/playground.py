"""Playground: prompts, versions, datasets, and evaluations across models."""

from backend.capabilities.declaration import Capability

PLAYGROUND = Capability(
    scopes=("playground", "playground:promote"),
    settings=("backend.settings.playground:PlaygroundSettings",),
    tables=(
        "services.store.outputs",
        "services.store.projects",
        "services.store.datasets",
    ),
    compositions={"playground": "backend.composition.playground:PlaygroundComposition"},
)
