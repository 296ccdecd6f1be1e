"""Writing to a terminal: data to stdout, messages to stderr, without terminal control sequences; and Ctrl-C
as an event, so that it can stop an answer and not the program.

Python's default, an exception at any point of the program, would tear a record that is being
written, and a second Ctrl-C would do it again. Here a signal only calls the present listener;
without one it is ignored, because a Ctrl-C just after the end of an answer was meant for the
answer. It works in the main thread, and where the system has signals of this kind; elsewhere
nothing changes.

Promises: text from documents, models and providers cannot move the cursor, set colours or ring;
colours appear only on a terminal and never with NO_COLOR; errors have one form; on a terminal no
word, number or id is cut at the end of a line (`layout.py`), and a pipe gets every line unchanged,
unless COLUMNS says how wide they may be. What nobody reads any more (`| head`) is thrown away: whole
results quietly, a stream with `BrokenPipeError`, which ends its command.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO

import typer

from backend.cli.terminal import layout
from backend.errors import Problem, problem
from backend.settings.settings import colour_wanted
from use_cases.kernel.errors import CandorError, Unavailable

_LEAVING = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


class Interrupts:
    """The listeners of Ctrl-C."""

    def __init__(self) -> None:
        self._listening: list[Callable[[], object]] = []

    @contextmanager
    def calling(self, act: Callable[[], object]) -> Generator[None]:
        """Calls `act` in the event loop at each Ctrl-C while inside."""
        self._listening.append(act)
        try:
            yield
        finally:
            self._listening.pop()

    def press(self) -> None:
        """Calls the innermost listener, if there is one."""
        if self._listening:
            self._listening[-1]()


@contextmanager
def interrupts(leave: Callable[[], object]) -> Generator[Interrupts]:
    """Handles Ctrl-C while inside; a closed terminal and SIGTERM call `leave`.

    A signal that the parent process ignores (as with `nohup`) stays ignored.
    """
    taken = Interrupts()
    loop = asyncio.get_running_loop()
    acts = {signal.SIGINT: taken.press, **dict.fromkeys(_LEAVING, leave)}
    before: dict[signal.Signals, signal.Handlers | int | Callable[..., object] | None] = {}
    try:
        for number, act in acts.items():
            handler = signal.getsignal(number)
            if handler is not signal.SIG_IGN:
                loop.add_signal_handler(number, act)
                before[number] = handler
    except (NotImplementedError, RuntimeError, ValueError):
        pass  # no such signals here, or not the main thread
    try:
        yield taken
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)  # pyright: ignore[reportArgumentType]


def data(text: str) -> None:
    """Writes the result of a command to stdout."""
    _write(layout.wrap(escape_controls(text), width()) + "\n")


def exact(text: str) -> None:
    """Writes to stdout, character for character in a pipe, so that offsets into it hold."""
    _write(layout.wrap(escape_controls(text), width()) if on_terminal() else text)


class Stream:
    """Writes text to stdout as it arrives."""

    def __init__(self) -> None:
        self._flow: layout.Flow | None = None

    def write(self, text: str) -> None:
        """Writes one piece."""
        if self._flow is None:
            self._flow = layout.Flow(width())
        _write(self._flow.feed(escape_controls(text)), flush=True)

    def end_line(self) -> None:
        """Ends the current line."""
        self._flow = None
        _write("\n", flush=True)


def flush() -> None:
    """Writes what is left to write, if anybody reads it."""
    with suppress(BrokenPipeError):
        _write("", flush=True)


def talk(text: str) -> None:
    """Writes a message to stderr."""
    _tell(layout.wrap(escape_controls(text), layout.width_of(sys.stderr)) + "\n")


def talk_labelled(text: str) -> None:
    """Writes to stderr lines of a label, a gap and its text, which keeps to its own column."""
    _tell(layout.labelled(escape_controls(text), layout.width_of(sys.stderr)) + "\n")


def data_json(value: object) -> None:
    """Writes one JSON value (already JSON-like) to stdout, indented and in UTF-8."""
    _write(_json(value, indent=2) + "\n")


def json_line(value: object) -> None:
    """Writes one JSON value to stdout on a line of its own, at once."""
    _write(_json(value) + "\n", flush=True)


def report(error: CandorError, *, as_json: bool) -> None:
    """Writes an error to stderr: `error[code]: detail` and its hint, or the problem object."""
    if as_json:
        found: Problem = problem(error)
        _tell(_json(found) + "\n")
    else:
        talk(f"error[{error.code}]: {error.detail}")
        talk(f"hint: {error.hint}")


def escape_controls(text: str) -> str:
    """Returns the text with control characters spelled out, other than line breaks and tabs."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else _escape(char) for char in text)


