"""A whole server in a process of its own, with real storage and a model that waits to be told.

The answer to a question with the word `patient` ends when the process gets SIGUSR1, with the word
`endless` never, with the word `flood` it goes on for ever, and any other ends at once. Advice is begun and never
ends. The processes come from a fork server that has everything
imported.
"""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Condition, Thread
from typing import TextIO

import anyio
import uvicorn
from pydantic_ai.messages import ModelMessage, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from backend.composition.container import Container
from backend.http.app import create_app
from backend.observability.log_lines import set_up_logs
from backend.settings.server import LogFormat
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.fakes.search import OneModel
from tests.faults.parts import PROCESSES
from tests.patience import PATIENCE
from use_cases.chat.model import Message
from use_cases.kernel.model import LOCAL

PROCESSES.set_forkserver_preload(
    [
        "tests.faults.parts",
        "tests.faults.tuning",
        "tests.faults.serving",
        "tests.faults.queue_worker",
    ]
)

_ADDRESS = r"http://[\d.]+:\d+"
_LISTENS = r"running on|Started parent process"
WORDS = 20
"""Of every answer, said before it waits."""


def settings_at(folder: Path, seconds: float = 20.0) -> Settings:
    """The settings of the server over this folder."""
    told = {"data_dir": folder / "var", "shutdown_seconds": seconds}
    return Settings.model_validate(told)


def candor_at(folder: Path, seconds: float = 20.0, release: anyio.Event | None = None) -> Container:
    """The Candor behind the server, also for reading what it left."""
    patient = release or anyio.Event()

    async def say(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        if info.output_tools:
            name, begun = info.output_tools[0].name, '{"main_advice": "Take the first one'
            yield {0: DeltaToolCall(name=name, json_args=begun, tool_call_id="1")}
            await anyio.sleep_forever()
        # The last one: a question that got no answer stands before it.
        *_, asked = (p.content for p in messages[-1].parts if isinstance(p, UserPromptPart))
        for number in range(WORDS):
            yield f"word{number} "
        while "flood" in str(asked):
            yield "word " * 2000
        if "patient" in str(asked):
            await patient.wait()
        if "endless" in str(asked):
            await anyio.sleep_forever()
        yield "and the end."

    model = FunctionModel(stream_function=say, model_name="scripted")
    return quick_candor(settings_at(folder, seconds), models=OneModel(model), serving=True)


async def kept(folder: Path) -> Mapping[str, list[Message]]:
    """The messages of every chat of `anna`, by its first question."""
    async with candor_at(folder) as candor:
        manage = candor.chat.manage_chats
        chats = await manage.list(LOCAL, user_id="anna", limit=200)
        found = [list(await manage.read(LOCAL, chat.chat_id, limit=200)) for chat in chats]
    return {messages[0].text: messages for messages in found}


class Log:
    """The lines of a server so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._more = Condition()
        self._over = False

    def read(self, lines: Iterable[str]) -> None:
        """Keep these; to be run in a thread."""
        for line in lines:
            self._tell(line)
        with self._more:
            self._over = True
            self._more.notify_all()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Until a line matches."""
        with self._more:
            self._more.wait_for(lambda: self._over or self._match(pattern), PATIENCE)
            found = self._match(pattern)
        assert found, f"never logged: {pattern}; but: {self.lines}"
        return found

    def wait_until(self, so_far: Callable[[list[str]], bool]) -> None:
        """Until this is true of the lines."""
        with self._more:
            self._more.wait_for(lambda: self._over or so_far(self.lines), PATIENCE)
            assert so_far(self.lines), self.lines

    def _tell(self, line: str) -> None:
        with self._more:
            self.lines.append(line)
            self._more.notify_all()

    def _match(self, pattern: str) -> re.Match[str] | None:
        found = (re.search(pattern, line) for line in self.lines)
        return next((match for match in found if match), None)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, its process, its log."""

    url: str
    pid: int
    log: Log
    wait: Callable[[], int | None]
    """Until it has ended; its exit code."""

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


@contextmanager
def serving(folder: Path, seconds: float = 20.0) -> Generator[Server]:
    """The scripted server over this folder; killed in the end if it still runs."""
    receiving, sending = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_serve, args=(folder, seconds, sending))
    process.start()
    sending.close()

    def wait() -> int | None:
        process.join(PATIENCE)
        return process.exitcode

    with logging(_lines(receiving.recv)) as log:
        try:
            assert process.pid is not None
            yield Server(log.wait_for(_ADDRESS).group(), process.pid, log, wait)
        finally:
            process.kill()
            process.join()
    receiving.close()


@contextmanager
def running(
    *command: str, environment: dict[str, str], stdout: TextIO | None = None
) -> Generator[Server]:
    """A server by its command; killed in the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, *command],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stderr is not None
        with logging(process.stderr) as log:
            try:
                address = log.wait_for(_ADDRESS).group()  # the program's first line
                log.wait_for(_LISTENS)
                yield Server(address, process.pid, log, lambda: process.wait(PATIENCE))
            finally:
                process.kill()


@contextmanager
def logging(lines: Iterable[str]) -> Generator[Log]:
    """What a process says, read in a thread until it ends."""
    log = Log()
    thread = Thread(target=log.read, args=(lines,))
    thread.start()
    try:
        yield log
    finally:
        thread.join()


def _lines(receive: Callable[[], object]) -> Iterator[str]:
    with suppress(EOFError):
        while True:
            yield str(receive())


class _Sent:
    """A terminal at the other end of a pipe."""

    def __init__(self, sending: Connection) -> None:
        self._sending = sending

    def write(self, text: str, /) -> None:
        self._sending.send(text)

    def flush(self) -> None:
        return


def _serve(folder: Path, seconds: float, sending: Connection) -> None:
    """The process."""
    set_up_logs(level="INFO", form=LogFormat.TEXT, to=_Sent(sending))

    def made() -> Container:
        release = anyio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, release.set)
        return candor_at(folder, seconds, release)

    app = create_app(settings_at(folder, seconds), made)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # What a reader does not take soon stays with us, instead of with the system.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        sending.send(f"http://127.0.0.1:{listening.getsockname()[1]}")
        uvicorn.Server(uvicorn.Config(app, log_config=None)).run([listening])
