"""Ctrl-C as an event, so that it can stop an answer and not the program.

Python's default, an exception at any point of the program, would tear a record that is being
written, and a second Ctrl-C would do it again. Here a signal only calls the present listener;
without one it is ignored, because a Ctrl-C just after the end of an answer was meant for the
answer. It works in the main thread, and where the system has signals of this kind; elsewhere
nothing changes.
"""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

_LEAVING = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


class Interrupts:
    """The listeners of Ctrl-C."""

    def __init__(self) -> None:
        self._listening: list[Callable[[], object]] = []

    @contextmanager
    def calling(self, act: Callable[[], object]) -> Generator[None]:
        """Calls `act` in the event loop at each Ctrl-C while inside."""
        self._listening.append(act)
        try:
            yield
        finally:
            self._listening.pop()

    def press(self) -> None:
        """Calls the innermost listener, if there is one."""
        if self._listening:
            self._listening[-1]()


@contextmanager
def interrupts(leave: Callable[[], object]) -> Generator[Interrupts]:
    """Handles Ctrl-C while inside; a closed terminal and SIGTERM call `leave`.

    A signal that the parent process ignores (as with `nohup`) stays ignored.
    """
    taken = Interrupts()
    loop = asyncio.get_running_loop()
    acts = {signal.SIGINT: taken.press, **dict.fromkeys(_LEAVING, leave)}
    before: dict[signal.Signals, signal.Handlers | int | Callable[..., object] | None] = {}
    try:
        for number, act in acts.items():
            handler = signal.getsignal(number)
            if handler is not signal.SIG_IGN:
                loop.add_signal_handler(number, act)
                before[number] = handler
    except (NotImplementedError, RuntimeError, ValueError):
        pass  # no such signals here, or not the main thread
    try:
        yield taken
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)  # pyright: ignore[reportArgumentType]
