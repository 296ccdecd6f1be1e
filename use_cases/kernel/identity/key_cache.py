"""Lookups of API keys, kept for a moment: who asks often is known without the store.

Promises: a key that another process revokes is refused a second later at the latest, and one that
this process revokes at once; the second begins before the store is asked. An unknown prefix is kept
like a known one, so a wrong key costs one reading a second. At most `MOST_KEPT` lookups are in
memory; the least recently used is dropped. Leaves to others: whether a key is in force now
(`use_cases.kernel.identity.manage_keys`), which is decided anew for each request.
"""

from dataclasses import dataclass
from datetime import datetime

from use_cases.kernel.identity.api_key import ApiKey, ApiKeys
from use_cases.kernel.model import Page
from use_cases.kernel.ports import Clock

KEPT_SECONDS = 1.0
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Lookup:
    key: ApiKey | None
    until: float


class CachedApiKeys:
    """Implementation of the port `ApiKeys` over another one; it keeps lookups by prefix for a second."""

    def __init__(self, *, keys: ApiKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._lookups: dict[str, _Lookup] = {}
        self._changes = 0

    async def add(self, key: ApiKey) -> None:
        """Stores a key. Raises `Conflict`."""
        try:
            await self._keys.add(key)
        finally:
            self._forget()

    async def by_prefix(self, prefix: str) -> ApiKey | None:
        """Returns the key with exactly this prefix, as it was within the last second."""
        now = self._clock.monotonic()
        found = self._lookups.pop(prefix, None)
        if found is None or now >= found.until:
            before = self._changes
            found = _Lookup(await self._keys.by_prefix(prefix), now + KEPT_SECONDS)
            if before != self._changes:  # it may have been read before the change
                return found.key
        # Moved to the end: the first in the dictionary is the least recently used.
        self._lookups[prefix] = found
        if len(self._lookups) > MOST_KEPT:
            del self._lookups[next(iter(self._lookups))]
        return found.key

    async def by_id(self, key_id: str) -> ApiKey | None:
        """Returns the key with this id."""
        return await self._keys.by_id(key_id)

    async def keys(
        self, *, user_id: str | None = None, limit: int = 100, offset: int = 0
    ) -> Page[ApiKey]:
        """Returns every key (of one user), the newest first."""
        return await self._keys.keys(user_id=user_id, limit=limit, offset=offset)

    async def revoke(self, name: str, at: datetime) -> ApiKey:
        """Revokes the key of this id or prefix, from now on. Raises `ApiKeyNotFound`."""
        try:
            return await self._keys.revoke(name, at)
        finally:
            self._forget()

    async def used(self, key_id: str, at: datetime) -> None:
        """Stores the time of its last use; the next request reads it, and does not write it again."""
        await self._keys.used(key_id, at)
        for prefix, found in self._lookups.items():
            if found.key is not None and found.key.key_id == key_id:
                del self._lookups[prefix]
                return

    def _forget(self) -> None:
        """Drops every lookup; one that is under way is not kept either. Keys rarely change."""
        self._changes += 1
        self._lookups.clear()
