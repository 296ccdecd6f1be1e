"""How much one caller may ask: so many requests a minute, so many answers at once.

Promises: a caller may use a minute's requests at once and gets them back evenly; who is refused
is told when to come back; memory is bounded, whoever asks. Each process counts for itself. Leaves
to others: who the caller is (`backend/http/identified.py`).
"""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from backend.errors import TooManyStreams, TooManyUploads
from use_cases.kernel.errors import RateLimited

_ONE_ANSWER = 2.0
"""Seconds; when a running answer or upload ends is not known, and asking that often harms nobody."""

MINUTE = 60.0
MOST_REMEMBERED = 10_000
"""Callers; of the others, who were not heard for longest, it is forgotten that they ever asked."""


class RateLimit:
    """A bucket for each caller, kept as one moment: when it will be full again (GCRA)."""

    def __init__(self, per_minute: int) -> None:
        """`per_minute` 0 is no limit."""
        self._interval = MINUTE / per_minute if per_minute else 0.0
        self._full_at: dict[str, float] = {}

    def take(self, who: str, now: float) -> None:
        """Take one; `now` in seconds that only grow. Raises `RateLimited` with the time to wait."""
        if not self._interval:
            return
        full_at = max(self._full_at.pop(who, now), now)
        wait = full_at + self._interval - now - MINUTE
        refused = wait > 1e-6  # less is the rounding of sums
        # Put at the end again: the first in the dictionary is who was not heard for longest.
        self._full_at[who] = full_at if refused else full_at + self._interval
        if len(self._full_at) > MOST_REMEMBERED:
            del self._full_at[next(iter(self._full_at))]
        if refused:
            raise RateLimited("Too many requests in the last minute.", retry_after=wait)

    def __len__(self) -> int:
        return len(self._full_at)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of one caller: questions and other requests a minute, answers and uploads at once; of one
    address: refusals a minute. 0 is no limit.
    """

    asks: int = 0
    reads: int = 0
    streams: int = 0
    uploads: int = 0
    failures: int = 0


class Limits:
    """The limits of all callers of this process."""

    def __init__(self, allowance: Allowance) -> None:
        self._asks = RateLimit(allowance.asks)
        self._reads = RateLimit(allowance.reads)
        self._failures = RateLimit(allowance.failures)
        self._streams = allowance.streams
        self._uploads = allowance.uploads
        self._running = Counter[str]()
        self._uploading = Counter[str]()

    def read(self, who: str, now: float) -> None:
        """Count a request that asks no model. Raises `RateLimited`."""
        self._reads.take(who, now)

    def fail(self, address: str, now: float) -> None:
        """Count a request without a usable key. Raises `RateLimited`."""
        self._failures.take(address, now)

    @contextmanager
    def ask(self, who: str, now: float) -> Generator[None]:
        """Count a question, while it is answered. Raises `TooManyStreams` and `RateLimited`."""
        if 0 < self._streams <= self._running[who]:
            raise TooManyStreams(
                f"Answers that are being written for this caller: {self._streams}.",
                retry_after=_ONE_ANSWER,
            )
        self._asks.take(who, now)
        with _counted(self._running, who):
            yield

    @contextmanager
    def upload(self, who: str, now: float) -> Generator[None]:
        """Count an upload, while it is read and stored. Raises `TooManyUploads` and `RateLimited`."""
        if 0 < self._uploads <= self._uploading[who]:
            raise TooManyUploads(
                f"Files of this caller that are being read: {self._uploads}.",
                retry_after=_ONE_ANSWER,
            )
        self._reads.take(who, now)
        with _counted(self._uploading, who):
            yield


@contextmanager
def _counted(running: Counter[str], who: str) -> Generator[None]:
    running[who] += 1
    try:
        yield
    finally:
        running[who] -= 1
        if not running[who]:
            del running[who]
