"""DOCX: the body's paragraphs, headings by their style, lists, tables and code.

Promises: a ZIP bomb or damaged XML is `SourceBroken`, no text `SourceEmpty`, and more paragraphs than
memory should hold `SourceTooLarge`. Headers, footers, notes, comments, text boxes and the numbers
that Word computes for lists are left out.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, cast
from zipfile import ZipFile

from services.documents.composing import Composer, table_rows
from services.documents.stated import fill_gaps, parse_facts, parse_opening
from use_cases.knowledge.errors import SourceBroken, SourceTooLarge
from use_cases.knowledge.model import BlockKind, ParsedDocument, StatedFacts

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LARGEST_PART = 64_000_000
_LARGEST_WHOLE = 256_000_000
MOST_PARAGRAPHS = 200_000
"""The limit for the body and its tables; a book of 1,000 pages has some 20,000."""

_BEGINS_PARAGRAPH = re.compile(rb"<(?:\w+:)?p[\s/>]")
_BODY = re.compile(r"word/document\d*\.xml")
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_CODE = re.compile(r"code|html preformatted|source|verbatim", re.IGNORECASE)


def parse_docx(content: bytes) -> ParsedDocument:
    """Reads a DOCX file.

    Raises `SourceBroken`, `SourceEmpty` and `SourceTooLarge`; damage may raise anything of lxml's.
    """
    # Imported here because it is heavy and most runs read no DOCX.
    from docx import Document

    names = _check_archive(content)
    document = Document(BytesIO(content))
    composer = Composer()
    for kind, level, text in _merge_code(_blocks(document)):
        composer.add(kind, text, level=level)
    # For a file without properties python-docx invents some, dated today.
    stated = _properties(document) if "docProps/core.xml" in names else StatedFacts()
    return composer.finish(MEDIA_TYPE, fill_gaps(parse_opening(composer.text), stated))


def _check_archive(content: bytes) -> set[str]:
    """Returns the archive's members after a check of their stated sizes (zipfile reads no further).

    Paragraphs are counted in a stream: a small archive can unpack to millions of empty ones.
    """
    with ZipFile(BytesIO(content)) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        xml = (size for name, size in sizes.items() if name.endswith((".xml", ".rels")))
        if max(xml, default=0) > _LARGEST_PART or sum(sizes.values()) > _LARGEST_WHOLE:
            raise SourceBroken("The document unpacks to more than a document can hold.")
        for name in filter(_BODY.fullmatch, sizes):
            if sum(1 for _ in _BEGINS_PARAGRAPH.finditer(archive.read(name))) > MOST_PARAGRAPHS:
                raise SourceTooLarge(
                    f"The document has more than {MOST_PARAGRAPHS:,} paragraphs.",
                    hint="Split it into several files.",
                )
    return set(sizes)


def _blocks(document: "Document") -> Iterator[tuple[BlockKind, int, str]]:
    from docx.text.paragraph import Paragraph

    style_names: dict[str | None, str] = {}  # the library searches all styles for each paragraph
    for item in document.iter_inner_content():
        if isinstance(item, Paragraph):
            own = item._p.style  # pyright: ignore[reportPrivateUsage]
            if own not in style_names:
                style_names[own] = (item.style.name or "") if item.style is not None else ""
            yield _paragraph(item, style_names[own])
        else:
            yield BlockKind.TABLE, 0, table_rows(list(_rows(item)))


def _paragraph(paragraph: "Paragraph", style: str) -> tuple[BlockKind, int, str]:
    heading = _HEADING.match(style)
    if heading is not None or style.lower() == "title":
        level = int(heading[1]) if heading is not None else 1
        return BlockKind.HEADING, min(max(level, 1), 6), paragraph.text
    if _CODE.search(style):
        return BlockKind.CODE, 0, paragraph.text
    depth = _list_depth(paragraph, style)
    if depth is not None and paragraph.text.strip():
        return BlockKind.LIST, 0, "  " * depth + "- " + paragraph.text.strip()
    return BlockKind.PARAGRAPH, 0, paragraph.text


def _list_depth(paragraph: "Paragraph", style: str) -> int | None:
    # The library exposes numbering only in the XML.
    levels = cast(
        "list[str]",
        paragraph._p.xpath("./w:pPr/w:numPr[not(w:numId/@w:val='0')]/w:ilvl/@w:val"),  # pyright: ignore[reportPrivateUsage]
    )
    if levels:
        return min(int(levels[0]), 8)
    return 0 if style.startswith("List") and style != "List Paragraph" else None


def _rows(table: "Table") -> Iterator[list[str]]:
    for row in table.rows:
        # A merged cell is repeated for each column it spans.
        spans = groupby(row.cells, key=lambda cell: cell._tc)  # pyright: ignore[reportPrivateUsage]
        yield [next(cells).text for _, cells in spans]


def _merge_code(
    blocks: Iterator[tuple[BlockKind, int, str]],
) -> Iterator[tuple[BlockKind, int, str]]:
    """Merges adjacent code lines, each a paragraph in Word, into one block."""
    for is_code, some in groupby(blocks, key=lambda block: block[0] is BlockKind.CODE):
        if is_code:
            yield BlockKind.CODE, 0, "\n".join(text for _, _, text in some)
        else:
            yield from some


def _properties(document: "Document") -> StatedFacts:
    properties = document.core_properties
    moments = (properties.modified, properties.created)
    dates = [moment.date().isoformat() for moment in moments if isinstance(moment, datetime)]
    return parse_facts({"title": properties.title, "updated": dates[0] if dates else ""})
