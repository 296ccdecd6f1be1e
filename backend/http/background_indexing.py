"""Indexes completed beside the requests: the vectors of documents, and the index of conversations.

Promises: a request waits for none of it; it goes on where it stopped, at the start, when a request left
something to do, and from time to time. A failure is a line in the log, once until another follows, and
ends no server. Leaves to others: the indexing itself.
"""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, cast

import anyio
from fastapi import Depends, Request
from loguru import logger

from use_cases.kernel.errors import CandorError

_LOOK_EVERY = 60.0
"""Seconds; words are found at once, and other programs write to the same indexes."""


class BackgroundIndexing:
    """Completes one index in the background; `complaint` begins the line about a failure."""

    def __init__(self, complaint: str, complete: Callable[[], AsyncIterator[object]]) -> None:
        self._complaint = complaint
        self._complete = complete
        self._wanted = anyio.Event()
        self._said: str | None = None

    def begin(self) -> None:
        """Complete the index as soon as possible."""
        self._wanted.set()

    async def run(self) -> None:
        """Complete the index, now and whenever it is wanted, until this is cancelled."""
        while True:
            try:
                async for _ in self._complete():
                    pass
                self._said = None
            except CandorError as error:
                self._say(f"{error.code}: {error.detail}")
            except Exception:  # noqa: BLE001  (a side matter must not end the server)
                logger.exception(self._complaint)
            with anyio.move_on_after(_LOOK_EVERY):
                await self._wanted.wait()
            self._wanted = anyio.Event()

    def _say(self, reason: str) -> None:
        if reason != self._said:
            logger.warning("{}: {}", self._complaint, reason)
        self._said = reason


async def _of_conversations(request: Request) -> BackgroundIndexing:
    return cast("BackgroundIndexing", request.app.state.indexing)


async def _of_documents(request: Request) -> BackgroundIndexing:
    return cast("BackgroundIndexing", request.app.state.vectors)


ConversationIndexing = Annotated[BackgroundIndexing, Depends(_of_conversations)]
"""The indexing of conversations in this server."""

VectorCompletion = Annotated[BackgroundIndexing, Depends(_of_documents)]
"""The completion of the documents' vectors in this server."""
