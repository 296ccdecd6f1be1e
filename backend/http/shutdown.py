"""Graceful shutdown of the server.

At the first SIGTERM or SIGINT no new request is accepted, and answers in progress have
SHUTDOWN_SECONDS to finish. Those that do not are stopped as `POST /chats/{id}/cancel` stops one:
their readers get a whole, interrupted answer, and it is recorded. Connections of clients that do
not read even that are cut off. A second signal skips the waiting. Then the store is closed; the
exit code is 0.

uvicorn alone would wait for ever, or cancel tasks where they stand, and would end by the signal
itself. So its handlers are replaced once it has set them; another server's are left alone, and
answers in progress when it ends the application are recorded all the same.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import copy_context
from types import FrameType

import anyio
from loguru import logger
from uvicorn import Server

from backend.processes.scheduling import END, END_NOW
from use_cases.kernel.runs.inflight import InFlight

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE_SECONDS = 2.0
"""The time for clients to read a stopped answer to its end."""
RECORDING_SECONDS = 10.0
"""The time to record all stopped answers, one after the other, on a slow disk."""
_POLL_SECONDS = 0.02


@asynccontextmanager
async def graceful_shutdown(inflight: InFlight, seconds: float) -> AsyncGenerator[None]:
    """Runs the application inside. At the end every answer has been recorded, or reported as lost in
    the log.
    """
    server = _uvicorn()
    if server is not None:
        ShutdownSequence(server, inflight, seconds).listen()
    yield
    inflight.cancel_all()
    with anyio.move_on_after(RECORDING_SECONDS):
        while inflight:  # noqa: ASYNC110  (once, at the very end: not worth an event for each turn)
            await anyio.sleep(_POLL_SECONDS)
    if inflight:
        logger.error("{} answers could not be recorded before the end", len(inflight))


class ShutdownSequence:
    """The reaction to signals of a uvicorn server."""

    def __init__(self, server: Server, inflight: InFlight, seconds: float) -> None:
        self._server = server
        self._inflight = inflight
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()
        self._signals = 0

    def listen(self) -> None:
        """Installs the signal handlers. One of several processes is ended by its supervisor alone; signals
        to all processes at once are ignored.
        """
        together = self._server.config.workers > 1
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN if together else self._on_signal)
        if together:
            for number in (END, END_NOW):
                signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        # uvicorn looks at this ten times a second. Its own handler would also note the signal, and
        # raise it again in the end.
        self._server.should_exit = True
        # A signal comes in the middle of some request, whose ids are not ours.
        self._loop.call_soon_threadsafe(self.begin, context=self._context)

    def begin(self) -> None:
        """Handles one signal: the first begins the shutdown, the second skips its waiting."""
        self._signals += 1
        if self._signals == 1:
            logger.info(
                "ending: {} answers are being written and have {:g} seconds",
                len(self._inflight),
                self._seconds,
            )
            self._loop.call_later(self._seconds, self._stop)
        elif self._signals == 2:
            self._stop()

    def _stop(self) -> None:
        if self._inflight:
            logger.warning("ending: {} answers are interrupted", self._inflight.cancel_all())
        self._loop.call_later(GRACE_SECONDS, self._cut_off, len(self._inflight))

    def _cut_off(self, before: int) -> None:
        """Aborts connections of clients that do not read: their answers, too, are recorded."""
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
    """Returns the uvicorn server that runs this thread and listens to signals."""
    if threading.current_thread() is not threading.main_thread():
        return None
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return owner if isinstance(owner, Server) else None
