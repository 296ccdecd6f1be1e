"""A service with JSON on loopback, which answers as it was told to and keeps what it was asked."""

from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response

from tests.backend.http.listening import listening


@dataclass
class JsonStub:
    """Its address, what it will say next, and what it was asked: path, authorization and body."""

    address: str = ""
    answers: deque[Response] = field(default_factory=deque[Response])
    asked: list[tuple[str, str, Any]] = field(default_factory=list[tuple[str, str, Any]])

    @property
    def bodies(self) -> list[Any]:
        """The bodies that it got."""
        return [body for _, _, body in self.asked]


@contextmanager
def json_stub() -> Generator[JsonStub]:
    """Serve it."""
    stub, app = JsonStub(), FastAPI()

    @app.post("/{path:path}")
    async def answer(path: str, request: Request) -> Response:
        stub.asked.append((path, request.headers.get("Authorization", ""), await request.json()))
        return stub.answers.popleft()

    with listening(app) as stub.address:
        yield stub
