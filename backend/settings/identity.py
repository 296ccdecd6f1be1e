"""The limits of one caller: a group of settings."""

from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from backend.settings.group import SettingGroup


class IdentitySettings(SettingGroup):
    """How much one caller may ask."""

    heading: ClassVar[str] = "Limits of one caller"

    rate_limit_per_minute: int | None = Field(default=None, ge=0, le=1_000_000)
    """Questions that one caller (an API key) may ask in a minute; 0 is no limit. Unset: 60 with AUTH_MODE=required, no limit in local mode, where everyone is one caller."""
    rate_limit_reads_per_minute: int | None = Field(default=None, ge=0, le=1_000_000)
    """Other requests of one caller in a minute; 0 is no limit. Unset: 600 with AUTH_MODE=required, no limit in local mode."""
    rate_limit_failures_per_minute: ClassVar[int] = 30
    """Requests without a valid key that one address may send in a minute before it gets 429 instead of 401. A valid key is always accepted. No setting: enough for a client with a wrong key, too few to guess one."""
    max_streams_per_caller: int | None = Field(default=None, ge=0, le=1_000_000)
    """Answers that one caller may have running at once; 0 is no limit. Unset: 10 with AUTH_MODE=required, no limit in local mode."""
    max_queries_per_caller: ClassVar[int] = 20
    """SQL queries on the tables that one caller may have running or waiting at once. In local mode there is no limit. No setting: a query takes two seconds at most."""
    max_uploads_per_caller: ClassVar[int] = 4
    """Uploads that one caller may have running at once. In local mode there is no limit. No setting: two files are read at a time."""

    tokens_per_day: int | None = Field(default=None, ge=0)
    """Tokens (input and output together) that one API key may use on a day (UTC), unless the key has a limit of its own (`candor keys create --tokens-per-day`). Unset or 0: no limit."""
    cost_per_day: Decimal | None = Field(default=None, ge=0)
    """US dollars that one API key may cost on a day (UTC), unless the key has a limit of its own (`candor keys create --cost-per-day`). Unset or 0: no limit."""
    unknown_tokens: ClassVar[int] = 10_000
    """Tokens that count for an answer of which the provider reports none, and for the unfinished request of one that was stopped or lost with its process. No setting: a budget had better end too early than too late."""
    unknown_cost: Decimal = Field(default=Decimal("0.05"), ge=0)
    """US dollars that count for an answer whose price is not known, and for the unfinished request of one that was stopped or lost with its process. Set it to 0 if your models cost nothing; the offline ones never count."""
