"""The kind of a file by its content.

Promises: a file is an image or PDF by its signature and the structure behind it, text only where all of it
is valid UTF-8 or (with a byte order mark) UTF-16 without a zero character, and SVG only where the root
element is `svg`, all of it is well formed and no entity is declared; the ending of the name is never
believed, but must not stand for another kind. Memory holds one piece of the file.

Signatures: PNG (ISO/IEC 15948, 5.2), GIF (GIF89a specification, 17 to 20), JPEG (ITU-T T.81, annex B),
WebP (RFC 9649), PDF (ISO 32000-1, 7.5.2). A file that is also a script or an archive behind its valid
beginning keeps the kind that it begins with: what makes such files harmless is how they are served.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import PurePath
from typing import BinaryIO
from xml.parsers import expat

from use_cases.conversations.errors import (
    AttachmentBroken,
    AttachmentKindUnknown,
    AttachmentRenamed,
    AttachmentTooLarge,
)
from use_cases.conversations.model import PDF_MEDIA_TYPE, TEXT_MEDIA_TYPE, SniffedFile

_PIECE = 64 * 1024
_SVG = "image/svg+xml"
_ENDINGS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": _SVG,
    ".pdf": PDF_MEDIA_TYPE,
}
_SVG_ROOTS = frozenset({"svg", "http://www.w3.org/2000/svg svg"})
_GIF_HEAD = 13
_WEBP_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X"})
_ENCODINGS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def sniff(name: str, content: BinaryIO, most_bytes: int) -> SniffedFile:
    """Returns the kind of a file by its content; call it in a thread, for it reads all of it, piece by
    piece.

    Raises `AttachmentTooLarge`, `AttachmentKindUnknown`, `AttachmentBroken`, and `AttachmentRenamed`
    where the ending of the name stands for another kind.
    """
    digest, text, size, head = sha256(), _TextCheck(), 0, b""
    for piece in _pieces(content):
        size += len(piece)
        if size > most_bytes:
            raise AttachmentTooLarge(f"The file is larger than {most_bytes / 2**20:g} MiB.")
        head = head or piece
        digest.update(piece)
        text.add(piece)
    if not size:
        raise AttachmentBroken("The file is empty.")
    kind = _by_signature(head, size)
    if kind is None and text.ends():
        kind = _SVG if _is_svg(head, content) else text.media_type
    return SniffedFile(media_type=_agreed(name, kind), size=size, sha256=digest.hexdigest())


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    content.seek(0)
    while piece := content.read(_PIECE):
        yield piece


def _agreed(name: str, kind: str | None) -> str:
    """Returns the kind where the ending of the name does not speak against it."""
    ending = PurePath(name).suffix.lower()
    stated = _ENDINGS.get(ending)
    is_text = (kind or "").startswith(TEXT_MEDIA_TYPE)
    if kind is not None and (stated == kind or (stated is None and (is_text or not ending))):
        return kind
    if kind is None and stated is None:
        raise AttachmentKindUnknown("Its content is no image, PDF or text that is known.")
    content = "something else" if kind is None else kind
    raise AttachmentRenamed(f"Its name ends in {ending}, but its content is {content}.")


def _by_signature(head: bytes, size: int) -> str | None:
    """Returns an image's or PDF's kind. Raises `AttachmentBroken` for a beginning without the rest."""
    for signature, kind, is_sound in _SIGNATURES:
        if head.startswith(signature):
            if not is_sound(head, size):
                raise AttachmentBroken(f"It begins like {kind}, but is none.")
            return kind
    return None


def _is_png(head: bytes, size: int) -> bool:
    first_chunk = b"\x00\x00\x00\x0dIHDR"
    return head[8:16] == first_chunk and all((any(head[16:20]), any(head[20:24])))


def _is_gif(head: bytes, size: int) -> bool:
    """Returns whether the first block stands behind the global table of colours."""
    if size <= _GIF_HEAD:
        return False
    colours = 3 * 2 ** ((head[10] & 7) + 1) if head[10] & 0x80 else 0
    return head[_GIF_HEAD + colours : _GIF_HEAD + colours + 1] in (b",", b"!")


def _is_jpeg(head: bytes, size: int) -> bool:
    """Returns the start of image, then the marker of a segment: tables, frame, application data or
    comment.
    """
    return len(head) > 4 and (0xC0 <= head[3] <= 0xCF or 0xDB <= head[3] <= 0xFE)


def _is_webp(head: bytes, size: int) -> bool:
    stated = int.from_bytes(head[4:8], "little") + 8
    return head[8:12] == b"WEBP" and head[12:16] in _WEBP_CHUNKS and stated <= size + 1


def _is_pdf(head: bytes, size: int) -> bool:
    return re.match(rb"%PDF-[12]\.\d", head) is not None


_SIGNATURES: tuple[tuple[bytes, str, Callable[[bytes, int], bool]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", _is_png),
    (b"GIF87a", "image/gif", _is_gif),
    (b"GIF89a", "image/gif", _is_gif),
    (b"\xff\xd8\xff", "image/jpeg", _is_jpeg),
    (b"RIFF", "image/webp", _is_webp),
    (b"%PDF-", PDF_MEDIA_TYPE, _is_pdf),
)


class _TextCheck:
    """Check, piece by piece, that all of a file is text."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_text = True
        self._encoding = "utf-8"

    @property
    def media_type(self) -> str:
        """With the charset where it is not the usual one."""
        other = "" if self._encoding == "utf-8" else f"; charset={self._encoding}"
        return TEXT_MEDIA_TYPE + other

    def add(self, piece: bytes, *, final: bool = False) -> None:
        if not self._is_text:
            return
        if self._decoder is None:
            self._encoding = _ENCODINGS.get(piece[:2], "utf-8")
            self._decoder = codecs.getincrementaldecoder(self._encoding)()
        try:
            self._is_text = "\x00" not in self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            self._is_text = False

    def ends(self) -> bool:
        """Returns whether it was text to the end."""
        self.add(b"", final=True)
        return self._is_text


class _OtherRootError(Exception):
    """The root element is not `svg`."""


def _is_svg(head: bytes, content: BinaryIO) -> bool:
    """Returns whether a text's root element is `svg`.

    Raises `AttachmentBroken` for an SVG that is not well formed or declares entities, which could expand
    without end or name other files.
    """
    if not re.match(rb"(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<", head):
        return False
    parser = expat.ParserCreate(namespace_separator=" ")
    entities, is_svg = False, False

    def declare(*entity: object) -> None:
        nonlocal entities
        entities = True

    def start(name: str, attributes: object) -> None:
        nonlocal is_svg
        if name not in _SVG_ROOTS:
            raise _OtherRootError
        if entities:
            raise AttachmentBroken("The SVG declares entities.", hint="Save it without a DOCTYPE.")
        is_svg = True
        parser.StartElementHandler = None

    parser.StartElementHandler, parser.EntityDeclHandler = start, declare
    try:
        for piece in _pieces(content):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except _OtherRootError:
        return False
    except expat.ExpatError as error:
        if is_svg:
            raise AttachmentBroken(f"The SVG is not well formed: {error}.") from None
    return is_svg
