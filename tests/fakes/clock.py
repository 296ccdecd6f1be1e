"""A clock that stands where the test puts it."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """Port `Clock`: always the same moment, until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)) -> None:
        self._now = now
        self._seconds = 0.0

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._now

    def monotonic(self) -> float:
        """The seconds it was moved by."""
        return self._seconds

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._seconds += seconds
