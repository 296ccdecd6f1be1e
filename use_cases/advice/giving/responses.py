"""Reads recorded advice again."""

from use_cases.advice.model import Response, ResponseFilter
from use_cases.advice.ports import Responses
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page


class ReadAdvice:
    """The caller's recorded advice."""

    def __init__(self, *, responses: Responses) -> None:
        self._responses = responses

    async def list(self, caller: Caller, *, limit: int = 20) -> Page[Response]:
        """The newest `limit` responses."""
        return await self._responses.responses(caller, ResponseFilter(), limit=limit)

    async def show(self, caller: Caller, response_id: str) -> Response:
        """One response with its judgement in force. Raises `ResponseNotFound`."""
        return await self._responses.response(caller, response_id)
