"""`candor` for many commands in a row: imported once, and forked for each.

    with Forked(folder) as forked:
        ...  # `forked.program` is a program that behaves as `candor` does

A command costs its work alone, not the seconds of its imports. What it reads of its surroundings is the
caller's own: arguments, environment, folder and open files. The process that forks runs nothing itself.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from types import TracebackType

from backend.cli import command_run
from backend.cli.program import COMMANDS, load, main
from backend.composition import container
from tests.fakes.candor import quick_candor

_CLIENT = """#!{python} -IS
import json, os, socket, sys
said = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
with socket.socket(socket.AF_UNIX) as candor:
    candor.connect({address!r})
    socket.send_fds(candor, [len(said).to_bytes(4, "big")], [0, 1, 2])
    candor.sendall(said)
    ended = candor.recv(1)
sys.exit(ended[0] if ended else 70)
"""


class Forked:
    """The process that forks, and the program that asks it to."""

    def __init__(self, folder: Path) -> None:
        self._address = str(folder / "candor.socket")
        self.program = folder / "candor"
        self.program.write_text(_CLIENT.format(python=sys.executable, address=self._address))
        self.program.chmod(0o755)

    def __enter__(self) -> "Forked":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.installation.forked_program", self._address],
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()


def _serve(address: str) -> None:
    for name in COMMANDS:
        load(name)
    for name in ("pydantic_ai.models.function", "sqlalchemy.ext.asyncio"):
        import_module(name)  # what most commands import when they run
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        os.write(1, b"ready\n")
        while True:
            asked, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os._exit(_run(asked))
            asked.close()


def _run(asked: socket.socket) -> int:
    size, files, _, _ = socket.recv_fds(asked, 4, 3)
    said = b""
    while len(said) < int.from_bytes(size, "big"):
        said += asked.recv(1 << 16)
    sys.argv[1:], environment, folder = json.loads(said)
    for place, file in enumerate(files):
        os.dup2(file, place)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(place, mode, encoding="utf-8", buffering=1 if mode == "w" else -1)
        for place, mode in enumerate(("r", "w", "w"))
    )
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if sys.argv[1:2] == ["serve"]:
        threading.Thread(target=_end_with_caller, args=(asked,), daemon=True).start()
    if "QUICK_EMBEDDER" in environment:
        for module in (command_run, container):
            vars(module)["Container"] = quick_candor
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    asked.send(bytes([code]))
    return code


def _end_with_caller(asked: socket.socket) -> None:
    asked.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    _serve(sys.argv[1])
