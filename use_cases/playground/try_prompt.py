"""Try a prompt: put values into its messages, and call a model with them once.

Promises: what is wrong with the values is said before any call; nothing is stored but the charge of
the caller's key. Leaves to others: comparing prompts on many cases (an evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from anyio import to_thread
from pydantic import JsonValue

from use_cases.kernel.errors import UpstreamTimeout
from use_cases.kernel.identity.admission import KeyAccount
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Models
from use_cases.kernel.prompts.content import PromptContent, PromptMessage
from use_cases.kernel.prompts.manage_model_defaults import ModelPurpose
from use_cases.kernel.prompts.prompt_registry import ActivePrompts, cleaned
from use_cases.kernel.runs.completion import Completion, complete
from use_cases.kernel.runs.model_calls import resolved_model
from use_cases.kernel.text.plain_text import whole
from use_cases.playground.ports import TemplateEngine
from use_cases.playground.templates import render_messages, variable_names


@dataclass(frozen=True, slots=True)
class Rendering:
    """The messages of a prompt with their values, and the names of its variables, sorted."""

    messages: Sequence[PromptMessage]
    variables: Sequence[str]


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of one call: what was sent, and what came back."""

    messages: Sequence[PromptMessage]
    completion: Completion


class TryPrompt:
    """Renders a prompt, and calls a model with it."""

    def __init__(
        self,
        *,
        templates: TemplateEngine,
        models: Models,
        prompt_registry: ActivePrompts,
        key_account: KeyAccount,
        clock: Clock,
        eval_timeout: float,
    ) -> None:
        self._templates = templates
        self._models = models
        self._registry = prompt_registry
        self._account = key_account
        self._clock = clock
        self._seconds = eval_timeout

    async def compile(self, content: PromptContent, values: Mapping[str, JsonValue]) -> Rendering:
        """Puts values into the messages. Raises `PromptInvalid`, `TemplateInvalid`, `VariablesInvalid`."""
        return await to_thread.run_sync(self._render, cleaned(content), values)

    async def run(
        self,
        caller: Caller,
        content: PromptContent,
        values: Mapping[str, JsonValue],
        *,
        model: str | None = None,
    ) -> Trial:
        """Calls the named model, the stored default of `playground`, or the installation's own.

        Raises what `compile` and `Models.resolve` raise, and the errors of the provider.
        """
        rendering = await self.compile(content, values)
        stored = await self._registry.active(ModelPurpose.PLAYGROUND, ModelPurpose.PLAYGROUND)
        resolved = resolved_model(self._models, model, stored.model)
        try:
            completion = await complete(
                rendering.messages,
                content.settings,
                resolved,
                clock=self._clock,
                seconds=self._seconds,
                named=model is not None,
            )
        except UpstreamTimeout:
            await self._account.charge(caller, None, metered=resolved.metered, complete=False)
            raise
        await self._account.charge(caller, completion.usage, metered=resolved.metered)
        return Trial(rendering.messages, completion)

    def _render(self, content: PromptContent, values: Mapping[str, JsonValue]) -> Rendering:
        names = variable_names(content, self._templates)
        messages = [
            # A value may hold half a character, which no wire can.
            replace(each, content=whole(each.content))
            for each in render_messages(content, values, self._templates)
        ]
        return Rendering(messages, sorted(names))
