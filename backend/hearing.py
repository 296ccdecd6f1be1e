"""A transcript that tells of every answer it keeps, also of one whose reader has left."""

from collections.abc import Callable, Sequence

from use_cases.chat.model import Answer, Message
from use_cases.chat.ports import Opened, Opening, Transcript
from use_cases.kernel.model import Caller


class HeardTranscript:
    """Port `Transcript`: another one, and whoever wants to hear of the answers it keeps."""

    def __init__(
        self, transcript: Transcript, listeners: Sequence[Callable[[Answer], None]]
    ) -> None:
        self._transcript = transcript
        self._listeners = listeners

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """As the other one."""
        return await self._transcript.open(caller, opening)

    async def close(
        self, caller: Caller, answer: Answer, message: Message, model_messages: str
    ) -> None:
        """As the other one, and then told."""
        await self._transcript.close(caller, answer, message, model_messages)
        for listener in self._listeners:
            listener(answer)
