"""A guard around a model whose SDK may fail on a malformed answer.

Promises: an error that an SDK or pydantic-ai raises over such an answer (a missing attribute, a
value of another type) becomes `UnexpectedModelBehavior`, as it does where they detect the fault
themselves. The message is dropped, because it may contain the answer; the log has the kind of error
and its place.
"""

import traceback
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from loguru import logger
from pydantic_ai import ModelMessage, ModelResponse, ModelSettings, RunContext
from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel

_SDK_ERRORS = (AttributeError, LookupError, TypeError, ValueError, AssertionError)


class GuardedModel(WrapperModel):
    """The wrapped model, with errors of its SDK as errors of the model."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Requests an answer from the wrapped model."""
        with self._guard():
            return await super().request(messages, model_settings, model_request_parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Streams from the wrapped model; the stream is read inside, so its errors are covered, too."""
        with self._guard():
            async with super().request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                yield stream

    @contextmanager
    def _guard(self) -> Generator[None]:
        try:
            yield
        except _SDK_ERRORS as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.info(
                "{} over an answer of {}, at {}:{}",
                type(error).__name__,
                self.model_name,
                place.filename.rpartition("site-packages/")[2],
                place.lineno,
            )
            raise UnexpectedModelBehavior("The answer has an unknown format.") from None
