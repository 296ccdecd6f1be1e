"""A model whose SDK may stumble over an answer that is not in its provider's shape.

Promises: what an SDK or pydantic-ai raises over such an answer (an attribute that is not there, a
value of another type) comes out as `UnexpectedModelBehavior`, as it does where they noticed
themselves; its words are not kept, for they may hold the answer: the log has its kind and its place.
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

_STUMBLES = (AttributeError, LookupError, TypeError, ValueError, AssertionError)


class GuardedModel(WrapperModel):
    """The wrapped model, with its stumbles as errors of the model."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """As the wrapped model's."""
        with self._guarded():
            return await super().request(messages, model_settings, model_request_parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """As the wrapped model's; the stream is read within, so its errors pass here, too."""
        with self._guarded():
            async with super().request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                yield stream

    @contextmanager
    def _guarded(self) -> Generator[None]:
        try:
            yield
        except _STUMBLES as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.info(
                "{} over an answer of {}, at {}:{}",
                type(error).__name__,
                self.model_name,
                place.filename.rpartition("site-packages/")[2],
                place.lineno,
            )
            raise UnexpectedModelBehavior("The answer has an unknown format.") from None
