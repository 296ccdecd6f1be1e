"""Readers of a server in another process: each asks one question and notes what arrives."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import anyio
import httpx
from anyio.abc import TaskGroup

from tests.patience import PATIENCE

USER = "anna"


@dataclass
class Reader:
    """One question over the wire of AI SDK 4. `began` is set by the first text."""

    question: str
    chat_id: str | None = None
    began: anyio.Event = field(default_factory=anyio.Event)
    lines: list[str] = field(default_factory=list[str])
    ended: bool = False
    """Whether the stream came to its own end."""

    async def read(self, client: httpx.AsyncClient) -> None:
        """Ask, and read until there is no more."""
        body = {"user_id": USER, "message": self.question, "chat_id": self.chat_id}
        try:
            while not await self._answered(client, body):
                continue
            self.ended = True
        except httpx.HTTPError:
            self.began.set()

    async def _answered(self, client: httpx.AsyncClient, body: dict[str, str | None]) -> bool:
        """False where a killed process still holds the chat: it is asked again."""
        async with client.stream("POST", "/chat/stream", json=body) as response:
            if response.status_code == HTTPStatus.CONFLICT:
                return False
            async for line in response.aiter_lines():
                self.lines.append(line)
                if line.startswith("0:"):
                    self.began.set()
        return True

    @property
    def last(self) -> str:
        """The last line that means something."""
        return next(line for line in reversed(self.lines) if line.strip())


@asynccontextmanager
async def reading(url: str, readers: list[Reader]) -> AsyncGenerator[httpx.AsyncClient]:
    """All of them at once, each with text already; in the end all have been read."""
    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=url, timeout=PATIENCE, limits=limits, trust_env=False) as client,
        anyio.create_task_group() as tasks,
    ):
        await _begun(tasks, client, readers)
        yield client


async def _begun(tasks: TaskGroup, client: httpx.AsyncClient, readers: list[Reader]) -> None:
    for reader in readers:
        tasks.start_soon(reader.read, client)
    with anyio.fail_after(PATIENCE):
        for reader in readers:
            await reader.began.wait()
