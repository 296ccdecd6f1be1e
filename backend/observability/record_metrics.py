"""Decorators of the stores that report each record to listeners, also without a reader.

The transcript reports answers, the record of advice reports advice.
"""

from collections.abc import Callable, Sequence

from use_cases.advice.model import Feedback, Response, ResponseFilter, Scored
from use_cases.advice.ports import FeedbackResult, Responses
from use_cases.chat.model import Answer, Message
from use_cases.chat.ports import Opened, Opening, Transcript
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page


class ObservedTranscript:
    """Port `Transcript`: delegates to another one, and reports each answer to listeners."""

    def __init__(
        self, transcript: Transcript, listeners: Sequence[Callable[[Answer], None]]
    ) -> None:
        self._transcript = transcript
        self._listeners = listeners

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """Delegate."""
        return await self._transcript.open(caller, opening)

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: str,
        charge: Charge | None = None,
    ) -> None:
        """Delegate, then report the answer."""
        await self._transcript.close(caller, answer, message, model_messages, charge)
        for listener in self._listeners:
            listener(answer)

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """Delegate."""
        await self._transcript.abandon(turn_id, charge)


class ObservedResponses:
    """Port `Responses`: delegates to another one, and reports each response to listeners."""

    def __init__(
        self, responses: Responses, listeners: Sequence[Callable[[Response], None]]
    ) -> None:
        self._responses = responses
        self._listeners = listeners

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """Delegate, then report the response."""
        await self._responses.keep(response, charge)
        for listener in self._listeners:
            listener(response)

    async def charge(self, charge: Charge) -> None:
        """Delegate."""
        await self._responses.charge(charge)

    async def response(self, caller: Caller, response_id: str) -> Response:
        """Delegate."""
        return await self._responses.response(caller, response_id)

    async def responses(
        self,
        caller: Caller,
        wanted: ResponseFilter,
        *,
        limit: int = 20,
        before: str | None = None,
    ) -> Page[Response]:
        """Delegate."""
        return await self._responses.responses(caller, wanted, limit=limit, before=before)

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """Delegate."""
        return await self._responses.scored(caller, wanted)

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackResult:
        """Delegate."""
        return await self._responses.judge(caller, feedback)

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """Delegate."""
        return await self._responses.feedback(caller, response_id)
