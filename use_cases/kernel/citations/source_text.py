"""The text of a search or a query for the model, with numbered sources, and rows as Markdown.

The program keeps the typed sources in the ledger; this text is never parsed. A table keeps its shape
for any cell, and states any omission.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape

from use_cases.kernel.citations.sources import PageEntry, PassageEntry, RowsEntry
from use_cases.kernel.model import Authority, Hit, Rows, Scalar, Table

_CLOSING = re.compile(r"<(?=\s*/\s*source)", re.IGNORECASE)

_LONGEST_DESCRIPTION = 300
NOTHING_FOUND = "Nothing was found. Try other words, or no category, before you give up."


def passages(entries: Sequence[PassageEntry], notices: Sequence[str]) -> str:
    """Formats each passage as a `<source>` with number, document, section, date and standing; a message
    with who said it when.
    """
    if not entries:
        return NOTHING_FOUND
    parts = [_passage(entry) for entry in entries]
    parts += [f"Note: {notice}" for notice in notices]
    return "\n\n".join(parts)


def rows(entry: RowsEntry) -> str:
    """Formats a query's rows as a numbered Markdown table."""
    titles = ", ".join(table.title for table in entry.rows.tables)
    return framed({"n": str(entry.number), "tables": titles}, entry.text)


def pages(entries: Sequence[PageEntry]) -> str:
    """Formats each web page as a `<source>` with its number, address and title."""
    return "\n\n".join(
        framed({"n": str(entry.number), "web": entry.url, "title": entry.title}, entry.text)
        for entry in entries
    )


def schema(tables: Sequence[Table]) -> str:
    """Formats the loaded tables for the instructions: names, columns, types and meanings."""
    return "\n".join(_table(table) for table in tables)


def framed(attributes: Mapping[str, str], text: str) -> str:
    """Formats a text as a `<source>`, which it cannot close; attributes without a value are left out."""
    said = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items() if value)
    held = _CLOSING.sub("<\u200b", text)
    return f"<source {said}>\n{held}\n</source>"


def one_line(text: str) -> str:
    """Shortens a file's text for the instructions, on one line."""
    return " ".join(text.split())[:_LONGEST_DESCRIPTION]


def _passage(entry: PassageEntry) -> str:
    passage = entry.passage
    document = passage.document
    attributes = _said(entry) or {
        "n": str(entry.number),
        "document": document.name,
        "title": document.title,
        "category": document.category,
        "section": passage.section,
        "page": "" if passage.page is None else str(passage.page),
        "last_updated": f"{document.updated.isoformat()} ({document.date_origin})",
        "standing": _standing(entry.hit),
        "score": f"{entry.hit.score:.4f}",
    }
    return framed(attributes, passage.reading_text)


def _said(entry: PassageEntry) -> dict[str, str] | None:
    """Returns the attributes of a message; None for a document."""
    document = entry.passage.document
    if document.said is None:
        return None
    return {
        "n": str(entry.number),
        "said_by": "the person" if document.said.role == "user" else document.said.who,
        "on": document.updated.isoformat(),
        "conversation": document.title,
        "verified": "no",
    }


def _standing(hit: Hit) -> str:
    document = hit.passage.document
    if newer := hit.replaced_by:
        return f"superseded by {newer.name} of {newer.updated.isoformat()}"
    if document.superseded_by:
        return f"superseded by {document.superseded_by}"
    return "" if document.authority is Authority.NORMAL else document.authority.name.lower()


def _table(table: Table) -> str:
    columns = "\n".join(
        f"  {column.name} {column.type} -- {one_line(column.description or column.original)}"
        for column in table.columns
    )
    about = f" ({one_line(table.description)})" if table.description else ""
    return f"Table {table.name}: {one_line(table.title)}{about}, {table.row_count} rows\n{columns}"


def rows_as_markdown(rows: Rows) -> str:
    """Formats the rows as a Markdown table, with a sentence for no rows or omitted ones."""
    lines = [
        _line([_cell(name) for name in rows.columns]),
        _line(["---"] * len(rows.columns)),
        *(_line([_cell(value) for value in row]) for row in rows.rows),
    ]
    if not rows.rows:
        lines.extend(["", "No rows."])
    elif rows.truncated:
        lines.extend(["", _truncation(len(rows.rows), rows.limit)])
    return "\n".join(lines)


def _truncation(shown: int, limit: int) -> str:
    reason = f"{limit} is the most" if shown == limit else "more would be too long"
    rows = "row is" if shown == 1 else f"{shown} rows are"
    return (
        f"Only the first {rows} shown ({reason}); there are more. "
        "Count, group or filter in the query instead of reading on."
    )


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Scalar) -> str:
    """Formats a cell on one line; NULL is empty."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    text = " ".join(str(value).split())
    return text.replace("\\", "\\\\").replace("|", "\\|")
