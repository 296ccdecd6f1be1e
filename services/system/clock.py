"""The machine's clock, as the port `Clock`."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Time as the machine tells it. Stateless; may be shared."""

    def now(self) -> datetime:
        """The present moment in UTC; it may jump when the machine's clock is set."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        return time.monotonic()
