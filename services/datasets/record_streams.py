"""The records of a file as a stream, each with its line.

Promises: memory does not grow with the file, but for YAML, which is read whole and limited; one
record has at most `MAX_RECORD` bytes. A record that cannot be read is an `ItemError` with its line; a file
whose rest cannot be read raises `DatasetUnreadable`.
Leaves to others: what a record means (`case_forms.py`).
"""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, BinaryIO, NoReturn, cast

from pydantic import JsonValue

from services.datasets.file_values import MAX_BYTES, YamlUnreadable, read_yaml_items
from use_cases.kernel.text.plain_text import whole
from use_cases.playground.errors import DatasetUnreadable
from use_cases.playground.ports import ItemError

if TYPE_CHECKING:
    from _csv import Reader

MAX_RECORD = 32 * 2**20
"""The limit of one record, in bytes (of CSV: of one line, and in characters of one cell)."""

LISTS = ("items", "tests", "cases")
"""The names of the list of records in a file that is an object."""

_ABOUT = ("$schema", "name", "description", "version")
_CHUNK = 2**20
_BLANKS = " \t\r\n"
_CUT = 12  # characters at the end of what was read within which an error may be a cut only


@dataclass(frozen=True, slots=True)
class ColumnFile:
    """A CSV or TSV file: the names of its columns, and its rows with their lines."""

    header: list[str]
    rows: Iterator[tuple[int, "list[str] | ItemError"]]


def read_table(content: BinaryIO, *, tabs: bool) -> ColumnFile:
    """Reads a CSV (comma or semicolon, by its header) or TSV file in UTF-8, or UTF-16 with its mark."""
    csv.field_size_limit(MAX_RECORD)  # one limit for the whole process; the default is 128 KB
    first = content.read(2)
    wide = first in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    raw = io.BufferedReader(_Joined(first, content), _CHUNK)
    # Bytes that are no UTF-8 become lone surrogates, which no UTF-8 holds: their row is a fault.
    decoded = io.TextIOWrapper(
        raw, "utf-16" if wide else "utf-8-sig", "surrogateescape", newline=""
    )
    lines = _lines(decoded)
    head = next(lines, "")
    delimiter = "\t" if tabs else max(",;\t", key=head.count)
    reader = csv.reader(chain([head], lines), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, list[str]())]
    except csv.Error as error:
        raise DatasetUnreadable(f"Line 1: the header cannot be read: {error}.") from error
    if not any(header):
        raise DatasetUnreadable("The file has no header in its first line.")
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise DatasetUnreadable(f"Line 1: the column {twice[0]!r} is there twice.")

    return ColumnFile(header, _rows(reader, len(header)))


def _rows(reader: "Reader", width: int) -> Iterator[tuple[int, list[str] | ItemError]]:
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, ItemError(line, f"the row cannot be read: {error}.")
            continue
        if not all(cell.isascii() or cell == whole(cell) for cell in row):
            yield line, ItemError(line, "it is no UTF-8; save the file as “CSV UTF-8”.")
        elif len(row) == width:
            yield line, row
        elif row:
            yield line, ItemError(line, f"it has {len(row)} cells, and the header {width}.")


def _lines(decoded: io.TextIOWrapper) -> Iterator[str]:
    for number in count(1):
        try:
            line = decoded.readline(MAX_RECORD + 1)
        except UnicodeError as error:
            raise DatasetUnreadable(f"Line {number}: it is no valid UTF-16.") from error
        if not line:
            return
        if len(line) > MAX_RECORD:
            raise DatasetUnreadable(_too_long(f"Line {number}"))
        yield line


