"""PDF: the text of each page, wrapped lines joined into paragraphs, with the page it stands on.

Promises: an encrypted, truncated or damaged file is `SourceBroken`, one without text `SourceEmpty`.
A word divided at a line end is joined only when the document proves it one word. Layout beyond
lines (columns, tables) is as pypdf gives it.
"""

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from services.documents.composing import Composer
from services.documents.decoding import storable
from services.documents.stated import stated_from
from use_cases.knowledge.model import (
    BlockKind,
    ParsedDocument,
    SourceBroken,
    SourceEmpty,
    Stated,
)

if TYPE_CHECKING:
    from pypdf import PdfReader

_TAIL = 4096
_ITEM = re.compile(r"(?:[-–•▪◦*‣]|\d{1,3}[.)]|\([a-z0-9]{1,3}\)|\d+(?:\.\d+)+\.?)\s+\S")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DIVIDED = re.compile(r"([^\W\d_]+)-$")
_SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_SHORT_LINE = 0.75
_MADE_UP_TITLE = re.compile(
    r"(?i)untitled|microsoft word -|.*\.(docx?|tex|dvi|indd|pdf|qxd|odt)$|\W*$"
)


def parse_pdf(content: bytes) -> ParsedDocument:
    """Read a PDF file. Raises `SourceBroken` and `SourceEmpty`; damage may raise anything of pypdf's."""
    # Imported here because it is heavy and most runs read no PDF.
    from pypdf import PdfReader

    # pypdf warns of every flaw it works around; what it cannot read still raises.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    if b"%%EOF" not in content[-_TAIL:] and b"startxref" not in content[-_TAIL:]:
        raise SourceBroken("The PDF ends before its end mark: it is truncated.")
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise SourceBroken("The PDF is protected by a password.")
    pages = [storable(page.extract_text()) for page in reader.pages]
    if not any(page.strip() for page in pages):
        raise SourceEmpty(
            f"None of the {len(pages)} pages holds text, only images perhaps.",
            hint="If it is a scan, run OCR first (for example with ocrmypdf).",
        )
    composer = Composer()
    vocabulary = frozenset(word.lower() for page in pages for word in _WORD.findall(page))
    for number, page in enumerate(pages, start=1):
        for kind, text in _paragraphs(page, vocabulary):
            composer.add(kind, text, page=number)
    return composer.finish("application/pdf", _stated(reader))


def _paragraphs(page: str, vocabulary: frozenset[str]) -> Iterator[tuple[BlockKind, str]]:
    lines = [line.strip() for line in page.split("\n")]
    widest = max(map(len, lines))
    run: list[str] = []
    for line in lines:
        if run and _breaks(run[-1], line, widest):
            yield _joined(run, vocabulary)
            run = []
        if line:
            run.append(line)
    if run:
        yield _joined(run, vocabulary)


def _breaks(before: str, line: str, widest: int) -> bool:
    """Whether a new paragraph begins with this line."""
    if not line or _ITEM.match(line):
        return True
    short = len(before) < _SHORT_LINE * widest
    return short and (_SENTENCE_END.search(before) is not None or not line[:1].islower())


def _joined(lines: list[str], vocabulary: frozenset[str]) -> tuple[BlockKind, str]:
    text = lines[0]
    for line in lines[1:]:
        divided = _DIVIDED.search(text)
        following = _WORD.match(line)
        if text.endswith("\u00ad"):
            text = text[:-1] + line
        elif divided is None or following is None or not line[:1].islower():
            text += " " + line
        elif (divided[1] + following[0]).lower() in vocabulary:
            text = text[:-1] + line
        else:
            text += line  # "well-" and "known": the hyphen belongs to the word, as far as one knows
    kind = BlockKind.LIST if _ITEM.match(lines[0]) else BlockKind.PARAGRAPH
    return kind, text.replace("\u00ad", "")


def _stated(reader: "PdfReader") -> Stated:
    information = reader.metadata
    if information is None:
        return Stated()
    title = str(information.get("/Title") or "").strip()
    return stated_from(
        {
            "title": "" if _MADE_UP_TITLE.match(title) else title,
            "updated": str(information.get("/ModDate") or ""),
            "date": str(information.get("/CreationDate") or ""),
        }
    )
