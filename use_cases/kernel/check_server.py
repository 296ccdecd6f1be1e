"""Who uses the database, where several machines may share it."""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from use_cases.kernel.errors import StorageBusy


@dataclass(frozen=True, slots=True)
class ServerUse:
    """Candor's processes by their machines, this one's included, and the connections of everybody.

    `connections` are open on the server, of `most` that it gives.
    """

    processes: Mapping[str, int]
    connections: int
    most: int


class UseProbe(Protocol):
    """The database that may be shared."""

    async def use(self) -> ServerUse | None:
        """Returns who uses it; None where it is a file of this machine."""
        ...

    async def is_shared(self) -> bool:
        """Returns whether another process has it open; of a file, before this one opens it."""
        ...


class CheckServer:
    """The use case that says who uses the database."""

    def __init__(self, *, server_use: UseProbe) -> None:
        self._server_use = server_use

    async def use(self) -> ServerUse | None:
        """Returns who uses it; None where it is a file of this machine."""
        return await self._server_use.use()

    async def require_alone(self) -> None:
        """Raises `StorageBusy` where another process has the database open."""
        if await self._server_use.is_shared():
            raise StorageBusy(
                "Another process has the database open.",
                hint="Stop every server and worker, then run the same command again.",
            )


def process_name() -> str:
    """Returns the name under which this process connects to a server: `candor/MACHINE/PROCESS`."""
    machine = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:40]
    return f"candor/{machine}/{os.getpid()}"
