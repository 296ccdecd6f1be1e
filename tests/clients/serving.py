"""The real application on a real uvicorn in a thread of its own, over a small real library.

Only the model is scripted and the embedder quick. Beside the application's own paths a client under
test may `POST /-/note/{what}` (open a gate) and `GET /-/noted/{what}` (wait until it happened).
"""

import asyncio
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

import anyio
import uvicorn

from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import Settings
from tests.clients.scripted import Gates, scripted
from tests.fakes.candor import quick_candor
from tests.fakes.search import OneModel
from tests.patience import PATIENCE
from use_cases.kernel.model import Scope as Right

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

DOCUMENTS = {
    "policies/passwords.md": "---\ntitle: Password policy\nupdated: 2026-02-02\n---\n"
    "# Rotation\n\nPasswords must be rotated every 90 days.\n",
    "directory.csv": "name,role,office\nAda Byron,engineer,London\nGrace Hopper,admiral,New York\n"
    "Alan Turing,engineer,Manchester\n",
}

_PREFIX = "/-/"


class Served:
    """The server; `url` has no path. Without `script` its model is what the settings say."""

    def __init__(self, folder: Path, *, script: bool = True, **settings: object) -> None:
        self._gates = Gates()
        self._script = script
        self._model = scripted(self._gates)
        self._settings = Settings.model_validate({"data_dir": folder / "var", **settings})
        _write(folder / "documents", DOCUMENTS)
        anyio.run(self._ingest, str(folder / "documents"))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        app = create_app(self._settings, self._candor)
        config = uvicorn.Config(self._controlled(app), log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def __enter__(self) -> "Served":
        # The socket already listens, so a client that is early waits in its queue.
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def key(self, user: str) -> str:
        """A new API key of this user, made as another process would."""

        async def make() -> str:
            async with self._candor() as candor:
                made = await candor.identity.manage_keys.create(
                    user, label="test", scopes=(Right.CHAT,)
                )
                return made.secret

        return anyio.run(make)

    def _candor(self) -> Container:
        models = OneModel(self._model) if self._script else None
        return quick_candor(self._settings, models=models, serving=True)

    async def _ingest(self, folder: str) -> None:
        async with self._candor() as candor:
            async for _ in candor.knowledge.ingest.stream(folder):
                pass

    def _controlled(self, app: "ASGIApp") -> "ASGIApp":
        """The application with the paths for the client under test in front."""

        async def controlled(scope: "Scope", receive: "Receive", send: "Send") -> None:
            path = cast("str", scope.get("path", ""))
            if scope["type"] != "http" or not path.startswith(_PREFIX):
                await app(scope, receive, send)
                return
            verb, _, what = unquote(path.removeprefix(_PREFIX)).partition("/")
            status = 204
            if verb == "note":
                self._gates.note(what)
            else:
                try:
                    async with asyncio.timeout(PATIENCE):
                        await self._gates.noted(what)
                except TimeoutError:
                    status = 504
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        return controlled


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
