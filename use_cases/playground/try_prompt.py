"""Try a prompt: put values into its messages, and call a model with them once.

Promises: what is wrong with the values is said before any call; nothing is stored but the charge of
the caller's key. Leaves to others: comparing prompts on many cases (an evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anyio import to_thread
from pydantic import JsonValue
from pydantic_ai.usage import RunUsage

from use_cases.kernel.errors import UpstreamTimeout
from use_cases.kernel.identity.admission import Charges, Estimate, charge
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Models, ResolvedModel
from use_cases.kernel.prompts.content import PromptContent, PromptMessage
from use_cases.kernel.prompts.content_rules import cleaned
from use_cases.kernel.prompts.manage_model_defaults import ModelPurpose
from use_cases.kernel.prompts.registry import ActivePrompts
from use_cases.kernel.runs.completion import Completion, complete
from use_cases.kernel.runs.model_calls import resolved_model
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
        charges: Charges,
        estimate: Estimate,
        clock: Clock,
        eval_timeout: float,
    ) -> None:
        self._templates = templates
        self._models = models
        self._registry = prompt_registry
        self._charges = charges
        self._estimate = estimate
        self._clock = clock
        self._seconds = eval_timeout

    async def compile(self, content: PromptContent, values: Mapping[str, JsonValue]) -> Rendering:
        """Put values into the messages. Raises `PromptInvalid`, `TemplateInvalid`, `VariablesInvalid`."""
        return await to_thread.run_sync(self._render, cleaned(content), values)

    async def run(
        self,
        caller: Caller,
        content: PromptContent,
        values: Mapping[str, JsonValue],
        *,
        model: str | None = None,
    ) -> Trial:
        """Call the named model, the stored default of `playground`, or the installation's own.

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
            await self._charge(caller, resolved, None)
            raise
        await self._charge(caller, resolved, completion)
        return Trial(rendering.messages, completion)

    def _render(self, content: PromptContent, values: Mapping[str, JsonValue]) -> Rendering:
        names = variable_names(content, self._templates)
        return Rendering(render_messages(content, values, self._templates), sorted(names))

    async def _charge(
        self, caller: Caller, resolved: ResolvedModel, completion: Completion | None
    ) -> None:
        """Charge the caller's key; a call without a completion by the estimate."""
        usage = RunUsage()
        if completion is not None:
            usage = RunUsage(
                input_tokens=completion.input_tokens or 0,
                output_tokens=completion.output_tokens or 0,
                cost=completion.cost,
            )
        owed = charge(
            caller,
            usage,
            metered=resolved.metered,
            complete=completion is not None,
            now=self._clock.now(),
            estimate=self._estimate,
        )
        if owed is not None:
            await self._charges.charge(owed)
