"""The authentication of API keys, and the record of their last use.

Promises: a revoked or expired key is refused from that moment on, in every process, because nothing
is cached between two requests; the bearer learns only whether the key is valid. The log has the
reason, and only the key's id or public prefix.
"""

import asyncio
from datetime import datetime, timedelta

from loguru import logger

from use_cases.kernel.errors import CandorError
from use_cases.kernel.identity.api_key import ApiKey, ApiKeys, is_key, prefix_of
from use_cases.kernel.identity.errors import ApiKeyInvalid
from use_cases.kernel.ports import Clock

WRITE_INTERVAL = timedelta(minutes=1)


class IdentifyCaller:
    """The use case that authenticates an API key, and notes its use."""

    def __init__(self, *, keys: ApiKeys, clock: Clock, last_uses: "LastUseWriter") -> None:
        self._keys = keys
        self._clock = clock
        self._last_uses = last_uses

    async def run(self, presented: str) -> ApiKey:
        """Return the key with its `caller`. Raises `ApiKeyInvalid`, the same for every reason.

        An existing and an unknown key take the same work: one read, one digest, one comparison of
        digests.
        """
        prefix = prefix_of(presented)
        stored = await self._keys.by_prefix(prefix or "")
        same = is_key(presented, stored)
        now = self._clock.now()
        if stored is not None and same and stored.in_force(now):
            self._last_uses.note(stored, now)
            return stored
        logger.info("an API key was refused: {}", _reason(prefix, stored, same=same))
        raise ApiKeyInvalid("The API key is not valid.")


class LastUseWriter:
    """A background writer of the times of last use, at most once a minute per key."""

    def __init__(self, *, keys: ApiKeys) -> None:
        self._keys = keys
        self._waiting: dict[str, datetime] = {}
        self._noted = asyncio.Event()

    def note(self, key: ApiKey, now: datetime) -> None:
        """Schedule the write; returns at once."""
        if key.last_used_at is None or now - key.last_used_at >= WRITE_INTERVAL:
            self._waiting.setdefault(key.key_id, now)
            self._noted.set()

    async def run(self) -> None:
        """Write the noted uses until cancelled."""
        while True:
            await self._noted.wait()
            await self.flush()

    async def flush(self) -> None:
        """Write the uses noted so far. A failed write is logged and dropped."""
        self._noted.clear()
        for key_id, at in list(self._waiting.items()):
            try:
                await self._keys.used(key_id, at)
            except CandorError as error:
                logger.warning("the last use of {} is not kept: {}", key_id, error.detail)
            # Only now: a use whose writing was cancelled is written by the next flush.
            self._waiting.pop(key_id, None)


def _reason(prefix: str | None, stored: ApiKey | None, *, same: bool) -> str:
    if prefix is None:
        return "it does not have the shape of a key"
    if stored is None:
        return f"there is none with the prefix {prefix}"
    if not same:
        return f"it begins as {stored.key_id} and is another"
    return f"{stored.key_id} is {'expired' if stored.revoked_at is None else 'revoked'}"
