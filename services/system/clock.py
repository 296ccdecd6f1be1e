"""The machine's clock, as the port `Clock`."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The system clock. Stateless; may be shared."""

    def now(self) -> datetime:
        """Return the current time in UTC; it may jump when the machine's clock is set."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since a fixed moment; they never decrease."""
        return time.monotonic()
