"""Several models as one: when one cannot be had, the next is asked.

Promises: a refusal by a content filter is never put to another model, in any of its shapes; a stream
that broke after its first piece is not begun anew, so no text comes twice; when none can be had, the
error is the last one's, as if it had been asked alone. A response keeps how many models failed before
it, with the kinds of their errors and without their words, because responses are stored.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from pydantic_ai import ModelMessage, ModelResponse, ModelSettings, RunContext
from pydantic_ai.exceptions import FallbackExceptionGroup, ModelAPIError, UnexpectedModelBehavior
from pydantic_ai.messages import ModelRequestAttempt
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.fallback import FallbackModel

from use_cases.kernel.runs.content_filter import content_filtered


class ModelChain(FallbackModel):
    """Asks each model in its turn, until one begins to answer."""

    def __init__(self, models: Sequence[Model]) -> None:
        super().__init__(*models, fallback_on=may_be_put_to_another)

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The first answer that can be had. Raises what the last model raised."""
        try:
            response = await super().request(messages, model_settings, model_request_parameters)
        except FallbackExceptionGroup as group:
            raise _last(group) from group
        return replace(response, failed_attempts=_kinds_alone(response.failed_attempts))

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The first stream that begins. Raises what the last model raised."""
        try:
            async with super().request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                stream.failed_attempts = _kinds_alone(stream.failed_attempts)
                yield stream
        except FallbackExceptionGroup as group:
            raise _last(group) from group


def may_be_put_to_another(error: Exception) -> bool:
    """Whether another model may be asked instead: not after a content filter's refusal."""
    failed = isinstance(error, (ModelAPIError, UnexpectedModelBehavior))
    return failed and content_filtered(error, "") is None


def _last(group: FallbackExceptionGroup) -> Exception:
    return group.exceptions[-1]


def _kinds_alone(
    attempts: Sequence[ModelRequestAttempt] | None,
) -> list[ModelRequestAttempt] | None:
    if not attempts:
        return None
    return [
        replace(attempt, error=attempt.error and attempt.error.partition(":")[0])
        for attempt in attempts
    ]
