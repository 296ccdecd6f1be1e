"""What a person sees on a terminal of a given width: the program on a pseudo-terminal in this process."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import threading
from collections.abc import Callable
from dataclasses import dataclass

from backend.cli.program import app
from backend.cli.terminal.layout import cells

_PIECE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Seen:
    """The end of a command and the lines it left on the screen, stdout and stderr together."""

    exit_code: int
    lines: list[str]

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)

    def words(self) -> set[str]:
        """What stands between blanks and holds a letter or a digit, without a colon at its end."""
        return words(self.text)


def words(text: str) -> set[str]:
    """As `Seen.words`, of any text; a script without blanks has no words."""
    found = re.split(r"[\s\u3000-\u30ff\u4e00-\u9fff]+", text)
    return {word.rstrip(":") for word in found if re.search(r"\w", word)}


def see(columns: int, *arguments: str) -> Seen:
    """Run `candor` with its stdout and stderr on a terminal that is so wide."""
    return see_written(columns, lambda: _ended(arguments))


def see_written(columns: int, act: Callable[[], int]) -> Seen:
    """Call something that writes to stdout and stderr, and returns an exit code, on a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    written = bytearray()
    reader = threading.Thread(target=_drain, args=(ours, written))
    reader.start()
    before = sys.stdout, sys.stderr
    try:
        with os.fdopen(theirs, "w", encoding="utf-8") as stream:
            sys.stdout = sys.stderr = stream
            code = act()
    finally:
        sys.stdout, sys.stderr = before
        reader.join()
        os.close(ours)
    return Seen(code, displayed(written.decode()))


def displayed(written: str) -> list[str]:
    """The lines on the screen, if none is wider than it; the cursor moves and erases as it is told."""
    lines: list[list[str]] = [[]]
    row = column = 0
    for piece in _PIECE.findall(written):
        match piece:
            case "\n":
                row, column = row + 1, 0
                if row == len(lines):
                    lines.append([])
            case "\r":
                column = 0
            case "\b":
                column -= 1
            case "\x1b[2K":
                lines[row] = []
            case "\x1b[1A":
                row -= 1
            case _ if piece.startswith("\x1b"):
                pass  # a colour, or whether the cursor shows
            case _:
                lines[row][column:] = [piece, *lines[row][column + 1 :]]
                column += 1
    return ["".join(line).rstrip() for line in lines]


def too_wide(seen: Seen, columns: int) -> list[str]:
    """Lines that a terminal would break, other than single words which no line can hold."""
    return [
        line
        for line in seen.lines
        if cells(line) > columns and (len(line.split()) > 1 or len(line.strip()) <= columns)
    ]


def _ended(arguments: tuple[str, ...]) -> int:
    try:
        app(list(arguments), prog_name="candor")
    except SystemExit as ended:
        return int(ended.code or 0)
    raise AssertionError("the program did not end")


def _drain(descriptor: int, into: bytearray) -> None:
    try:
        while piece := os.read(descriptor, 65_536):
            into += piece
    except OSError:
        return  # the other end is closed
