"""API keys in memory."""

from dataclasses import replace
from datetime import datetime

from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import ApiKeyNotFound
from use_cases.kernel.model import Page, page_of


class InMemoryApiKeys:
    """Port `ApiKeys`: a dictionary by prefix."""

    def __init__(self) -> None:
        self.kept: dict[str, ApiKey] = {}

    async def add(self, key: ApiKey) -> None:
        """Keep it."""
        if key.prefix in self.kept:
            raise Conflict("An API key with this prefix already exists.")
        self.kept[key.prefix] = key

    async def by_prefix(self, prefix: str) -> ApiKey | None:
        """The key with exactly this prefix."""
        return self.kept.get(prefix)

    async def by_id(self, key_id: str) -> ApiKey | None:
        """The key with this id."""
        return next((key for key in self.kept.values() if key.key_id == key_id), None)

    async def keys(
        self, *, user_id: str | None = None, limit: int = 100, offset: int = 0
    ) -> Page[ApiKey]:
        """The newest first."""
        own = [key for key in self.kept.values() if user_id in (None, key.user_id)]
        own.sort(key=lambda key: (key.created_at, key.key_id), reverse=True)
        return page_of(own[offset:], limit)

    async def revoke(self, name: str, at: datetime) -> ApiKey:
        """End the key of this id or prefix."""
        for key in self.kept.values():
            if name in (key.key_id, key.prefix):
                ended = replace(key, revoked_at=key.revoked_at or at)
                self.kept[key.prefix] = ended
                return ended
        raise ApiKeyNotFound("No API key has this id or prefix.")

    async def used(self, key_id: str, at: datetime) -> None:
        """Keep the latest use."""
        for key in self.kept.values():
            if key.key_id == key_id and (key.last_used_at is None or key.last_used_at < at):
                self.kept[key.prefix] = replace(key, last_used_at=at)
                return
