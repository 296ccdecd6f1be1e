"""Reads recorded advice again."""

from use_cases.advice.model import Response
from use_cases.advice.ports import Responses
from use_cases.kernel.model import Caller


class ShowAdvice:
    """One recorded response."""

    def __init__(self, *, responses: Responses) -> None:
        self._responses = responses

    async def run(self, caller: Caller, response_id: str) -> Response:
        """The response with its judgement in force. Raises `ResponseNotFound`."""
        return await self._responses.response(caller, response_id)
