"""Playground: prompts, versions, datasets, and evaluations across models."""

from backend.capabilities.declaration import Capability, Command

PLAYGROUND = Capability(
    commands={
        "eval": Command(
            65,
            "backend.cli.evaluation.manage_runs",
            "Evaluate prompts, models, chat and advice, and compare them.",
        ),
        "prompts": Command(
            115,
            "backend.cli.playground.prompts",
            "Edit the instructions of chat and advice, and prompts of your own.",
        ),
        "datasets": Command(
            145,
            "backend.cli.evaluation.datasets",
            "Import, show and export the cases of evaluations.",
        ),
    },
    routes=(
        "backend.http.routes.playground_projects",
        "backend.http.routes.playground_prompts",
        "backend.http.routes.playground",
        "backend.http.routes.playground_datasets",
        "backend.http.routes.playground_evaluations",
        "backend.http.routes.playground_reports",
        "backend.http.routes.playground_feedback",
        "backend.http.routes.llm_configuration",
    ),
    scopes=("playground", "playground:promote"),
    settings=("backend.settings.playground:PlaygroundSettings",),
    compositions={"playground": "backend.composition.playground:PlaygroundComposition"},
)
