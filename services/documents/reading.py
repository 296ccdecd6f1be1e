"""The detection of a file's format, by content first and name second, and its reading.

Promises: for any bytes and any name the result is a `ParsedDocument` or one of `SourceBinary`,
`SourceBroken`, `SourceEmpty`, `SourceTooLarge`, `SourceTooCostly`. Data and code, which are text but
no documents, are `SourceBinary` by their names. A document without a stated title gets its first top
heading, or else its file's name.
Leaves to others: the formats (a module each), the process and its limits (`reader.py`).
"""

from dataclasses import replace
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile

from services.documents.decoding import decode, refuse_non_document
from services.documents.docx import parse_docx
from services.documents.html import parse_html
from services.documents.markdown import parse_markdown
from services.documents.pdf import parse_pdf
from services.documents.stated import readable_name
from services.documents.text import parse_text
from use_cases.kernel.errors import CandorError
from use_cases.knowledge.errors import SourceBinary, SourceBroken, SourceEmpty
from use_cases.knowledge.model import BlockKind, ParsedDocument

_MARKDOWN = (".md", ".markdown", ".mdx")
_HTML = (".html", ".htm", ".xhtml")
_TABLES = (".csv", ".tsv", ".tab")
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_BLANK_BEFORE_HTML = 1000


def read_document(name: str, content: bytes, description: bytes | None = None) -> ParsedDocument:
    """Reads by content first, by name second. Raises `MemoryError` when memory is short."""
    refuse_non_document(name)
    if not content or content.isspace():
        raise SourceEmpty("The file is empty.")
    try:
        document = _read(name, content, description)
    except (CandorError, MemoryError):
        raise
    # Damaged files make the parsers' libraries raise any error: KeyError, RecursionError, their own.
    except Exception as error:
        raise SourceBroken(
            f"The file is damaged: {type(error).__name__} while reading it."
        ) from error
    return _add_title(document, name)


def _read(name: str, content: bytes, description: bytes | None) -> ParsedDocument:
    suffix = PurePosixPath(name.lower()).suffix
    if content.lstrip()[:5] == b"%PDF-" or (suffix == ".pdf" and b"%PDF-" in content[:1024]):
        return parse_pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return _read_archive(name, content, description)
    if content.startswith(_COMPOUND_FILE):
        raise _compound_file_error(suffix)
    if content.startswith(b"{\\rtf"):
        raise SourceBinary("The file is RTF.")
    if content.startswith(b"#!/"):
        raise SourceBinary("The file is a script.")
    if suffix in (".pdf", ".docx", ".xlsx"):
        raise SourceBroken(f"The file is named {suffix} but does not begin like one.")
    if suffix in _TABLES:
        return _read_table(name, content, description)
    return _read_text(suffix, decode(content))


def _read_text(suffix: str, text: str) -> ParsedDocument:
    if not text.strip():
        raise SourceEmpty("The file contains only white space.")
    if suffix in _HTML or _begins_as_html(text):
        return parse_html(text)
    if suffix in _MARKDOWN:
        return parse_markdown(text)
    return parse_text(text, "text/x-rst" if suffix == ".rst" else "text/plain")


def _begins_as_html(text: str) -> bool:
    start = text[:_MOST_BLANK_BEFORE_HTML].lstrip().lower()
    if start.startswith("<?xml"):
        return "<html" in start
    return start.startswith(("<!doctype html", "<html", "<head>", "<body"))


def _read_archive(name: str, content: bytes, description: bytes | None) -> ParsedDocument:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except BadZipFile as error:
        raise SourceBroken("The file is a damaged or truncated archive.") from error
    if any(member.startswith("word/") for member in names):
        return parse_docx(content)
    if any(member.startswith("xl/") for member in names):
        return _read_table(name, content, description)
    raise SourceBinary("The file is an archive, but neither DOCX nor XLSX.")


def _read_table(name: str, content: bytes, description: bytes | None) -> ParsedDocument:
    # Imported here because the workbook reader behind it is heavy and most runs read no table.
    from services.documents.table_files import parse_description, parse_table_file

    about = parse_description(description, name) if description is not None else None
    return parse_table_file(name, content, about)


def _compound_file_error(suffix: str) -> CandorError:
    if suffix in (".docx", ".xlsx"):
        return SourceBroken("The file is protected by a password.")
    return SourceBinary("The file is in an old Office format.")


def _add_title(document: ParsedDocument, name: str) -> ParsedDocument:
    if document.stated.title:
        return document
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    top = next((block.heading for block in headings if block.level == 1 and block.heading), None)
    title = top or readable_name(name)
    return replace(document, stated=replace(document.stated, title=title))
