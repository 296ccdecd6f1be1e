"""The index of conversations, completed beside the requests.

Promises: a request waits for none of it; it goes on where it stopped, at the start, when a search found
the index incomplete, and from time to time. A failure is a line in the log and ends no server.
Leaves to others: the indexing itself.
"""

from collections.abc import Callable
from typing import Annotated, cast

import anyio
from fastapi import Depends, Request
from loguru import logger

from use_cases.conversations.search.index_conversations import IndexConversations
from use_cases.kernel.errors import CandorError

_LOOK_EVERY = 60.0
"""Seconds; words of a new message are found at once, for a search indexes them itself."""


class ConversationIndexing:
    """Completes the index in the background."""

    def __init__(self, indexing: Callable[[], IndexConversations]) -> None:
        self._indexing = indexing
        self._wanted = anyio.Event()

    def begin(self) -> None:
        """Complete the index as soon as possible."""
        self._wanted.set()

    async def run(self) -> None:
        """Complete the index, now and whenever it is wanted, until this is cancelled."""
        while True:
            try:
                async for _ in self._indexing().complete():
                    pass
            except CandorError as error:
                logger.warning("conversations are not indexed: {}: {}", error.code, error.detail)
            except Exception:  # noqa: BLE001  (a side matter must not end the server)
                logger.exception("conversations are not indexed")
            with anyio.move_on_after(_LOOK_EVERY):
                await self._wanted.wait()
            self._wanted = anyio.Event()


async def _of_server(request: Request) -> ConversationIndexing:
    return cast("ConversationIndexing", request.app.state.indexing)


Indexing = Annotated[ConversationIndexing, Depends(_of_server)]
"""The indexing of this server."""
