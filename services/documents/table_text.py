"""Tables as readable and searchable text.

The text has a heading, a description with the columns, and one line for each row, with the name of
its column before every value. Empty cells are left out. Promises: exact spans.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.documents.table_grid import Cell, format_cell
from use_cases.kernel.model import Column, ColumnType, Span
from use_cases.knowledge.model import Block, BlockKind

_TYPE_WORDS = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "whole number",
    ColumnType.REAL: "number",
    ColumnType.DATE: "date",
    ColumnType.BOOLEAN: "yes or no, as 1 or 0",
}


@dataclass(slots=True)
class TableText:
    """A text under construction and its blocks. Spans count code points."""

    blocks: list[Block] = field(default_factory=list[Block])
    _pieces: list[str] = field(default_factory=list[str])
    _length: int = 0

    @property
    def text(self) -> str:
        """The text written so far."""
        return "".join(self._pieces)

    def heading(self, title: str, level: int) -> None:
        """Add a title on its own line."""
        span = self._write(title, separator="\n\n")
        self.blocks.append(Block(BlockKind.HEADING, span, level=level, heading=title))

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self.blocks.append(Block(BlockKind.PARAGRAPH, self._write(text, separator="\n\n")))

    def rows(self, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[Span]:
        """Add one line for each row; return the spans of the lines."""
        spans: list[Span] = []
        for number, row in enumerate(rows):
            line = row_text(header, row)
            spans.append(self._write(line, separator="\n" if number else "\n\n"))
            self.blocks.append(Block(BlockKind.ROW, spans[-1]))
        return spans

    def _write(self, text: str, *, separator: str) -> Span:
        if self._pieces:
            self._pieces.append(separator)
            self._length += len(separator)
        start = self._length
        self._pieces.append(text)
        self._length += len(text)
        return Span(start, self._length)


def row_text(header: Sequence[str], row: Sequence[Cell]) -> str:
    """Format a row: `KPI ID: K-012; Name: First-time fix rate`."""
    return "; ".join(
        f"{name}: {format_cell(cell)}"
        for name, cell in zip(header, row, strict=True)
        if cell is not None
    )


def columns_text(name: str, columns: Sequence[Column], row_count: int) -> str:
    """Return a sentence that names the table and its columns."""
    listed = "; ".join(_column_text(column) for column in columns)
    rows = "1 row" if row_count == 1 else f"{row_count} rows"
    return f"Table {name}, {rows}. Columns: {listed}."


def _column_text(column: Column) -> str:
    kind = _TYPE_WORDS[column.type]
    if column.name != column.original:
        kind = f"{column.name}, {kind}"
    meaning = f": {column.description.rstrip('.')}" if column.description else ""
    return f"{column.original} ({kind}){meaning}"
