"""Plain text and reStructuredText: paragraphs by blank lines, headings by unambiguous form.

The stored text is the file's own characters. A heading is an underlined line, or a short line in
capitals that stands alone (or opens the file). Promises: every non-blank line is in a block.
Directives and roles of reStructuredText stay unchanged.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from services.documents.composing import Lines
from services.documents.stated import parse_opening
from use_cases.knowledge.model import Block, BlockKind, ParsedDocument

_UNDERLINE = re.compile(r"([=\-~^\"'`*+#_:.])\1{2,}[ \t]*")
_ITEM = re.compile(
    r"[ \t]{0,8}(?:[-*+•‣▪]|\d{1,3}[.)]|[a-zA-Z][.)]|\(\w{1,3}\)|\d+(?:\.\d+)+\.?)[ \t]+\S"
)
_LONGEST_HEADING = 80
_LONGEST_UNDERLINED = 200


def parse_text(text: str, media_type: str = "text/plain") -> ParsedDocument:
    """Reads decoded text."""
    return ParsedDocument(text, tuple(_blocks(text)), media_type, parse_opening(text))


def _blocks(text: str) -> Iterator[Block]:
    lines = Lines(text)
    marks: list[str] = []
    line = 0
    while line < len(lines):
        if not lines[line].strip():
            line += 1
            continue
        heading = _heading(lines, line, marks)
        if heading is not None:
            block, line = heading
            yield block
            continue
        last = next((at for at in range(line, len(lines)) if not lines[at].strip()), len(lines))
        yield from _paragraph(lines, line, last)
        line = last


def _heading(lines: Lines, line: int, marks: list[str]) -> tuple[Block, int] | None:
    """Returns the heading that begins at this line, and the line after it."""
    words = lines[line].strip()
    overlined = _UNDERLINE.fullmatch(words) is not None
    title = line + 1 if overlined else line
    if title + 1 < len(lines) and _is_underline(lines[title], lines[title + 1]):
        if overlined and lines[title + 1].strip() != words:
            return None
        mark = lines[title + 1].strip()[0] * (2 if overlined else 1)
        if mark not in marks:
            marks.append(mark)
        last, level = title + 2, min(marks.index(mark) + 1, 6)
    elif _is_capitals(words) and (line == 0 or _stands_alone(lines, line)):
        last, level = line + 1, 1 if line == 0 else 2
    else:
        return None
    block = next(lines.blocks(BlockKind.HEADING, line, last))
    return replace(block, level=level, heading=" ".join(lines[title].split())), last


def _is_underline(title: str, below: str) -> bool:
    """Returns whether `below` is a rule about as long as the line of words above it."""
    words = title.strip()
    if not words or len(words) > _LONGEST_UNDERLINED or _UNDERLINE.fullmatch(words):
        return False
    rule = below.strip()
    return _UNDERLINE.fullmatch(rule) is not None and len(rule) >= 0.8 * len(words)


def _is_capitals(words: str) -> bool:
    letters = [character for character in words[: _LONGEST_HEADING + 1] if character.isalpha()]
    return (
        len(words) <= _LONGEST_HEADING
        and len(letters) >= 4
        and all(letter.isupper() for letter in letters)
        and words[-1] not in ".,;!"
    )


def _stands_alone(lines: Lines, line: int) -> bool:
    before = not lines[line - 1].strip()
    return before and (line + 1 < len(lines) and not lines[line + 1].strip())


def _paragraph(lines: Lines, first: int, last: int) -> Iterator[Block]:
    """Yields one block, or one for each item of a list (after its introduction)."""
    starts = [line for line in range(first, last) if _ITEM.match(lines[line])]
    if not starts or (len(starts) == 1 and starts[0] != first):
        yield from lines.blocks(BlockKind.PARAGRAPH, first, last)
        return
    yield from lines.blocks(BlockKind.PARAGRAPH, first, starts[0])
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        yield from lines.blocks(BlockKind.LIST, start, end)
