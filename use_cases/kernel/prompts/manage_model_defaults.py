"""Default models by purpose, one noun: read, store and remove them.

Promises: a model that is unknown, or has no key, is refused before it is stored. Leaves to others: the
order in which a run looks for its model (request, stored default, environment, built-in), and the
scope `playground:promote`, which the doors ask for.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from use_cases.kernel.errors import NotFound
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Models
from use_cases.kernel.prompts.prompt_registry import ModelDefault, PromptInvalid, PromptRegistry


class ModelPurpose(StrEnum):
    """The purposes that have a default model of their own."""

    CHAT = "chat.answer"
    ADVICE = "advice"
    JUDGE = "judge"
    PLAYGROUND = "playground"
    DRAFT_CHAT = "project_draft_chat"
    FIRST_DRAFT = "project_draft_generation"
    SUMMARY = "conversation_summary"


class ModelPurposeUnknown(NotFound):
    """No default model has this purpose, or none is stored for it."""

    code = "model_default_not_found"
    title = "No such default model"
    default_hint = f"The purposes are {', '.join(ModelPurpose)}."


class ModelCatalogue(Protocol):
    """The models that this installation can be asked to use."""

    def by_provider(self) -> Mapping[str, Sequence[str]]:
        """Returns the names of models, without the provider, of each provider that is configured."""
        ...


class ManageModelDefaults:
    """The stored default models, which all callers share. `advice_model` is the environment's for advice."""

    def __init__(
        self,
        *,
        prompt_registry: PromptRegistry,
        models: Models,
        catalogue: ModelCatalogue,
        clock: Clock,
        advice_model: str | None = None,
    ) -> None:
        self._registry = prompt_registry
        self._models = models
        self._catalogue = catalogue
        self._clock = clock
        self._advice_model = advice_model

    def choices(self) -> Mapping[str, Sequence[str]]:
        """Returns the models to choose from, by provider."""
        return self._catalogue.by_provider()

    async def in_use(self, purpose: str) -> tuple[str, ModelDefault | None]:
        """Returns the model of a purpose, stored or the installation's, and what is stored.

        Raises `ModelPurposeUnknown`, and what `Models` raises.
        """
        known = _known(purpose)
        stored = (await self.all())[known]
        if stored is not None:
            return stored.model, stored
        own = self._advice_model if known is ModelPurpose.ADVICE else None
        return self._models.resolve(own, trusted=True).name, None

    async def all(self) -> Mapping[ModelPurpose, ModelDefault | None]:
        """Returns the stored default of every purpose; None where the environment or the built-in one
        is used.
        """
        stored = {each.purpose: each for each in await self._registry.defaults()}
        return {purpose: stored.get(purpose) for purpose in ModelPurpose}

    async def put(self, caller: Caller, purpose: str, model: str) -> ModelDefault:
        """Stores a default. Raises `ModelPurposeUnknown`, `PromptInvalid`, and what `Models` raises."""
        known = _known(purpose)
        name = model.strip()
        if not name:
            raise PromptInvalid(
                "A default model has a name.", hint="Remove the default to use the environment's."
            )
        self._models.resolve(name, trusted=True)
        default = ModelDefault(
            purpose=known,
            model=name,
            author=caller.user_id,
            updated_at=self._clock.now(),
        )
        await self._registry.set_default(known, default)
        return default

    async def remove(self, purpose: str) -> None:
        """Uses the environment's or the built-in model again. Raises `ModelPurposeUnknown`."""
        known = _known(purpose)
        if (await self.all())[known] is None:
            raise ModelPurposeUnknown(f"There is no stored default model for {known}.")
        await self._registry.set_default(known, None)


def _known(purpose: str) -> ModelPurpose:
    try:
        return ModelPurpose(purpose)
    except ValueError:
        raise ModelPurposeUnknown(f"{purpose[:60]!r} has no default model.") from None
