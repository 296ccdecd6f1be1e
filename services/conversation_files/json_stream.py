"""JSON text as a stream of values: an export of any size, one conversation at a time.

The parser is the standard library's, over a buffer that grows until a value is whole. Promises: memory
holds one value, whose cost is bounded, and one chunk; an element that costs more is passed over, and the
next one is read; nesting that is too deep for the parser is an error like any other; an error names the
line and the character. Text may be UTF-8 or UTF-16; bytes
that are neither are read as Windows-1252 and counted. NaN and raw line ends in texts are accepted, as
several exporters write them. A name that occurs twice in an object keeps both values.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from use_cases.conversations.errors import ConversationFileBroken, ConversationFileTooLarge

MAX_COST = 512 * 2**20
"""Bytes of memory that one value may take, estimated: 4 for each character, 100 for each member."""
_MOST_PASSED_OVER = 2**29
"""Characters of a file in elements that cost too much."""
_CHARACTER = 4
_MEMBER = 100
_CHUNK = 2**18
_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPED = re.compile("[\udc80-\udcff]")
_FLAT = r'[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"'
_BETWEEN = re.compile(rf"(?:{_FLAT}|\[(?:{_FLAT})*+\]|{{(?:{_FLAT})*+}})*+", re.DOTALL)
"""All up to a bracket of what is nested, or to a text that does not end in the buffer."""
_WITHIN = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
"""The rest of a text."""
_CONTAINERS = ("conversations", "history")
"""What the list is called in an object that holds it: `history` in a file of chatbot-ui."""
_MARGIN = 16
"""No token but a text is longer; an error this near to the end may be a value that goes on."""


class JsonStream:
    """The JSON text of one file. `undecoded` counts bytes that are not in its encoding.

    `text` is the last value as it stands in the file; empty for one that is put together of members.
    """

    def __init__(self, stream: BinaryIO, name: str, *, max_cost: int = MAX_COST) -> None:
        self._stream = stream
        self._name = name
        self._max = max_cost
        self._kept = 0
        self._passed_over = 0
        self._buffer = ""
        self._at = 0
        self._lines = 0
        self._column = 0
        self._is_whole = False
        self._decoder: codecs.IncrementalDecoder | None = None
        self._json = json.JSONDecoder(strict=False, object_pairs_hook=_pairs)
        self.undecoded = 0
        self.text = ""

    def values(self) -> Iterator[tuple[str, object]]:
        """Returns each value that may be a conversation, with its place: elements of the outer list or
        of `conversations`, else the whole. An element that is too large is `ConversationFileTooLarge`
        itself, and not raised. Raises `ConversationFileBroken`, `ConversationFileTooLarge`.
        """
        first = self._peek()
        if first == "[":
            yield from self._elements("item")
        elif first == "{":
            yield from self._members()
        else:
            yield self._name, self._value()
        if self._peek():
            self._fail("there is more after the end", self._at)

    def _elements(self, noun: str) -> Iterator[tuple[str, object]]:
        self._at += 1
        number = 0
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            number += 1
            self._noun = f"{noun} {number}"
            try:
                value = self._value()
            except ConversationFileTooLarge as error:
                self._pass_over()
                value = error
            yield f"{self._name}, {self._noun}", value
            if self._expect(",]") == "]":
                return

    def _members(self) -> Iterator[tuple[str, object]]:
        """Returns the conversations of an object that lists them; without such a list, the object."""
        self._at += 1
        rest: dict[str, object] = {}
        has_list = False
        if self._peek() == "}":
            self._at += 1
        else:
            while True:
                if self._peek() != '"':
                    self._fail("a name in quotation marks is missing", self._at)
                name = str(self._value())
                self._expect(":")
                if name in _CONTAINERS and self._peek() == "[":
                    has_list = True
                    yield from self._elements("conversation")
                else:
                    rest[name] = self._value()
                    self._kept += self._cost(self.text)
                if self._expect(",}") == "}":
                    break
        self.text = ""
        if not has_list:
            yield self._name, rest
        for name, value in rest.items() if has_list else ():
            if isinstance(value, list | dict) and value:
                yield f"{self._name}, {name}", value

    def _value(self) -> object:
        self._peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._buffer, self._at)
            except RecursionError:
                self._fail("it is nested too deeply", self._at)
            except json.JSONDecodeError as error:
                if self._is_whole or not self._may_go_on(error):
                    self._fail(_plain(error.msg), error.pos)
                self._require_bounded(self._buffer[self._at :])
            except ValueError:
                self._fail("a number has too many digits", self._at)
            else:
                # Nearer to the end it may be a number that goes on, such as `1.` or `1e+`.
                if end + _MARGIN <= len(self._buffer) or self._is_whole:
                    self.text = self._buffer[self._at : end]
                    self._require_bounded(self.text)
                    self._at = end
                    return value
            self._drop()
            # As much again, so that a long value is tried seldom.
            self._read(max(_CHUNK, len(self._buffer)))

    def _require_bounded(self, text: str) -> None:
        """Raises `ConversationFileTooLarge` for a value, or what is read of it, that costs too much."""
        if self._kept + self._cost(text) > self._max:
            within = f", {self._noun}" if self._noun else ""
            raise ConversationFileTooLarge(
                f"{self._name}{within} takes more than {self._max // 2**20} MB of memory."
            )

    def _cost(self, text: str) -> int:
        return _CHARACTER * len(text) + _MEMBER * sum(map(text.count, ",[{"))

    def _pass_over(self) -> None:
        """Goes to the end of the value that begins here; nothing of it is kept.

        Raises `ConversationFileTooLarge` where the file has too much of it.
        """
        first = self._peek()
        self._at += 1
        depth, in_text = int(first in "[{"), first == '"'
        while True:
            rest = _WITHIN if in_text else _BETWEEN
            found = rest.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            character = self._buffer[self._at : self._at + 1]
            if not character or character == "\\":
                if self._is_whole:
                    return
                self._passed_over += self._at
                if self._passed_over > _MOST_PASSED_OVER:
                    raise ConversationFileTooLarge(f"{self._name} has far too large elements.")
                self._drop()
                self._read(_CHUNK)
                continue
            self._at += 1
            in_text = character == '"' and not in_text
            depth += (character in "[{") - (character in "]}")
            if not depth and not in_text:
                return

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        is_near = error.pos >= len(self._buffer) - _MARGIN
        return is_near or error.msg.startswith("Unterminated string")

    def _peek(self) -> str:
        """Returns the next character that is not blank; nothing at the end."""
        while True:
            blank = _BLANK.match(self._buffer, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._buffer) or self._is_whole:
                return self._buffer[self._at : self._at + 1]
            self._drop()
            self._read(_CHUNK)

    def _expect(self, characters: str) -> str:
        found = self._peek()
        if not found or found not in characters:
            wanted = " or ".join(characters)
            self._fail(
                f"it ends here; {wanted} is missing" if not found else f"{wanted} is missing",
                self._at,
            )
        self._at += 1
        return found

    def _drop(self) -> None:
        """Keeps only what is not read yet."""
        self._lines += self._buffer.count("\n", 0, self._at)
        line_start = self._buffer.rfind("\n", 0, self._at)
        self._column = self._at - line_start - 1 if line_start >= 0 else self._column + self._at
        self._buffer = self._buffer[self._at :]
        self._at = 0

    def _read(self, size: int) -> None:
        read = self._stream.read(size)
        self._is_whole = not read
        self._buffer += self._decoded(read)

    def _decoded(self, read: bytes) -> str:
        if self._decoder is None:
            name = _encoding(read)
            self._decoder = codecs.getincrementaldecoder(name)(
                "surrogateescape" if name.startswith("utf-8") else "replace"
            )
        text = self._decoder.decode(read, final=not read)
        if not text.isascii():
            text, found = _ESCAPED.subn(_windows, text)
            self.undecoded += found
        return text

    def _fail(self, what: str, place: int) -> NoReturn:
        start = self._buffer.rfind("\n", 0, place)
        line = self._lines + self._buffer.count("\n", 0, place) + 1
        column = place - start if start >= 0 else self._column + place + 1
        within = f", {self._noun}" if self._noun else ""
        raise ConversationFileBroken(
            f"{self._name}{within}, line {line:,}, character {column:,}: {what}."
        )

    _noun = ""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Returns an object; a name that occurs again gets a number, so that no value is lost."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    made = dict[str, object]()
    for name, value in pairs:
        key, number = name, 1
        while key in made:
            number += 1
            key = f"{name}#{number}"
        made[key] = value
    return made


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8-sig"


def _windows(match: re.Match[str]) -> str:
    return bytes([ord(match[0]) - 0xDC00]).decode("cp1252", "replace")


def _plain(message: str) -> str:
    """Returns the parser's message as the end of a sentence."""
    return _MESSAGES.get(message.split(" starting")[0], message[:1].lower() + message[1:])


_MESSAGES = {
    "Unterminated string": "a text is not closed",
    "Expecting value": "a value is missing",
    "Expecting property name enclosed in double quotes": "a name in quotation marks is missing",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
}
