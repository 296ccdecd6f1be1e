"""Calls of a model without a stream: the completion of a prompt, and an agent's whole answer; prices.

Promises: what fails comes out as a `CandorError` without the provider's text; a call that is not over
in time is `UpstreamTimeout`; figures that the provider does not state are None, and a model that is
not metered costs 0. Leaves to others: retries, caching and records.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import JsonValue
from pydantic_ai import Agent, ModelResponse, ModelSettings, RunTimedOut, UsageLimits
from pydantic_ai.capabilities import RaiseContentFilterError
from pydantic_ai.direct import model_request
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    SystemPromptPart,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.usage import RequestUsage, RunUsage

from use_cases.kernel.errors import UpstreamTimeout
from use_cases.kernel.ports import Clock, ResolvedModel
from use_cases.kernel.prompts.content import PromptMessage, Role, RunPrompt
from use_cases.kernel.runs.agent_run import WholeCharacters
from use_cases.kernel.runs.model_calls import model_settings, translate, translated
from use_cases.kernel.runs.record import TokenUsage
from use_cases.kernel.text.plain_text import whole

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation


Output = TypeVar("Output")

_FREE = Decimal(0)
_PLAIN = ModelRequestParameters()
_NO_LIMITS = UsageLimits(request_limit=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion(TokenUsage):
    """The completion of a prompt. `model` is the one that answered.

    `finish_reason` is pydantic-ai's (`stop`, `length`, `content_filter`, …); `logprobs` are natural
    logarithms, one for each token, where the settings ask for them (`openai_logprobs`). A refusal that
    the provider states apart from the text is the text.
    """

    text: str
    model: str
    latency_ms: int
    finish_reason: str | None = None
    logprobs: Sequence[float] | None = None

    @property
    def total_tokens(self) -> int | None:
        """Its tokens together; None where none are known."""
        tokens = (self.input_tokens, self.output_tokens)
        return sum(each or 0 for each in tokens) if any(tokens) else None

    @property
    def usage(self) -> RunUsage:
        """Its figures, to charge them."""
        return RunUsage(
            input_tokens=self.input_tokens or 0,
            output_tokens=self.output_tokens or 0,
            cost=self.cost,
        )


async def complete(
    messages: Sequence[PromptMessage],
    settings: Mapping[str, JsonValue],
    resolved: ResolvedModel,
    *,
    clock: Clock,
    seconds: float = 60.0,
    named: bool = True,
) -> Completion:
    """Sends messages to a model, once, and returns its completion.

    `settings` are those of pydantic-ai's `ModelSettings`; `seconds` bound the call. A completion that
    the content filter cut short is returned with its `finish_reason`; a prompt that it stopped raises
    `ContentFiltered`. `named`: see `ModelCall`.
    """
    started = clock.monotonic()
    try:
        # An offline model waits for nothing.
        async with asyncio.timeout(seconds) if resolved.metered else nullcontext():
            with translated(resolved, named=named):
                response = await model_request(
                    resolved.model,
                    _as_model_messages(messages),
                    model_settings=cast("ModelSettings", settings) or None,
                    model_request_parameters=_PLAIN,
                )
    except TimeoutError:
        raise UpstreamTimeout(f"{resolved.name} did not answer in time.") from None
    elapsed = clock.monotonic() - started
    answering, usage = resolved.answering(response), response.usage
    return Completion(
        text=whole(_text(response)),
        model=answering.name,
        latency_ms=round(elapsed * 1000),
        finish_reason=response.finish_reason,
        logprobs=_logprobs(response),
        # An offline model's tokens are estimates.
        input_tokens=usage.input_tokens or None if answering.metered else None,
        output_tokens=usage.output_tokens or None if answering.metered else None,
        cost=_cost(response) if answering.metered else _FREE,
    )


async def run_agent(
    agent: Agent[None, Output],
    prompt: str,
    resolved: ResolvedModel,
    *,
    usage: RunUsage,
    instructions: RunPrompt | None = None,
    seconds: float = 60.0,
    named: bool = True,
) -> Output:
    """Runs an agent to its end, without a stream, and returns its output.

    `instructions` come after the agent's own, and their settings are the model's.

    What it took is added to `usage`, also where it fails: an answer that had to be asked for again, or
    was of no use, is paid for too. Raises the errors of `ModelCall.events`; a run that is not over in
    time raises `UpstreamTimeout`.
    """
    try:
        with translated(resolved, named=named):
            result = await agent.run(
                prompt,
                model=resolved.model,
                instructions=instructions.text if instructions else None,
                model_settings=model_settings(instructions) if instructions else None,
                deps=None,
                usage=usage,
                usage_limits=_NO_LIMITS,
                timeout=seconds,
                capabilities=[RaiseContentFilterError(), WholeCharacters()],
            )
    except RunTimedOut as error:
        raise translate(error, resolved.name) from None
    return result.output


def _as_model_messages(messages: Sequence[PromptMessage]) -> list[ModelMessage]:
    """Returns pydantic-ai's messages; what stands before an assistant's message is one request."""
    sent: list[ModelMessage] = []
    request: list[ModelRequestPart] = []
    for message in messages:
        text = whole(message.content)
        if message.role is Role.ASSISTANT:
            if request:
                sent.append(ModelRequest(parts=request))
                request = []
            sent.append(ModelResponse(parts=[TextPart(text)]))
        elif message.role is Role.SYSTEM:
            request.append(SystemPromptPart(text))
        else:
            request.append(UserPromptPart(text))
    if request:
        sent.append(ModelRequest(parts=request))
    return sent


def _text(response: ModelResponse) -> str:
    text = "".join([part.content for part in response.parts if isinstance(part, TextPart)])
    if not text and response.provider_details:
        refusal = response.provider_details.get("refusal")
        return refusal if isinstance(refusal, str) else ""
    return text


def _logprobs(response: ModelResponse) -> Sequence[float] | None:
    """Returns what the provider states: of the response (Chat Completions) or of its parts (Responses)."""
    stated = [
        response.provider_details,
        *[part.provider_details for part in response.parts if isinstance(part, TextPart)],
    ]
    found = [
        each["logprob"] for details in stated if details for each in details.get("logprobs") or ()
    ]
    return found or None


def _cost(response: ModelResponse) -> Decimal | None:
    """Returns US dollars; None where no price is known, or no usage was stated."""
    if not (response.model_name and response.usage.has_values()):
        return None
    try:
        return response.cost().total_price
    except (LookupError, ValueError):
        return None


CHARACTERS_PER_TOKEN = 4
"""About, in European languages."""


def call_price(model: str, input_tokens: int, output_tokens: int) -> Decimal | None:
    """Returns US dollars for a call of `provider:name`; None for a model that the list does not have."""
    if ":" not in model:
        return None
    usage = RequestUsage(input_tokens=input_tokens, output_tokens=output_tokens)
    found = _listed(model, usage)
    return None if found is None else found.total_price


def context_window(model: str) -> int | None:
    """Returns the most tokens that `provider:name` or `name` reads and writes in one call.

    None for a model of which the list does not know it.
    """
    found = _listed(model, RequestUsage())
    return None if found is None else found.model.context_window


def _listed(model: str, usage: RequestUsage) -> "PriceCalculation | None":
    *provider, name = model.split(":", 1)
    if not name:
        return None
    response = ModelResponse(
        parts=[], model_name=name, provider_name="".join(provider) or None, usage=usage
    )
    try:
        return response.cost()
    except (LookupError, ValueError):
        return None
