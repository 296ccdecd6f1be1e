"""PDF: the text of each page as blocks, with their page numbers.

Promises: an encrypted, truncated or damaged file is `SourceBroken`, one without text `SourceEmpty`.
Layout beyond lines (columns, tables) is that of pypdf.
Leaves to others: the classification of lines (`pdf_lines.py`).
"""

import logging
import math
import re
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from services.documents.composing import Composer
from services.documents.decoding import clean_text
from services.documents.pdf_lines import PdfLine, pieces
from services.documents.stated import fill_gaps, parse_facts, parse_opening
from use_cases.knowledge.errors import SourceBroken, SourceEmpty
from use_cases.knowledge.model import ParsedDocument, StatedFacts

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_TAIL = 4096
_MADE_UP_TITLE = re.compile(
    r"(?i)untitled|microsoft word -|.*\.(docx?|tex|dvi|indd|pdf|qxd|odt|html?|md|xlsx?|pptx?)$|\W*$"
)


def parse_pdf(content: bytes) -> ParsedDocument:
    """Read a PDF file. Raises `SourceBroken` and `SourceEmpty`; damage may raise anything of pypdf's."""
    # Imported here because it is heavy and most runs read no PDF.
    from pypdf import PdfReader

    # pypdf logs every flaw that it works around; unreadable files still raise.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    if b"%%EOF" not in content[-_TAIL:] and b"startxref" not in content[-_TAIL:]:
        raise SourceBroken("The PDF ends before its end mark: it is truncated.")
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise SourceBroken("The PDF is protected by a password.")
    pages = [_lines(page) for page in reader.pages]
    if not any(line.text for page in pages for line in page):
        raise SourceEmpty(
            "No page contains text, only images perhaps.",
            hint="If it is a scan, run OCR first (for example with ocrmypdf).",
        )
    composer = Composer()
    for piece in pieces(pages):
        composer.add(piece.kind, piece.text, level=piece.level, page=piece.page)
    return composer.finish(
        "application/pdf", fill_gaps(parse_opening(composer.text), _properties(reader))
    )


def _lines(page: "PageObject") -> list[PdfLine]:
    texts: list[str] = [""]
    sizes: list[float] = [math.inf]

    def collect(
        text: str, cm: Sequence[float], tm: Sequence[float], _font: object, size: float
    ) -> None:
        for index, part in enumerate(clean_text(text).split("\n")):
            if index:
                texts.append("")
                sizes.append(math.inf)
            if part.strip():
                # The effective size after both matrices, rounded to half points.
                points = abs(size) * math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
                sizes[-1] = min(sizes[-1], round(points * 2) / 2)
            texts[-1] += part

    page.extract_text(visitor_text=collect)
    return [PdfLine(text.strip(), size) for text, size in zip(texts, sizes, strict=True)]


def _properties(reader: "PdfReader") -> StatedFacts:
    information = reader.metadata
    if information is None:
        return StatedFacts()
    title = str(information.get("/Title") or "").strip()
    return parse_facts(
        {
            "title": "" if _MADE_UP_TITLE.match(title) else title,
            "updated": str(information.get("/ModDate") or ""),
            "date": str(information.get("/CreationDate") or ""),
        }
    )