def line(text: str) -> str:
    """Returns the text on one line, such as the name of a file: a line break in it is spelled out."""
    return escape_controls(text).replace("\n", "\\n")


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns an aligned table; a record for each row where the terminal has no room for the columns."""
    clean = [[escape_controls(cell).replace("\n", " ") for cell in row] for row in (header, *rows)]
    return layout.table(clean[0], clean[1:], width())


def record(fields: Sequence[tuple[str, str]]) -> str:
    """Returns `name: value` in lines, the values below each other; an empty value is left out."""
    return layout.record([(name, escape_controls(value)) for name, value in fields], width())


def beside(label: str, text: str) -> str:
    """Returns text in a column of its own beside a label."""
    return layout.beside(escape_controls(label), escape_controls(text), width())


def labelled(text: str) -> str:
    """Returns lines of a label, a gap and its text, which keeps to its own column."""
    return layout.labelled(escape_controls(text), width())


def paint(lines: Iterable[Sequence[tuple[str, str]]]) -> None:
    """Writes lines made of (text, style) to stdout; the styles of `rich` show on a terminal alone."""
    if not (on_terminal() and colour_wanted()):
        data("\n".join("".join(text for text, _ in line).rstrip() for line in lines))
        return
    from rich.style import Style  # a tenth of a second that plain output does not need

    for line in lines:
        spans = (Style.parse(style).render(escape_controls(text)) for text, style in line)
        _write("".join(spans) + "\n")


def width() -> int | None:
    """Returns the columns of the terminal behind stdout; None where there is none."""
    return layout.width_of(sys.stdout)


def on_terminal() -> bool:
    """Returns whether stdout is a terminal."""
    return sys.stdout.isatty()


def is_interactive() -> bool:
    """Returns whether a user can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, default: bool = False) -> bool:
    """Asks the user at the terminal. Ctrl-C and Ctrl-D mean no."""
    return bool(answer(question, default=default))


def answer(question: str, *, default: bool = False) -> bool | None:
    """Asks the user at the terminal; None for Ctrl-C and Ctrl-D."""
    # While a person is asked, nothing else runs: Ctrl-C ends the question, not the event loop.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return typer.confirm(escape_controls(question), default=default, err=True)
    except typer.Abort:
        talk("")
        return None
    finally:
        signal.signal(signal.SIGINT, before)


def read_key() -> str:
    """Waits for one key of the user, in lower case; `q` for Ctrl-C and Ctrl-D."""
    try:
        return typer.getchar().lower()
    except (KeyboardInterrupt, EOFError):
        return "q"


def _write(text: str, *, flush: bool = False) -> None:
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        _discard(sys.stdout)
        if flush:
            raise
    except OSError as error:
        raise Unavailable(
            f"The output cannot be written: {error.strerror}.",
            hint="Write the output to another place.",
        ) from error


def _tell(text: str) -> None:
    try:
        sys.stderr.write(text)
    except BrokenPipeError:
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    """Has the stream written to nowhere from now on: its reader has left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _json(value: object, *, indent: int | None = None) -> str:
    """Returns JSON in UTF-8, with terminal control characters as JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    if text.isprintable():
        return text
    return "".join(
        f"\\u{ord(char):04x}" if char != "\n" and _is_control(char) else char for char in text
    )


def _escape(char: str) -> str:
    # A separator or an unassigned character is no danger; only what a terminal obeys is spelled out.
    return char.encode("unicode_escape").decode() if _is_control(char) else char


def _is_control(char: str) -> bool:
    return not char.isprintable() and (ord(char) < 0xA0 or _reorders(char))


def _reorders(char: str) -> bool:
    """Returns whether a character is a bidirectional control, which reorders a line, or a surrogate,
    which cannot be written.
    """
    return char in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" or (
        "\ud800" <= char <= "\udfff"
    )
