"""The composition of a text with its blocks, for formats whose text is not the file's characters.

Promises: the stored text is exactly the added text, with one blank line between blocks (one line end
between list items and between table rows), and each block's span covers exactly its text.
"""

from services.documents.decoding import clean_text
from use_cases.kernel.model import Span
from use_cases.knowledge.errors import SourceEmpty, SourceTooLarge
from use_cases.knowledge.model import Block, BlockKind, ParsedDocument, StatedFacts

MAX_PLACES = 2_000_000
"""The most rows times columns of one table: short rows are padded to the longest."""


class Composer:
    """A builder that collects blocks in reading order and returns the finished document."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0

    def add(self, kind: BlockKind, text: str, *, level: int = 0, page: int | None = None) -> None:
        """Append a block; blank text is left out. A heading becomes one line."""
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
        """True if no block was added yet."""
        return not self._blocks

    @property
    def text(self) -> str:
        """The text written so far."""
        return "".join(self._pieces)

    def finish(self, media_type: str, stated: StatedFacts) -> ParsedDocument:
        """Return the document. Raises `SourceEmpty` when no block was added."""
        if not self._blocks:
            raise SourceEmpty("No text was found in the file.")
        return ParsedDocument(self.text, tuple(self._blocks), media_type, stated)

    def _write(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


def table_rows(rows: list[list[str]]) -> str:
    """Format rows as a Markdown table with the first row as header, without empty rows.

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
