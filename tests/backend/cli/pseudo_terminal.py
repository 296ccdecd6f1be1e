"""A real pseudo-terminal with the program at its other end."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Self

from tests.backend.cli.test_program import environment
from tests.patience import PATIENCE

CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1b[A"
PROMPT = "\x1b[?2004h"
"""The terminal is told to mark what is pasted: the prompt is there and reads keys."""

_STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[>=]")


class Terminal:
    """The program on a terminal; `gate` lets its model go on, `told` is what the model said of it."""

    def __init__(
        self, folder: Path, *words: str, gated: bool = True, columns: int = 100, **extra: str
    ) -> None:
        self._gate_read, self._gate = os.pipe()
        self._told, self._told_write = os.pipe()
        self._fd, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        fds = {"GATE": str(self._gate_read), "TOLD": str(self._told_write)} if gated else {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.backend.cli.gated_program", *words],
            cwd=folder,
            env=environment(TERM="xterm", LC_ALL="C.UTF-8", **fds, **extra),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            pass_fds=(self._gate_read, self._told_write),
            start_new_session=True,
        )
        os.close(theirs)
        self._seen = ""
        self._place = 0
        self._bytes = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for fd in (self._gate_read, self._gate, self._told, self._told_write, self._fd):
            if fd >= 0:
                os.close(fd)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._fd, text.encode())

    def ask(self, text: str) -> None:
        """Wait for the prompt and send a line."""
        self.until(PROMPT)
        self.type(f"{text}\r")

    def open_gate(self) -> None:
        """Let the model go on."""
        os.write(self._gate, b".")

    def told(self) -> str:
        """Wait for what the model says of itself."""
        assert select.select([self._told], [], [], PATIENCE)[0]
        return os.read(self._told, 100).decode()

    def until_asleep(self, text: str) -> None:
        """Wait for the prompt `text`, and until the program waits for a key.

        Python's `input` misses a Ctrl-C that comes between its prompt and its read.
        """
        self.until(text)
        stat, end = Path(f"/proc/{self.process.pid}/stat"), time.monotonic() + PATIENCE
        while stat.read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < end, "the program computes on"

    def until(self, text: str) -> str:
        """Wait for `text`; what came since the last wait, up to it, without what steers a terminal."""
        end = time.monotonic() + PATIENCE
        while (found := self._seen.find(text, self._place)) < 0:
            left = end - time.monotonic()
            if not self._read(max(left, 0)):
                raise AssertionError(f"no {text!r} in {self._seen[self._place :]!r}")
        begun, self._place = self._place, found + len(text)
        return _STEERING.sub("", self._seen[begun : self._place]).replace("\r\n", "\n")

    def ended(self) -> tuple[int, str]:
        """Wait for the end: the exit code, and what came since the last wait."""
        while self._read(PATIENCE):
            pass
        rest = _STEERING.sub("", self._seen[self._place :]).replace("\r\n", "\n")
        return self.process.wait(PATIENCE), rest

    def hang_up(self) -> None:
        """Close the terminal's window."""
        os.close(self._fd)
        self._fd = -1
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGHUP)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self._fd, 65_536)
        except OSError:
            return False  # the other end has closed
        self._bytes += piece
        self._seen = self._bytes.decode("utf-8", "ignore")
        return bool(piece)
