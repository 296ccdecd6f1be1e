"""Playground: prompts, versions, datasets, and evaluations across models."""

from backend.capabilities.declaration import Capability

PLAYGROUND = Capability(
    scopes=("playground", "playground:promote"),
    tables=("services.store.outputs",),
    settings=("backend.settings.playground:PlaygroundSettings",),
    tables=("services.store.projects",),
    compositions={"playground": "backend.composition.playground:PlaygroundComposition"},
)
