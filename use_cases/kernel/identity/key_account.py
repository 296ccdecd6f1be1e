"""The account of an API key: what is charged to it without a record, and whether its day is used up.

Promises: a caller without a key is charged nothing and has no limit. Leaves to others: the charge of
a recorded answer, which is stored with it.
"""

from typing import TYPE_CHECKING

from use_cases.kernel.identity.admission import (
    Admissions,
    Budget,
    Charges,
    Estimate,
    Used,
    charge,
    until_midnight,
)
from use_cases.kernel.identity.api_key import ApiKeys
from use_cases.kernel.identity.errors import BudgetSpent
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock

if TYPE_CHECKING:
    from pydantic_ai.usage import RunUsage


class KeyAccount:
    """The accounts of the callers' keys."""

    def __init__(
        self,
        *,
        keys: ApiKeys,
        admissions: Admissions,
        charges: Charges,
        budget: Budget,
        estimate: Estimate,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._admissions = admissions
        self._charges = charges
        self._budget = budget
        self._estimate = estimate
        self._clock = clock

    async def require_budget(self, caller: Caller) -> None:
        """Raise `BudgetSpent` where the caller's key has used up a limit of this day."""
        key = None if caller.key_id is None else await self._keys.by_id(caller.key_id)
        if key is None:
            return
        now = self._clock.now()
        used = await self._admissions.used([key.key_id], now.date())
        reached = used.get(key.key_id, Used()).over(self._budget.of(key))
        if reached is not None:
            raise BudgetSpent(
                f"The key has used {reached} of this day.", retry_after=until_midnight(now)
            )

    async def charge(
        self,
        caller: Caller,
        usage: "RunUsage | None",
        *,
        metered: bool = True,
        complete: bool = True,
    ) -> None:
        """Charge the caller's key for one answer; see `admission.charge`."""
        if caller.key_id is None:
            return
        owed = charge(
            caller,
            usage,
            metered=metered,
            complete=complete,
            now=self._clock.now(),
            estimate=self._estimate,
        )
        if owed is not None:
            await self._charges.charge(owed)
