"""Writing to a terminal: data to stdout, talk to stderr, and nothing that could steer the terminal.

Promises: text from documents, models and providers cannot move the cursor, set colours or ring;
colours appear only on a terminal and never with NO_COLOR; errors have one shape.
"""

import json
import shutil
import sys
from collections.abc import Iterable, Sequence

from backend.errors import Problem, problem
from backend.settings import colour_wanted
from use_cases.kernel.errors import CandorError, Unavailable


def data(text: str, *, end: str = "\n") -> None:
    """To stdout, what was asked for."""
    _write(harmless(text) + end)


def exact(text: str) -> None:
    """To stdout, character for character in a pipe, so that offsets into it hold."""
    _write(harmless(text) if on_terminal() else text)


def flush() -> None:
    """Show what was written so far: a stream is read while it comes."""
    _write("", flush=True)


def talk(text: str) -> None:
    """To stderr, what a person should know beside it."""
    sys.stderr.write(harmless(text) + "\n")


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


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An aligned table; the last column may be as wide as it likes."""
    table = [[harmless(cell).replace("\n", " ") for cell in row] for row in (header, *rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(header))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )
    return "\n".join(lines)


def painted(lines: Iterable[Sequence[tuple[str, str]]]) -> None:
    """To stdout, lines made of (text, style); the styles of `rich` show on a terminal alone."""
    if not (on_terminal() and colour_wanted()):
        data("\n".join("".join(text for text, _ in line).rstrip() for line in lines))
        return
    from rich.style import Style  # a tenth of a second that plain output does not need

    for line in lines:
        spans = (Style.parse(style).render(harmless(text)) for text, style in line)
        _write("".join(spans) + "\n")


def width() -> int:
    """Columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def on_terminal() -> bool:
    """Whether a person watches stdout."""
    return sys.stdout.isatty()


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _write(text: str, *, flush: bool = False) -> None:
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unavailable(
            f"The output cannot be written: {error.strerror}.", hint="Write it to another place."
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
