"""Writing to a terminal: data to stdout, talk to stderr, and nothing that could steer the terminal.

Promises: text from documents, models and providers cannot move the cursor, set colours or ring;
colours appear only on a terminal and never with NO_COLOR; errors have one shape; on a terminal no
word, number or id is cut at the end of a line (`layout.py`), and a pipe gets every line as it is.
"""

import json
import signal
import sys
from collections.abc import Iterable, Sequence

import typer

from backend.cli.terminal import layout
from backend.errors import Problem, problem
from backend.settings.settings import colour_wanted
from use_cases.kernel.errors import CandorError, Unavailable


def data(text: str) -> None:
    """To stdout, what was asked for."""
    _write(layout.wrapped(harmless(text), width()) + "\n")


def exact(text: str) -> None:
    """To stdout, character for character in a pipe, so that offsets into it hold."""
    columns = width()
    _write(text if columns is None else layout.wrapped(harmless(text), columns))


class Stream:
    """Text to stdout while it comes."""

    def __init__(self) -> None:
        self._flow: layout.Flow | None = None

    def write(self, text: str) -> None:
        """Show what came."""
        if self._flow is None:
            self._flow = layout.Flow(width())
        _write(self._flow.feed(harmless(text)), flush=True)

    def end_line(self) -> None:
        """What comes next stands on a line of its own."""
        self._flow = None
        _write("\n", flush=True)


def flush() -> None:
    """Show what was written so far: a stream is read while it comes."""
    _write("", flush=True)


def talk(text: str) -> None:
    """To stderr, what a person should know beside it."""
    sys.stderr.write(layout.wrapped(harmless(text), layout.width_of(sys.stderr)) + "\n")


def talk_labelled(text: str) -> None:
    """To stderr, lines of a label, a gap and its text, which keeps to its own column."""
    sys.stderr.write(layout.labelled(harmless(text), layout.width_of(sys.stderr)) + "\n")


def data_json(value: object) -> None:
    """To stdout, one JSON value (already JSON-like), readable and in UTF-8."""
    _write(_json(value, indent=2) + "\n")


def json_line(value: object) -> None:
    """To stdout at once, one JSON value on a line of its own, for a program that reads along."""
    _write(_json(value) + "\n", flush=True)


def report(error: CandorError, *, as_json: bool) -> None:
    """An error to stderr: `error[code]: detail` and what to do, or the problem object."""
    if as_json:
        found: Problem = problem(error)
        sys.stderr.write(_json(found) + "\n")
    else:
        talk(f"error[{error.code}]: {error.detail}")
        talk(f"hint: {error.hint}")


def harmless(text: str) -> str:
    """The text with control characters spelled out, other than line breaks and tabs."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in "\n\t" else _spelled(char) for char in text
    )


def line(text: str) -> str:
    """The text on one line, such as the name of a file: a line break in it is spelled out."""
    return harmless(text).replace("\n", "\\n")


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An aligned table; a record for each row where the terminal has no room for the columns."""
    clean = [[harmless(cell).replace("\n", " ") for cell in row] for row in (header, *rows)]
    return layout.table(clean[0], clean[1:], width())


def record(fields: Sequence[tuple[str, str]]) -> str:
    """`name: value` in lines, the values below each other; an empty value is left out."""
    return layout.record([(name, harmless(value)) for name, value in fields], width())


def beside(label: str, text: str) -> str:
    """Text in a column of its own beside a label."""
    return layout.beside(harmless(label), harmless(text), width())


def labelled(text: str) -> str:
    """Lines of a label, a gap and its text, which keeps to its own column."""
    return layout.labelled(harmless(text), width())


def painted(lines: Iterable[Sequence[tuple[str, str]]]) -> None:
    """To stdout, lines made of (text, style); the styles of `rich` show on a terminal alone."""
    if not (on_terminal() and colour_wanted()):
        data("\n".join("".join(text for text, _ in line).rstrip() for line in lines))
        return
    from rich.style import Style  # a tenth of a second that plain output does not need

    for line in lines:
        spans = (Style.parse(style).render(harmless(text)) for text, style in line)
        _write("".join(spans) + "\n")


def width() -> int | None:
    """Columns of the terminal behind stdout; None where there is none."""
    return layout.width_of(sys.stdout)


def on_terminal() -> bool:
    """Whether a person watches stdout."""
    return sys.stdout.isatty()


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, default: bool = False) -> bool:
    """Ask the person at the terminal. Ctrl-C and Ctrl-D mean no."""
    # While a person is asked, nothing else runs: Ctrl-C ends the question, not the event loop.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return typer.confirm(harmless(question), default=default, err=True)
    except typer.Abort:
        talk("")
        return False
    finally:
        signal.signal(signal.SIGINT, before)


def _write(text: str, *, flush: bool = False) -> None:
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unavailable(
            f"The output cannot be written: {error.strerror}.",
            hint="Write the output to another place.",
        ) from error


def _json(value: object, *, indent: int | None = None) -> str:
    """JSON in UTF-8, with what a terminal obeys as JSON's own escapes: it means the same."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    if text.isprintable():
        return text
    return "".join(
        f"\\u{ord(char):04x}" if char != "\n" and _obeyed(char) else char for char in text
    )


def _spelled(char: str) -> str:
    # A separator or an unassigned character is no danger; only what a terminal obeys is spelled out.
    return char.encode("unicode_escape").decode() if _obeyed(char) else char


def _obeyed(char: str) -> bool:
    return not char.isprintable() and (ord(char) < 0xA0 or _steers(char))


def _steers(char: str) -> bool:
    """Bidirectional controls reorder a line, surrogates cannot be written."""
    return char in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" or (
        "\ud800" <= char <= "\udfff"
    )
