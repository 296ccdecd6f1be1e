"""A fallback chain of models: when one is unavailable, the next is asked.

Promises: a refusal by a content filter, in any of its shapes, never falls back to another model; a
stream that broke after its first piece is not restarted, so no text comes twice; when every model
fails, the error is that of the last one. A response keeps how many models failed before it, with the
kinds of their errors and without their messages, because responses are stored.
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

from use_cases.kernel.runs.model_calls import content_filtered


class ModelChain(FallbackModel):
    """A model that asks each of its models in turn until one begins to answer."""

    def __init__(self, models: Sequence[Model]) -> None:
        super().__init__(*models, fallback_on=may_fall_back)

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Returns the first available answer. Raises the last model's error when all fail."""
        try:
            response = await super().request(messages, model_settings, model_request_parameters)
        except FallbackExceptionGroup as group:
            raise _last_error(group) from group
        return replace(response, failed_attempts=_without_messages(response.failed_attempts))

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Opens the first available stream. Raises the last model's error when all fail."""
        try:
            async with super().request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                stream.failed_attempts = _without_messages(stream.failed_attempts)
                yield stream
        except FallbackExceptionGroup as group:
            raise _last_error(group) from group


def may_fall_back(error: Exception) -> bool:
    """Returns whether another model may be asked: not after a content filter's refusal."""
    failed = isinstance(error, (ModelAPIError, UnexpectedModelBehavior))
    return failed and content_filtered(error, "") is None


def _last_error(group: FallbackExceptionGroup) -> Exception:
    return group.exceptions[-1]


def _without_messages(
    attempts: Sequence[ModelRequestAttempt] | None,
) -> list[ModelRequestAttempt] | None:
    if not attempts:
        return None
    return [
        replace(attempt, error=attempt.error and attempt.error.partition(":")[0])
        for attempt in attempts
    ]
