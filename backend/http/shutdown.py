"""Ends the server without losing what it was saying.

At the first SIGTERM or SIGINT nothing new is taken, and answers that are being written have
SHUTDOWN_SECONDS to come to their end. Those that do not are stopped as `POST /chats/{id}/cancel`
stops one: their readers get a whole, interrupted answer, and it is recorded. Whoever does not even
read that is cut off. A second signal skips the waiting. Then the store is closed; the exit code is 0.

uvicorn alone would wait for ever, or cancel tasks where they stand, and would end by the signal
itself. So its handlers are replaced once it has set them; another server's are left alone, and what
is still being said when it ends the application is recorded all the same.
"""

import asyncio
import multiprocessing
import signal
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import copy_context
from types import FrameType

import anyio
from loguru import logger
from uvicorn import Server

from backend.processes.signals import END
from use_cases.chat.inflight import InFlight

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE_SECONDS = 2.0
"""For an answer that was stopped to be read to its end."""
RECORDING_SECONDS = 10.0
"""For all that was stopped to be recorded, one after the other, on a slow disk."""
_POLL_SECONDS = 0.02


@asynccontextmanager
async def ending_gently(inflight: InFlight, seconds: float) -> AsyncGenerator[None]:
    """While the application runs. In the end every answer has been recorded, or given up loudly."""
    server = _uvicorn()
    if server is not None:
        Ending(server, inflight, seconds).listen()
    yield
    inflight.cancel_all()
    with anyio.move_on_after(RECORDING_SECONDS):
        while inflight:  # noqa: ASYNC110  (once, at the very end: not worth an event for each turn)
            await anyio.sleep(_POLL_SECONDS)
    if inflight:
        logger.error("{} answers could not be recorded before the end", len(inflight))


class Ending:
    """What the signals do to a uvicorn server."""

    def __init__(self, server: Server, inflight: InFlight, seconds: float) -> None:
        self._server = server
        self._inflight = inflight
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()
        self._told = 0

    def listen(self) -> None:
        """Take over the signals. One of several processes is ended by the one that looks after them,
        or by its death; what others send to all processes at once does not count.
        """
        together = self._server.config.workers > 1
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN if together else self._on_signal)
        if together:
            signal.signal(END, self._on_signal)
            threading.Thread(target=self._outlive_nobody, daemon=True).start()

    def _outlive_nobody(self) -> None:
        """Wait for the end of the process that looks after this one, and end, too."""
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            self._on_signal(END, None)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        # uvicorn looks at this ten times a second. Its own handler would also note the signal, and
        # raise it again in the end.
        self._server.should_exit = True
        # A signal comes in the middle of some request, whose ids are not ours.
        self._loop.call_soon_threadsafe(self.begin, context=self._context)

    def begin(self) -> None:
        """One signal: the first begins the end, the second skips its waiting."""
        self._told += 1
        if self._told == 1:
            logger.info(
                "ending: {} answers are being written and have {:g} seconds",
                len(self._inflight),
                self._seconds,
            )
            self._loop.call_later(self._seconds, self._stop)
        elif self._told == 2:
            self._stop()

    def _stop(self) -> None:
        if self._inflight:
            logger.warning("ending: {} answers are interrupted", self._inflight.cancel_all())
        self._loop.call_later(GRACE_SECONDS, self._cut_off, len(self._inflight))

    def _cut_off(self, before: int) -> None:
        """As if those who do not read had left: their answers, too, are recorded."""
        now = len(self._inflight)
        if now < before:  # it goes on: others are still being recorded, one after the other
            self._loop.call_later(GRACE_SECONDS, self._cut_off, now)
            return
        connections = list(self._server.server_state.connections)
        if connections:
            logger.warning("ending: {} connections are cut off", len(connections))
        for connection in connections:
            connection.transport.abort()
        self._loop.call_later(RECORDING_SECONDS, self._give_up)

    def _give_up(self) -> None:
        for task in self._server.server_state.tasks:
            logger.error("ending: a request would not end and is cancelled")
            task.cancel()


def _uvicorn() -> Server | None:
    """The uvicorn server that runs us in this thread and listens to signals."""
    if threading.current_thread() is not threading.main_thread():
        return None
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return owner if isinstance(owner, Server) else None
