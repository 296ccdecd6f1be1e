"""Time slices of what computes in threads, such as slow queries: few compute at once, in turns.

Promises: at most `at_once` threads compute inside `computing`; one that has computed for a slice
while another waits lets that one go on, in the order in which they began to wait; each rests a
little after every slice, so that the rest of the process is not held up.
Leaves to others: whose work may begin (`use_cases/kernel/fair_limiter.py`).
"""

import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager

SLICE_SECONDS = 0.01
REST_SECONDS = 0.005


class TimeSlices:
    """Slices for threads, of which `at_once` compute at the same time."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def computing(self) -> Generator["Slice", None, None]:
        """Waits for a place, and holds it inside the context; the slice counts what was waited."""
        self._acquire()
        try:
            yield Slice(self)
        finally:
            self._release()

    def pause(self) -> None:
        """Gives the place away, rests, and waits for a place again."""
        self._release()
        try:
            time.sleep(REST_SECONDS)
        finally:
            self._acquire()

    def _acquire(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def _release(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class Slice:
    """The computing of one thread."""

    def __init__(self, slices: TimeSlices) -> None:
        self._slices = slices
        self._end = time.monotonic() + SLICE_SECONDS
        self.waited = 0.0
        """Seconds in which it did not compute."""

    def check(self, now: float) -> None:
        """Pauses when the slice is over at `now` (monotonic seconds), and begins another one."""
        if now < self._end:
            return
        self._slices.pause()
        resumed = time.monotonic()
        self.waited += resumed - now
        self._end = resumed + SLICE_SECONDS
