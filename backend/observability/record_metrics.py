"""Stores that tell of everything they keep, also of what nobody reads any more.

A transcript tells of answers, the record of advice tells of advice.
"""

from collections.abc import Callable, Sequence

from use_cases.advice.model import Feedback, Response, ResponseFilter, Scored
from use_cases.advice.ports import FeedbackResult, Responses
from use_cases.chat.model import Answer, Message
from use_cases.chat.ports import Opened, Opening, Transcript
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page


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
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: str,
        charge: Charge | None = None,
    ) -> None:
        """As the other one, and then told."""
        await self._transcript.close(caller, answer, message, model_messages, charge)
        for listener in self._listeners:
            listener(answer)

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """As the other one."""
        await self._transcript.abandon(turn_id, charge)


class HeardResponses:
    """Port `Responses`: another one, and whoever wants to hear of the advice it keeps."""

    def __init__(
        self, responses: Responses, listeners: Sequence[Callable[[Response], None]]
    ) -> None:
        self._responses = responses
        self._listeners = listeners

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """As the other one, and then told."""
        await self._responses.keep(response, charge)
        for listener in self._listeners:
            listener(response)

    async def charge(self, charge: Charge) -> None:
        """As the other one."""
        await self._responses.charge(charge)

    async def response(self, caller: Caller, response_id: str) -> Response:
        """As the other one."""
        return await self._responses.response(caller, response_id)

    async def responses(
        self,
        caller: Caller,
        wanted: ResponseFilter,
        *,
        limit: int = 20,
        before: str | None = None,
    ) -> Page[Response]:
        """As the other one."""
        return await self._responses.responses(caller, wanted, limit=limit, before=before)

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """As the other one."""
        return await self._responses.scored(caller, wanted)

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackResult:
        """As the other one."""
        return await self._responses.judge(caller, feedback)

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """As the other one."""
        return await self._responses.feedback(caller, response_id)
