"""The model `offline:echo`: it gives back the newest message of the user, as promptfoo's provider does.

It tests an evaluation itself: its templates, assertions and speed. Nothing leaves the machine.
"""

from collections.abc import AsyncIterator

from pydantic_ai import ModelSettings
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.function import AgentInfo, FunctionModel

from services.models.offline.steps import read_messages


class EchoModel(FunctionModel):
    """Answers with the newest message of the user, empty where there is none."""

    def __init__(self) -> None:
        super().__init__(stream_function=_stream, model_name="echo")

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Returns the message. Without a stream it counts no tokens, which takes longer than the rest."""
        return ModelResponse(
            parts=[TextPart(read_messages(messages).newest)],
            model_name="echo",
            finish_reason="stop",
        )


async def _stream(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
    yield read_messages(messages).newest
