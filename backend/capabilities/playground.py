"""Playground: prompts, versions, datasets, and evaluations across models."""

from backend.capabilities.declaration import Capability, Command

PLAYGROUND = Capability(
    commands={
        "eval": Command(
            65,
            "backend.cli.evaluation.evaluation",
            "Evaluate prompts, models, chat and advice, and compare them.",
        ),
    },
    routes=("backend.http.routes.playground_evaluations",),
    scopes=("playground", "playground:promote"),
    settings=("backend.settings.playground:PlaygroundSettings",),
    tables=(
        "services.store.outputs",
        "services.store.projects",
        "services.store.datasets",
    ),
    compositions={"playground": "backend.composition.playground:PlaygroundComposition"},
)
