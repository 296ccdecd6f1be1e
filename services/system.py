"""The machine's clock and entropy, as ports, and identifiers that sort by the time of their creation.

Promises: unique without coordination between processes, strictly increasing (as text) within one
`TimeSortedIds`, usable in URLs and file names, without look-alike letters.

The layout is the ULID's (https://github.com/ulid/spec): 48 bits of milliseconds since 1970, then
80 random bits, written as 26 characters of Crockford's base 32. Within one millisecond, or when
the clock goes back, the last value is incremented instead of drawn anew; a full random part carries
into the milliseconds, so the order holds even then.
"""

import os
import secrets
import socket
import string
import threading
import time
from datetime import UTC, datetime

from use_cases.kernel.ports import Clock


class SystemClock:
    """The system clock. Stateless; may be shared."""

    def now(self) -> datetime:
        """Returns the current time in UTC; it may jump when the machine's clock is set."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Returns seconds since a fixed moment; they never decrease."""
        return time.monotonic()


def process_name() -> str:
    """Returns the name of this machine and the number of this process, such as `mara:4711`."""
    return f"{socket.gethostname()}:{os.getpid()}"


_CHARACTERS = string.ascii_letters + string.digits


class SystemEntropy:
    """The port `Entropy` over the module `secrets`."""

    def characters(self, count: int) -> str:
        """Returns `count` random letters and digits."""
        return "".join(secrets.choice(_CHARACTERS) for _ in range(count))


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_LENGTH = 26


class TimeSortedIds:
    """A source of new ids, safe to share between threads."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def new(self, prefix: str) -> str:
        """Returns `prefix`, an underscore and 26 characters; later ids sort after earlier ones."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        drawn = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            same_moment = milliseconds <= self._last >> _RANDOM_BITS
            self._last = self._last + 1 if same_moment else drawn
            number = self._last
        return f"{prefix}_{_base32(number)}"


def _base32(number: int) -> str:
    return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(_LENGTH)))
