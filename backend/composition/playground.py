"""Playground: prompts, datasets and evaluations."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.kernel.prompts.manage_prompts import ManagePrompts


class PlaygroundComposition(Composition):
    """Edit prompts and datasets, and evaluate."""

    manage_prompts: "Part[ManagePrompts]" = Part(
        "use_cases.kernel.prompts.manage_prompts:ManagePrompts"
    )

    templates = Inner("services.templates.template_engine:PromptTemplates", seconds=None)
