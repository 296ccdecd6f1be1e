"""Tells who asks by the API key that was presented, and keeps when a key was last used.

Promises: a key that was revoked or has expired is refused from that moment on, in every process,
for nothing is remembered between two requests; whoever presents a key learns only whether it can
be used. The log has the reason, and of the key no more than its id or its public prefix.
"""

import asyncio
from datetime import datetime, timedelta

from loguru import logger

from use_cases.kernel.errors import CandorError
from use_cases.kernel.identity.api_key import ApiKey, ApiKeys, is_key, prefix_of
from use_cases.kernel.identity.errors import ApiKeyInvalid
from use_cases.kernel.ports import Clock

USE_IS_KEPT_EVERY = timedelta(minutes=1)


class IdentifyCaller:
    """Whose key it is."""

    def __init__(self, *, keys: ApiKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    async def run(self, presented: str) -> ApiKey:
        """The key; its `caller` is who asks. Raises `ApiKeyInvalid`, the same for every reason.

        The same is done for a key that exists and for one that does not: one reading, one digest,
        one comparison of digests.
        """
        prefix = prefix_of(presented)
        kept = await self._keys.by_prefix(prefix or "")
        same = is_key(presented, kept)
        if kept is not None and same and kept.in_force(self._clock.now()):
            return kept
        logger.info("an API key was refused: {}", _reason(prefix, kept, same=same))
        raise ApiKeyInvalid("The API key is not valid.")


class KeepLastUses:
    """Writes when keys were last used: beside the requests, and at most once a minute for a key."""

    def __init__(self, *, keys: ApiKeys) -> None:
        self._keys = keys
        self._waiting: dict[str, datetime] = {}
        self._noted = asyncio.Event()

    def note(self, key: ApiKey, now: datetime) -> None:
        """Have it kept soon; costs no waiting."""
        if key.last_used_at is None or now - key.last_used_at >= USE_IS_KEPT_EVERY:
            self._waiting.setdefault(key.key_id, now)
            self._noted.set()

    async def run(self) -> None:
        """Keep what is noted, for as long as it is not cancelled."""
        while True:
            await self._noted.wait()
            await self.flush()

    async def flush(self) -> None:
        """Keep what is noted so far. A use that cannot be kept is logged and forgotten."""
        self._noted.clear()
        for key_id, at in list(self._waiting.items()):
            try:
                await self._keys.used(key_id, at)
            except CandorError as error:
                logger.warning("the last use of {} is not kept: {}", key_id, error.detail)
            # Only now: a use whose writing was cancelled is written by the next flush.
            self._waiting.pop(key_id, None)


def _reason(prefix: str | None, kept: ApiKey | None, *, same: bool) -> str:
    if prefix is None:
        return "it does not have the shape of a key"
    if kept is None:
        return f"there is none with the prefix {prefix}"
    if not same:
        return f"it begins as {kept.key_id} and is another"
    return f"{kept.key_id} is {'expired' if kept.revoked_at is None else 'revoked'}"
