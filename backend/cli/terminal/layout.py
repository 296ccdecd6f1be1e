"""Layout of text for the width of a terminal: lines wrapped at words, tables, records.

Promises: no word, number, marker (`[4]`) or id is cut, at any width; a word that is wider than the
terminal stands on a line of its own. Text that fits is unchanged. A width of None means lines
without an end, as in a pipe where COLUMNS is not set. Leaves writing to others (`terminal.py`).
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Final, TextIO

USUAL: Final = 80
"""The width of a terminal that does not report its own."""

_CJK = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6"
"""Scripts that put no blanks between words; a line may end after each of their characters."""

_PIECES = re.compile(f"\n|[ \t]+|[{_CJK}]|[^ \t\n{_CJK}]+")
_WIDE = re.compile(f"[{_CJK}]")
_BULLET = re.compile(r"[-*•…>]|\d{1,3}[.)]|\[\d{1,3}\]")
_COMMAND = re.compile(r"(?<=: )candor [^\n]+$", re.MULTILINE)
_EXAMPLE = re.compile(r" +(?:[A-Z_]+=\S+ )*(?:candor|echo) ")
_LABELLED = re.compile(r"( *\S(?:\S| (?! ))* {2,}| {12,})(\S.*)")

_GAP = 2
_PROSE = 24
"""The width below which running text is hard to read."""


class Flow:
    """Wraps text that arrives piece by piece, and writes each piece at once.

    A word that grows beyond the end of its line is taken back and written on the next.
    """

    def __init__(self, width: int | None, *, column: int = 0, hang: int | None = None) -> None:
        """`column`: where the text begins. `hang`: the indent of all other lines; None: each line's own."""
        self._width = width
        self._fixed = hang
        self._hang = hang or 0
        self._column = column
        """The column where the word begins."""
        self._gap = ""
        self._word = self._written = ""
        self._is_first = self._can_move = self._after_bullet = False
        self._line_is_empty = True

    def feed(self, text: str) -> str:
        """Returns the text to write for this piece."""
        if self._width is None:
            return text
        written: list[str] = []
        for match in _PIECES.finditer(text):
            piece = match[0]
            if piece.isspace() or _WIDE.match(piece) or _WIDE.match(self._word):
                written.append(self._place(self._width))
                self._end_word()
            if piece == "\n":
                written.append(piece)
                self._begin_line()
            elif piece[0] in " \t":
                self._gap += piece.replace("\t", "    ")
            else:
                self._word += piece
        written.append(self._place(self._width))
        return "".join(written)

    def _place(self, width: int) -> str:
        """Returns the unwritten part of the word, with the gap before it."""
        word, before, self._written = self._word, self._written, self._word
        size = cells(word)
        if before:
            if not self._can_move or self._column + size <= width:
                return word[len(before) :]
            back = cells(before)
            return "\b" * back + " " * back + self._on_next_line(size, width)
        if not word:
            return ""
        gap, self._gap = self._gap, ""
        begins = self._column + len(gap)
        self._is_first, self._line_is_empty = self._line_is_empty, False
        if self._after_bullet or (self._is_first and self._fixed is None):
            self._hang = begins
        if not self._is_first and begins + size > width:
            return self._on_next_line(size, width)
        self._column, self._can_move = begins, not self._is_first
        return gap + word

    def _on_next_line(self, size: int, width: int) -> str:
        self._column = self._hang if self._hang + size <= width else 0
        self._can_move = False
        return f"\n{' ' * self._column}{self._word}"

    def _end_word(self) -> None:
        if self._word:
            self._after_bullet = self._is_first and _BULLET.fullmatch(self._word) is not None
            self._column += cells(self._word)
            self._word = self._written = ""

    def _begin_line(self) -> None:
        self._hang = self._fixed or 0
        self._gap = " " * self._hang
        self._column = 0
        self._line_is_empty, self._after_bullet = True, False


def width_of(stream: TextIO) -> int | None:
    """Returns the columns to fill: COLUMNS where it is set, else those of the terminal behind a stream;
    None where there is no terminal.
    """
    if not stream.isatty():
        beside_terminal = sys.__stdout__ is not None and sys.__stdout__.isatty()
        return None if beside_terminal else shutil.get_terminal_size((0, 0)).columns or None
    try:
        own = os.get_terminal_size(stream.fileno()).columns
    except OSError:
        own = 0
    return shutil.get_terminal_size((own or USUAL, 0)).columns


