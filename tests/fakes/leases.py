"""Leases in memory."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tests.fakes.clock import FixedClock
from use_cases.kernel.runs.inflight import LeaseKeeper


@dataclass
class Lease:
    """One of them."""

    name: str
    until: datetime
    cancelled: bool = False


class InMemoryLeases:
    """Port `Leases`: a dictionary by id."""

    def __init__(self) -> None:
        self.held: dict[str, Lease] = {}

    async def kept(self, lease_ids: Collection[str]) -> Collection[str]:
        """Those that are there and not cancelled."""
        return {one for one in lease_ids if one in self.held and not self.held[one].cancelled}

    async def renew(self, lease_ids: Collection[str], until: datetime) -> None:
        """Hold them until then."""
        for one in lease_ids:
            if one in self.held:
                self.held[one].until = until

    async def cancel(self, name: str, now: datetime) -> bool:
        """Ask the process that holds this name to stop."""
        found = self.in_force(name, now)
        for lease in found:
            lease.cancelled = True
        return bool(found)

    async def try_write(self) -> None:
        return

    async def release(self, lease_id: str) -> None:
        """Let go."""
        self.held.pop(lease_id, None)

    def in_force(self, name: str, now: datetime) -> list[Lease]:
        """Those of this name that hold."""
        return [one for one in self.held.values() if one.name == name and one.until > now]

    def end_all(self, name: str) -> None:
        """End every lease of this name."""
        self.held = {key: one for key, one in self.held.items() if one.name != name}


def keeper(leases: InMemoryLeases | None = None) -> LeaseKeeper:
    """A keeper of these leases at a moment that does not pass."""
    return LeaseKeeper(leases=leases or InMemoryLeases(), clock=FixedClock())
