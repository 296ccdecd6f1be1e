"""Checks of the chat models: which one a name means, what a chain lacks, whether a model answers.

Leaves to others: time limits, and presentation (`backend/doctor`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from anyio import to_thread

from use_cases.kernel.errors import ModelNotConfigured
from use_cases.kernel.ports import Models
from use_cases.kernel.prompts.manage_model_defaults import ModelPurpose
from use_cases.kernel.prompts.prompt_registry import ActivePrompts

_FEW_TOKENS = 16  # the least that OpenAI's Responses allows


class ModelOrigin(StrEnum):
    """The origin of a default model: the registry, CHAT_MODEL, or the keys that there are."""

    STORED = "stored"
    ENVIRONMENT = "environment"
    BUILT_IN = "built_in"


@dataclass(frozen=True, slots=True)
class DefaultModel:
    """The model, or chain of models, that answers a question that names none."""

    name: str
    origin: ModelOrigin


class CheckModels:
    """The use case that checks chat models. The first use of a provider imports its SDK: slow."""

    def __init__(
        self,
        *,
        models: Models,
        prompt_registry: ActivePrompts,
        environment: str | None,
        application: str,
    ) -> None:
        self._models = models
        self._registry = prompt_registry
        origin = ModelOrigin.ENVIRONMENT if environment else ModelOrigin.BUILT_IN
        self.configured = DefaultModel(application, origin)
        """The default where none is stored."""

    async def default(self) -> DefaultModel:
        """Returns the default model of chat. Raises the errors of storage."""
        stored = (await self._registry.active(ModelPurpose.CHAT, ModelPurpose.CHAT)).model
        return DefaultModel(stored, ModelOrigin.STORED) if stored else self.configured

    def name(self, wanted: str) -> str:
        """Returns the whole name of a model that a person names. Raises what `Models` raises."""
        return self._models.resolve(wanted).name

    def candidates(self, default: DefaultModel) -> Sequence[str]:
        """Returns the whole names of the default's models, in their order. Raises what `Models` raises."""
        stored = default.name if default.origin is ModelOrigin.STORED else None
        resolved = self._models.resolve(stored, trusted=True)
        return [one.name for one in resolved.candidates or (resolved,)]

    def missing_requirements(self, chain: str) -> Sequence[str]:
        """Returns what the unusable models of a chain (names, separated by commas) lack."""
        lacking: list[str] = []
        for name in chain.split(","):
            try:
                self._models.resolve(name.strip() or None, trusted=True)
            except ModelNotConfigured as error:
                lacking.append(error.detail)
        return lacking

    async def ask(self, name: str) -> str:
        """Asks the model one tiny question; returns the name that the provider gives the model.

        Raises what `Models` raises, and the errors of the provider.
        """
        resolved = await to_thread.run_sync(lambda: self._models.resolve(name, trusted=True))
        # Imported here: it costs more than a second, which only this question needs.
        from pydantic_ai.direct import model_request
        from pydantic_ai.exceptions import AgentRunError
        from pydantic_ai.messages import ModelRequest
        from pydantic_ai.settings import ModelSettings

        from use_cases.kernel.runs.model_calls import translate

        question = ModelRequest.user_text_prompt("Reply with one word: ready")
        few = ModelSettings(max_tokens=_FEW_TOKENS)
        try:
            answer = await model_request(resolved.model, [question], model_settings=few)
        except AgentRunError as error:
            raise translate(error, resolved.name) from error
        return answer.model_name or resolved.name