def cells(text: str) -> int:
    """Returns the number of terminal columns of a text."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # plain output does not need it

    return cell_len(text)


def wrap(text: str, width: int | None) -> str:
    """Returns the text with its lines broken at words; a continuation stands below its line's
    beginning.

    A command at the end of a line is kept whole where a line has room for it, so that it can be
    copied.
    """
    if width is None:
        return text
    return "\n".join(_wrap_line(line, width) for line in text.split("\n"))


def beside(label: str, text: str, width: int | None) -> str:
    """Returns text in a column of its own beside a label; below it where the column would be too
    narrow.
    """
    column = cells(label)
    if width is None:
        return label + text.replace("\n", "\n" + " " * column)
    longest = max(map(cells, text.split()), default=0)
    if column + min(cells(text), max(longest, _PROSE)) > width:
        indent = len(label) - len(label.lstrip()) + 2 if label.strip() else _GAP * 2
        column = indent if indent + longest <= width else 0
        label = f"{label.rstrip()}\n".lstrip("\n") + " " * column
    flow = Flow(width, column=column, hang=column)
    return label + flow.feed(text)


def labelled(text: str, width: int | None) -> str:
    """Returns lines of a label and, after a gap of two blanks, its text; a deep indent continues the
    last.

    Typer's help has this form, when it is made for a terminal without an end.
    """
    lines: list[tuple[str, str]] = []
    for line in text.split("\n"):
        found = None if _EXAMPLE.match(line) else _LABELLED.fullmatch(line)
        if not found:
            lines.append(("", line))
        elif lines and not found[1].strip() and len(found[1]) == len(lines[-1][0]):
            lines[-1] = (lines[-1][0], f"{lines[-1][1]}\n{found[2]}")
        else:
            lines.append((found[1], found[2]))
    return "\n".join(
        beside(label, words, width) if label else wrap(words, width) for label, words in lines
    )


def record(fields: Sequence[tuple[str, str]], width: int | None) -> str:
    """Returns `name: value` in lines, the values below each other; an empty value is left out."""
    gutter = max(cells(name) for name, _ in fields) + _GAP
    return "\n".join(
        beside((f"{name}:" if name else "").ljust(gutter), value, width)
        for name, value in fields
        if value
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> str:
    """Returns an aligned table; where it is too wide, with wrapped texts, and else a record for each
    row.
    """
    widths = column_widths(header, rows, width)
    if widths is None:
        return "\n\n".join(record(list(zip(header, row, strict=True)), width) for row in rows)
    return "\n".join(line for row in (header, *rows) for line in _lines(row, widths))


def column_widths(
    header: Sequence[str], rows: Sequence[Sequence[str]], width: int | None
) -> Sequence[int] | None:
    """Returns the width of each column, so that all stand side by side; None without room for that."""
    table_rows = (header, *rows)
    natural = [max(cells(row[place]) for row in table_rows) for place in range(len(header))]
    if width is None:
        return natural
    room = width - _GAP * (len(natural) - 1)
    least = [
        min(
            size, max([_PROSE, *(cells(word) for row in table_rows for word in row[place].split())])
        )
        for place, size in enumerate(natural)
    ]
    if sum(least) > room:
        return None
    return _share_room(natural, least, room)


def _share_room(natural: Sequence[int], least: Sequence[int], room: int) -> Sequence[int]:
    """Returns the room shared out: each column's least width, then to each as much as it can use."""
    widths = list(least)
    for place in sorted(range(len(natural)), key=lambda at: natural[at] - least[at]):
        widths[place] = min(natural[place], widths[place] + room - sum(widths))
    return widths


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    parts = [
        wrap(cell, width).split("\n") if cells(cell) > width else [cell]
        for cell, width in zip(row, widths, strict=True)
    ]
    for at in range(max(map(len, parts))):
        texts = [part[at] if at < len(part) else "" for part in parts]
        padded = (
            text + " " * (width - cells(text)) for text, width in zip(texts, widths, strict=True)
        )
        yield (" " * _GAP).join(padded).rstrip()


def _wrap_line(line: str, width: int) -> str:
    if cells(line) <= width:
        return line
    command = _COMMAND.search(line)
    if command and cells(command[0]) <= width:
        return f"{_wrap_line(line[: command.start()].rstrip(), width)}\n{command[0]}"
    indent = len(line) - len(line.lstrip(" "))
    flow = Flow(width, hang=indent + 4) if _EXAMPLE.match(line) else Flow(width)
    return flow.feed(line)
