"""The process that reads files one after another, within bounds, until its input ends; a file's format is
found by content first and name second.

Promises: for any bytes and any name the result is a `ParsedDocument` or one of `SourceBinary`,
`SourceBroken`, `SourceEmpty`, `SourceTooLarge`, `SourceTooCostly`. Data and code, which are text but
no documents, are `SourceBinary` by their names. A document without a stated title gets its first top
heading, or else its file's name.
Leaves to others: the formats (a module each), the process and its limits (`reader.py`).

`reader.py` starts it as `python -m services.documents.reading_worker MEMORY_BYTES`. After
one byte for readiness, it takes a pickled tuple, a `Request`, from standard input for each `ReadingAnswer`
on standard output. Promises: it ends by itself at the end of its input, after a file that left it
large, when memory is short (with `OUT_OF_MEMORY`), and soon after a request's time is over, even
without its parent. Leaves to others: the deadline (its parent).
"""

import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, NamedTuple, TypeAlias
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
from use_cases.knowledge.model import BlockKind, ChunkPolicy, ParsedDocument, PassageDraft

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
        if suffix in (".docx", ".xlsx"):
            raise SourceBroken("The file is protected by a password.")
        raise SourceBinary("The file is in an old Office format.")
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

    return parse_table_file(name, content, parse_description(description or b"", name))


def _add_title(document: ParsedDocument, name: str) -> ParsedDocument:
    if document.stated.title:
        return document
    tops = (
        one.heading for one in document.blocks if one.kind is BlockKind.HEADING and one.level == 1
    )
    title = next(filter(None, tops), None) or readable_name(name)
    return replace(document, stated=replace(document.stated, title=title))


READY: Final = b"R"
OUT_OF_MEMORY: Final = 77
"""The exit code for lack of memory."""

_ORPHAN_SECONDS = 5.0
"""The delay after the parent's deadline at which the system ends an orphaned process."""

_NICE = 10
"""The niceness of the process: requests for answers and pages come first."""

_LARGE_BYTES = 256 * 1024 * 1024
"""The memory above which a process is replaced, because it keeps much of what a file took."""


Cut: TypeAlias = Callable[[ParsedDocument, ChunkPolicy], Sequence[PassageDraft]]
"""A module-level function, which the process imports by its name."""


class Request(NamedTuple):
    """A file (see `Reader.parse`), the time limit of its reading, and the function that cuts it."""

    name: str
    content: bytes
    description: bytes | None
    seconds: float
    cutting: tuple[Cut, ChunkPolicy] | None = None


class ReadingAnswer(NamedTuple):
    """The document, or an error. `cause` is a library's own error, for the log.

    `is_last`: the process ends after it.
    """

    outcome: ParsedDocument | CandorError
    cause: str
    is_last: bool


def main() -> None:
    """Takes the bounds, then answers requests."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library's prints are no answers
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to the whole service: its parent decides
    if sys.platform != "win32":
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the parent is gone: end silently
        os.nice(_NICE)
    bound_memory(int(sys.argv[1]))
    answers.write(READY)
    answers.flush()
    try:
        serve(sys.stdin.buffer, answers)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def bound_memory(limit: int) -> None:
    """Bounds the address space. Linux only: elsewhere the limit is absent, or not enforced."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers one request after the other. Raises `MemoryError`."""
    is_last = False
    while not is_last:
        try:
            request = Request(*pickle.load(requests))  # noqa: S301  (the parent's own)
        except EOFError:
            return
        _end_after(request.seconds + _ORPHAN_SECONDS)
        outcome, cause = answer(request)
        is_last = _resident_bytes() > _LARGE_BYTES
        pickle.dump((outcome, cause, is_last), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
        _end_after(0)


def answer(request: Request) -> tuple[ParsedDocument | CandorError, str]:
    """Reads and cuts one file; returns the outcome and the cause of a failure. Raises `MemoryError`."""
    try:
        document = read_document(request.name, request.content, request.description)
    except CandorError as error:
        return error, "" if error.__cause__ is None else repr(error.__cause__)
    if request.cutting is not None:
        cut, chunks = request.cutting
        # Hundreds of thousands of blocks would pause their receiver's garbage collection.
        document = replace(document, passages=cut(document, chunks), blocks=())
    return document, ""


def _end_after(seconds: float) -> None:
    """Lets the system end this process after so many seconds; 0: never."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _resident_bytes() -> int:
    """Returns the resident memory of this process; 0 where the system does not report it."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") if pages.exists() else 0


if __name__ == "__main__":
    main()