class _Joined(io.RawIOBase):
    """Bytes that were read to look at them, and the stream behind them."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        piece = self._first or self._rest.read(len(buffer))
        self._first = b""
        buffer[: len(piece)] = piece
        return len(piece)


def read_json_lines(content: BinaryIO) -> Iterator[tuple[int, JsonValue | ItemError]]:
    """Reads one JSON value a line; blank lines do not count."""
    number = 0
    while line := content.readline(MAX_RECORD + 1):
        number += 1
        if len(line) > MAX_RECORD:
            raise DatasetUnreadable(_too_long(f"Line {number}"))
        if not line.strip():
            continue
        try:
            yield number, _DECODER.decode(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, RecursionError) as error:
            yield number, ItemError(number, f"it is no valid JSON: {_brief(error)}.")


def read_json(content: BinaryIO) -> Iterator[tuple[int, JsonValue | ItemError]]:
    """Reads the objects of a JSON list, or of the list `items`, `tests` or `cases` of an object."""
    text = _JsonText(content)
    opening = text.peek()
    if opening == "[":
        yield from text.array()
    elif opening == "{":
        found = False
        for name in text.names():
            if name in LISTS and not found and text.peek() == "[":
                found = True
                yield from text.array()
            elif text.value() not in (None, "", [], {}) and name not in _ABOUT:
                raise DatasetUnreadable(_no_part(name))
        if not found:
            raise DatasetUnreadable(_NO_LIST)
    else:
        raise DatasetUnreadable(_NO_LIST)
    if text.peek():
        text.fail("there is more behind its end")


def read_yaml_records(content: BinaryIO) -> Iterator[tuple[int, JsonValue | ItemError]]:
    """Reads the objects of a YAML list, or of such a list in a mapping; the file is read whole."""
    try:
        value, lines = read_yaml_items(content.read(MAX_BYTES + 1), LISTS)
    except YamlUnreadable as error:
        raise DatasetUnreadable(f"The file is not valid: {error}") from error
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in (*_ABOUT, *LISTS) and part not in (None, "", [], {}):
                raise DatasetUnreadable(_no_part(name))
        value = next((part for name, part in value.items() if name in LISTS), None)
    if not isinstance(value, list):
        raise DatasetUnreadable(_NO_LIST)
    yield from zip(lines, value, strict=True)


_NO_LIST = "The file holds no list of cases (a list, or an object with items, tests or cases)."


def _too_long(what: str) -> str:
    return f"{what} is longer than {MAX_RECORD // 2**20} MB."


def _no_part(name: str) -> str:
    return f"The field {name[:60]!r} is no part of a dataset; run the file as an evaluation."


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _brief(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (column {error.colno})"
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]


class _JsonText:
    """JSON text that is read value by value: a buffer of what is read and not yet used."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._ended = False

    def peek(self) -> str:
        """Returns the next character that is no blank; empty at the end."""
        while True:
            start = self._at
            end = len(self._buffer)
            while self._at < end and self._buffer[self._at] in _BLANKS:
                self._at += 1
            self._line += self._buffer.count("\n", start, self._at)
            if self._at < end:
                return self._buffer[self._at]
            if self._ended:
                return ""
            self._read()

    def take(self, wanted: str) -> str:
        """Takes the next character, which must be one of these."""
        found = self.peek()
        if not found or found not in wanted:
            self.fail(f"expecting {' or '.join(wanted)}")
        self._at += 1
        return found

    def array(self) -> Iterator[tuple[int, JsonValue]]:
        """Yields the items of a list with their lines."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            self.peek()
            yield self._line, self.value()
            if self.take(",]") == "]":
                return

    def names(self) -> Iterator[str]:
        """Yields the names of an object; take each one's value before the next."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                self.fail("expecting a name")
            name = cast("str", self.value())
            self.take(":")
            yield name
            if self.take(",}") == "}":
                return

    def value(self) -> JsonValue:
        """Takes the next value."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos > len(self._buffer) - _CUT
                if self._ended or not cut:
                    self._line += error.lineno - 1 - self._buffer.count("\n", 0, self._at)
                    self.fail(error.msg)
            except (ValueError, RecursionError) as error:
                self.fail(_brief(error))
            else:
                # A number at the end of what was read may go on.
                if end < len(self._buffer) or self._ended:
                    self._line += self._buffer.count("\n", self._at, end)
                    self._at = end
                    return cast("JsonValue", found)
            self._read()

    def fail(self, reason: str) -> NoReturn:
        """Refuses the file at this line."""
        raise DatasetUnreadable(f"Line {self._line}: the file is no valid JSON: {reason}.")

    def _read(self) -> None:
        """Reads as much again as is waiting, so that a long value is tried a few times only."""
        waiting = len(self._buffer) - self._at
        if waiting > MAX_RECORD:
            self.fail(f"one value is longer than {MAX_RECORD // 2**20} MB")
        piece = self._content.read(max(_CHUNK, waiting))
        self._ended = not piece
        try:
            more = self._decode.decode(piece, final=self._ended)
        except UnicodeDecodeError:
            self.fail("it is no UTF-8")
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
