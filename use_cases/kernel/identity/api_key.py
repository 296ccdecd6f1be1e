"""Who asks: API keys, and what they say of their bearer.

A key reads `cndr_<prefix>_<secret>`. Its prefix is public and finds it; of the whole only the
SHA-256 is kept. A plain hash is enough: the secret is drawn at random with 238 bits, so there is
nothing to guess that a slow hash would protect.

Promises: two keys are compared in the same time wherever they differ. Leaves to others: where
keys are kept (`ApiKeys`), what they are asked for (`use_cases.kernel.identity.manage_keys`,
`use_cases.kernel.identity.authentication`).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.page import Page

PREFIX_LENGTH = 10
SECRET_LENGTH = 40
"""Characters of 62 kinds: 238 bits."""

_SHAPE = re.compile(rf"cndr_([0-9A-Za-z]{{{PREFIX_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH}}}")
_NOBODYS = hashlib.sha256(b"the key of nobody").hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key. `digest` is the SHA-256 of the whole key, in hexadecimal.

    All moments are aware. `last_used_at` may be a minute behind. `tokens_per_day` and `cost_per_day`
    (US dollars) are its own limits: None for those of the server, 0 for none.
    """

    key_id: str
    prefix: str
    user_id: str
    label: str
    scopes: frozenset[Scope]
    created_at: datetime
    digest: str = field(repr=False)
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    tokens_per_day: int | None = None
    cost_per_day: Decimal | None = None

    @property
    def caller(self) -> Caller:
        """On whose behalf its bearer acts."""
        return Caller(self.user_id, owns_all=False, scopes=self.scopes, key_id=self.key_id)

    def in_force(self, now: datetime) -> bool:
        """Whether it was neither revoked nor has expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class ApiKeys(Protocol):
    """The keys that were made. A change is seen by every process at its next reading."""

    async def add(self, key: ApiKey) -> None:
        """Keep it, and make its user where the name is new. Raises `Conflict` for a taken prefix."""
        ...

    async def by_prefix(self, prefix: str) -> ApiKey | None:
        """The key with exactly this prefix, in force or not."""
        ...

    async def keys(
        self, *, user_id: str | None = None, limit: int = 100, offset: int = 0
    ) -> Page[ApiKey]:
        """Every key (of one user), in force or not, the newest first."""
        ...

    async def revoke(self, name: str, at: datetime) -> ApiKey:
        """End the key of this id or prefix; one that was revoked keeps its moment.

        Raises `ApiKeyNotFound`.
        """
        ...

    async def used(self, key_id: str, at: datetime) -> None:
        """Keep when it was last used, unless a later use is kept; nothing for an unknown id."""
        ...


def whole(prefix: str, secret: str) -> str:
    """The key as its bearer gets to see it, once."""
    return f"cndr_{prefix}_{secret}"


def prefix_of(presented: str) -> str | None:
    """The public part of what has a key's shape; None for anything else."""
    match = _SHAPE.fullmatch(presented)
    return match[1] if match else None


def digest_of(presented: str) -> str:
    """SHA-256 of the whole key, in hexadecimal."""
    return hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()


def is_key(presented: str, kept: ApiKey | None) -> bool:
    """Whether it is the kept key. Without one the same work is done, for nothing."""
    expected = _NOBODYS if kept is None else kept.digest
    same = hmac.compare_digest(digest_of(presented).encode(), expected.encode())
    return same and kept is not None
