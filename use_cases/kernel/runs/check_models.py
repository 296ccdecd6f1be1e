"""Checks of the chat models: which one a name means, what a chain lacks, whether a model answers.

Leaves to others: time limits, and presentation (`backend/doctor`).
"""

from collections.abc import Sequence

from anyio import to_thread

from use_cases.kernel.errors import ModelNotConfigured
from use_cases.kernel.ports import Models

_FEW_TOKENS = 16  # the least that OpenAI's Responses allows


class CheckModels:
    """The use case that checks chat models. The first use of a provider imports its SDK: slow."""

    def __init__(self, *, models: Models) -> None:
        self._models = models

    def name(self, wanted: str | None = None) -> str:
        """Return the whole name of this model, None for the default. Raises what `Models` raises."""
        return self._models.resolve(wanted).name

    def candidates(self) -> Sequence[str]:
        """Return the default model, or the models of the default chain, in their order."""
        resolved = self._models.resolve()
        return [one.name for one in resolved.candidates or (resolved,)]

    def missing_requirements(self, chain: str) -> Sequence[str]:
        """Return what the unusable models of a chain (names, separated by commas) lack."""
        lacking: list[str] = []
        for name in chain.split(","):
            try:
                self._models.resolve(name.strip() or None)
            except ModelNotConfigured as error:
                lacking.append(error.detail)
        return lacking

    async def ask(self, name: str) -> str:
        """Ask the model one tiny question; return the name that the provider gives the model.

        Raises what `Models` raises, and the errors of the provider.
        """
        resolved = await to_thread.run_sync(self._models.resolve, name)
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
