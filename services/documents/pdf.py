"""PDF: the text of each page as blocks, with their page numbers.

A line clearly larger than most of the document is a heading; wrapped lines are joined. A word divided at
a line end is joined only when the document writes it as one word elsewhere. Promises: an encrypted,
truncated or damaged file is `SourceBroken`, one without text `SourceEmpty`. Layout beyond lines
(columns, tables) is that of pypdf.
"""

import logging
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from services.documents.composing import Composer
from services.documents.decoding import clean_text
from services.documents.stated import fill_gaps, parse_facts, parse_opening
from use_cases.knowledge.errors import SourceBroken, SourceEmpty
from use_cases.knowledge.model import BlockKind, ParsedDocument, StatedFacts

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader


@dataclass(frozen=True, slots=True)
class PdfLine:
    """A line of a page, and the size of its smallest letters in points."""

    text: str
    size: float


_ITEM = re.compile(r"(?:[-–•▪◦*‣]|\d{1,3}[.)]|\([a-z0-9]{1,3}\)|\d+(?:\.\d+)+\.?)\s+\S")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DIVIDED = re.compile(r"([^\W\d_]+)-$")
_SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_SHORT_LINE = 0.75
_LARGER = 1.12
_LONGEST_HEADING = 200


def compose(pages: Sequence[Sequence[PdfLine]]) -> Composer:
    """Returns the blocks of all pages, in order; a block never crosses the end of its page."""
    composer = Composer()
    vocabulary = frozenset(
        word.lower() for page in pages for line in page for word in _WORD.findall(line.text)
    )
    levels = _heading_levels(pages)
    for number, page in enumerate(pages, start=1):
        widest = max((len(line.text) for line in page), default=0)
        run: list[PdfLine] = []
        for line in (*page, PdfLine("", math.inf)):
            if run and _starts_block(run[-1], line, widest, levels):
                kind, level, text = _block(run, vocabulary, levels)
                composer.add(kind, text, level=level, page=number)
                run = []
            if line.text:
                run.append(line)
    return composer


def _heading_levels(pages: Sequence[Sequence[PdfLine]]) -> dict[float, int]:
    """Returns the sizes of headings with their levels: the largest is 1."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page:
            letters[line.size] += len(line.text)
    body = max(letters, key=letters.__getitem__, default=0)
    larger = sorted((size for size in letters if size > body * _LARGER), reverse=True)
    return {size: min(level, 6) for level, size in enumerate(larger, start=1)}


def _starts_block(before: PdfLine, line: PdfLine, widest: int, levels: dict[float, int]) -> bool:
    """Returns whether a new block begins with this line."""
    if not line.text or levels.get(before.size) != levels.get(line.size):
        return True
    if line.size in levels:
        return False  # a heading that needs two lines
    if _ITEM.match(line.text):
        return True
    short = len(before.text) < _SHORT_LINE * widest
    return short and (_SENTENCE_END.search(before.text) is not None or not line.text[:1].islower())


def _block(
    lines: list[PdfLine], vocabulary: frozenset[str], levels: dict[float, int]
) -> tuple[BlockKind, int, str]:
    text = _join_lines([line.text for line in lines], vocabulary)
    level = levels.get(lines[0].size, 0)
    if level and len(text) <= _LONGEST_HEADING and any(map(str.isalpha, text)):
        return BlockKind.HEADING, level, text
    return BlockKind.LIST if _ITEM.match(text) else BlockKind.PARAGRAPH, 0, text


def _join_lines(lines: list[str], vocabulary: frozenset[str]) -> str:
    parts = [lines[0]]
    for line in lines[1:]:
        before = parts[-1]
        divided = _DIVIDED.search(before[-80:])
        following = _WORD.match(line)
        if not before.endswith("\u00ad"):
            if divided is None or following is None or not line[:1].islower():
                parts.append(" ")
            elif (divided[1] + following[0]).lower() in vocabulary:
                # Else, as in "well-known", the hyphen is presumably part of the word.
                parts[-1] = before[:-1]
        parts.append(line)
    return "".join(parts).replace("\u00ad", "")


_TAIL = 4096
_MADE_UP_TITLE = re.compile(
    r"(?i)untitled|microsoft word -|.*\.(docx?|tex|dvi|indd|pdf|qxd|odt|html?|md|xlsx?|pptx?)$|\W*$"
)


def parse_pdf(content: bytes) -> ParsedDocument:
    """Reads a PDF file. Raises `SourceBroken` and `SourceEmpty`; damage may raise anything of pypdf's."""
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
    composer = compose(pages)
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
