"""Writes a text and its blocks together, for formats whose text is not simply the file's characters.

Promises: what is stored is exactly what was added, one blank line between blocks (one line end
between list items and between table rows), and each block's span cuts out exactly its text.
"""

from services.documents.decoding import clean_text
from use_cases.kernel.model import Span
from use_cases.knowledge.errors import SourceEmpty, SourceTooLarge
from use_cases.knowledge.model import Block, BlockKind, ParsedDocument, Stated

MOST_PLACES = 2_000_000
"""Rows times columns of one table: short rows are filled up to the longest."""


class Composer:
    """Collects blocks in reading order and hands back the finished document."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0

    def add(self, kind: BlockKind, text: str, *, level: int = 0, page: int | None = None) -> None:
        """Append a block; blank text is left out. A heading's words are its text in one line."""
        text = clean_text(text).strip("\n").rstrip()
        if not text.strip():
            return
        if kind is BlockKind.HEADING:
            text = " ".join(text.split())
        if self._blocks:
            tight = kind is BlockKind.LIST and self._blocks[-1].kind is BlockKind.LIST
            self._write("\n" if tight else "\n\n")
        start = self._length
        self._write(text)
        heading = text if kind is BlockKind.HEADING else ""
        self._blocks.append(Block(kind, Span(start, self._length), level, heading, page))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet."""
        return not self._blocks

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._pieces)

    def finish(self, media_type: str, stated: Stated) -> ParsedDocument:
        """The document. Raises `SourceEmpty` when no block was added."""
        if not self._blocks:
            raise SourceEmpty("No text was found in the file.")
        return ParsedDocument(self.text, tuple(self._blocks), media_type, stated)

    def _write(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


def table_rows(rows: list[list[str]]) -> str:
    """Rows as a Markdown table, its first row the header; empty rows are left out.

    Raises `SourceTooLarge`.
    """
    filled = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    filled = [row for row in filled if any(row)]
    if not filled:
        return ""
    width = max(len(row) for row in filled)
    if width * len(filled) > MOST_PLACES:
        raise SourceTooLarge(
            f"A table of the document has more than {MOST_PLACES:,} cells.",
            hint="Save the table as a CSV file of its own.",
        )
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in filled]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)
