"""API keys: their form, their digests, and the rights of their bearer.

A key reads `cndr_<prefix>_<secret>`. Its prefix is public and selects the record; only the SHA-256
of the whole key is stored. A plain hash suffices: the secret has 238 random bits, so a slow hash
would protect against no guess.

Promises: two keys are compared in constant time. Leaves to others: storage (`ApiKeys`), use
(`use_cases.kernel.identity.manage_keys`, `use_cases.kernel.identity.manage_keys`).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from use_cases.kernel.model import Caller, Page, Scope

PREFIX_LENGTH = 10
SECRET_LENGTH = 40
"""The length of a secret over 62 characters: 238 bits."""

_SHAPE = re.compile(rf"cndr_([0-9A-Za-z]{{{PREFIX_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH}}}")
_UNKNOWN_DIGEST = hashlib.sha256(b"the key of nobody").hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The stored record of a key. `digest` is the SHA-256 of the whole key, in hexadecimal.

    All moments have a time zone. `last_used_at` may be a minute behind. `tokens_per_day` and
    `cost_per_day` (US dollars) are its own limits: None for the server's, 0 for none.
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
        """The caller that its bearer acts for."""
        return Caller(self.user_id, owns_all=False, scopes=self.scopes, key_id=self.key_id)

    def in_force(self, now: datetime) -> bool:
        """Returns whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class ApiKeys(Protocol):
    """The stored keys. Every process sees a change at its next read."""

    async def add(self, key: ApiKey) -> None:
        """Stores a key, and creates its user if new. Raises `Conflict` for a taken prefix."""
        ...

    async def by_prefix(self, prefix: str) -> ApiKey | None:
        """Returns the key with exactly this prefix, in force or not."""
        ...

    async def by_id(self, key_id: str) -> ApiKey | None:
        """Returns the key with this id, in force or not."""
        ...

    async def keys(
        self, *, user_id: str | None = None, limit: int = 100, offset: int = 0
    ) -> Page[ApiKey]:
        """Returns every key (of one user), in force or not, the newest first."""
        ...

    async def revoke(self, name: str, at: datetime) -> ApiKey:
        """Revokes the key of this id or prefix; a revoked one keeps its moment.

        Raises `ApiKeyNotFound`.
        """
        ...

    async def used(self, key_id: str, at: datetime) -> None:
        """Stores the time of its last use, unless a later one is stored; ignores an unknown id."""
        ...


def whole(prefix: str, secret: str) -> str:
    """Returns the whole key, which its bearer sees once."""
    return f"cndr_{prefix}_{secret}"


def prefix_of(presented: str) -> str | None:
    """Returns the public prefix of a well-formed key; None for anything else."""
    match = _SHAPE.fullmatch(presented)
    return match[1] if match else None


def digest_of(presented: str) -> str:
    """Returns the SHA-256 of the whole key, in hexadecimal."""
    return hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()


def is_key(presented: str, stored: ApiKey | None) -> bool:
    """Returns whether it is the stored key. Without one the same work is done."""
    expected = _UNKNOWN_DIGEST if stored is None else stored.digest
    same = hmac.compare_digest(digest_of(presented).encode(), expected.encode())
    return same and stored is not None
