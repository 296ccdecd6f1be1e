"""What a process remembers of callers that it has refused: until when, and how many just now.

Promises: a caller over a limit is refused again without the store until the time it was told to come
back; a few refusals of a caller are answered at once, and the following ones are spread evenly, so
that a client that asks again and again takes little of the server's time. At most `MOST_REMEMBERED`
callers are in memory; the least recently refused is dropped. Leaves to others: who is refused, and why
(`use_cases.kernel.request_limits`).
"""

from dataclasses import dataclass

from use_cases.kernel.errors import RateLimited
from use_cases.kernel.identity.admission import MINUTE

MOST_REMEMBERED = 10_000
AT_ONCE = 10
"""The refusals of a caller that are answered at once: more than a page has requests."""
INTERVAL = 0.01
"""The seconds between its further ones: a hundredth, in which a server answers several of another."""
LONGEST_DELAY = 10.0
"""The most seconds that an answer is held back: that of the last of a thousand connections."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: RateLimited
    over_at: float
    repeated_until: float


class Refusals:
    """The refusals of a process; `now` is in monotonic seconds."""

    def __init__(self) -> None:
        self._kept: dict[str, _Refusal] = {}
        self._answered_until: dict[str, float] = {}

    def keep(self, name: str, error: RateLimited, now: float) -> None:
        """Keeps the refusal of this name until its time, and for a minute at most: a day's budget may be
        raised before the day is over.
        """
        wait = error.retry_after or 0.0
        self._kept.pop(name, None)
        self._kept[name] = _Refusal(error, now + wait, now + min(wait, MINUTE))
        if len(self._kept) > MOST_REMEMBERED:
            del self._kept[next(iter(self._kept))]

    def repeat(self, name: str, now: float) -> None:
        """Raises the refusal that is kept for this name, with the time that is left."""
        kept = self._kept.get(name)
        if kept is None:
            return
        if now < kept.repeated_until:
            error, wait = kept.error, kept.over_at - now
            raise type(error)(error.detail, hint=error.hint, retry_after=wait)
        del self._kept[name]

    def forget(self, name: str, kind: type[RateLimited]) -> None:
        """Forgets the refusal of this name, if it is one of this kind: its reason is gone."""
        kept = self._kept.get(name)
        if kept is not None and isinstance(kept.error, kind):
            del self._kept[name]

    def delay(self, who: str, now: float) -> float:
        """Counts a refusal of this caller; returns the seconds for which to hold its answer back."""
        before = max(self._answered_until.pop(who, now), now)
        until = min(before + INTERVAL, now + AT_ONCE * INTERVAL + LONGEST_DELAY)
        self._answered_until[who] = until
        if len(self._answered_until) > MOST_REMEMBERED:
            del self._answered_until[next(iter(self._answered_until))]
        return max(0.0, until - now - AT_ONCE * INTERVAL)
