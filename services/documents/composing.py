"""Texts with their blocks: composed from pieces, or the file's own lines.

Promises of `Composer`: the stored text is exactly the added text, with one blank line between blocks
(one line end between list items and between rows of a table), and each block's span covers exactly its text.
`Lines` maps line numbers to offsets, for formats that are read by lines.
"""

import re
from collections.abc import Iterator, Sequence

from services.documents.decoding import clean_text
from use_cases.kernel.model import Span
from use_cases.knowledge.errors import SourceEmpty, SourceTooLarge
from use_cases.knowledge.model import Block, BlockKind, ParsedDocument, StatedFacts, TableData


class Lines:
    r"""The lines of a text with `\n` line ends; lines count from 0."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._borders = [0, *(line.end() for line in re.finditer("[^\n]*\n|[^\n]+", text))]

    def __len__(self) -> int:
        return len(self._borders) - 1

    def __getitem__(self, line: int) -> str:
        """Returns a line without its line end."""
        return self._text[self._borders[line] : self._borders[line + 1]].removesuffix("\n")

    def blocks(self, kind: BlockKind, first: int, last: int) -> Iterator[Block]:
        """Yields the block of the lines from `first` up to but not including `last`, unless blank.

        Blank lines before it and white space after it are left out; its indentation stays.
        """
        while first < last and not self[first].strip():
            first += 1
        if first < last:
            start = self._borders[first]
            end = start + len(self._text[start : self._borders[last]].rstrip())
            yield Block(kind, Span(start, end))


_TIGHT = (BlockKind.LIST, BlockKind.ROW)
"""The kinds of blocks that follow each other without a blank line."""
MAX_PLACES = 2_000_000
"""The most rows times columns of one table: short rows are padded to the longest."""


class Composer:
    """A builder that collects blocks in reading order and returns the finished document."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0

    def add(
        self, kind: BlockKind, text: str, *, level: int = 0, page: int | None = None
    ) -> Span | None:
        """Appends a block, and returns its place; blank text is left out. A heading becomes one line."""
        text = clean_text(text).strip("\n").rstrip()
        if not text.strip():
            return None
        if kind is BlockKind.HEADING:
            text = " ".join(text.split())
        if self._blocks:
            tight = kind in _TIGHT and self._blocks[-1].kind is kind
            self._write("\n" if tight else "\n\n")
        start = self._length
        self._write(text)
        heading, span = text if kind is BlockKind.HEADING else "", Span(start, self._length)
        self._blocks.append(Block(kind, span, level, heading, page))
        return span

    @property
    def text(self) -> str:
        """The text written so far."""
        return "".join(self._pieces)

    def finish(
        self, media_type: str, stated: StatedFacts, tables: Sequence[TableData] = ()
    ) -> ParsedDocument:
        """Returns the document. Raises `SourceEmpty` when no block was added."""
        if not self._blocks:
            raise SourceEmpty("No text was found in the file.")
        return ParsedDocument(self.text, tuple(self._blocks), media_type, stated, tables)

    def _write(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


def table_rows(rows: list[list[str]]) -> str:
    """Formats rows as a Markdown table with the first row as header, without empty rows.

    Raises `SourceTooLarge`.
    """
    filled = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    filled = [row for row in filled if any(row)]
    if not filled:
        return ""
    width = max(len(row) for row in filled)
    if width * len(filled) > MAX_PLACES:
        raise SourceTooLarge(
            f"A table of the document has more than {MAX_PLACES:,} cells.",
            hint="Save the table as a CSV file of its own.",
        )
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in filled]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)
