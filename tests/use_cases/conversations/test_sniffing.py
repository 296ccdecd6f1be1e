"""The kinds of files by content: what they are, whatever they are called."""

import hashlib
import io
import zlib

import pytest

from use_cases.conversations.errors import (
    AttachmentBroken,
    AttachmentKindUnknown,
    AttachmentRenamed,
    AttachmentTooLarge,
)
from use_cases.conversations.model import SniffedFile
from use_cases.conversations.sniffing import sniff as sniff_file
from use_cases.kernel.errors import CandorError

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
    b"\x3a\x7e\x9b\x55\x00\x00\x00\x0bIDAT" + zlib.compress(b"\x00\x00") + b"\x00\x00\x00\x00IEND"
)
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(6) + b",\x00\x00\x00\x00\x01\x00\x01\x00\x00;"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00" + bytes(14)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n0\n%%EOF"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(100)
ZIP = b"PK\x03\x04" + bytes(100)
LAUGHS = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'
OUTSIDE = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'


def sniff(name: str, content: bytes, most_bytes: int = 10 * 2**20) -> SniffedFile:
    return sniff_file(name, io.BytesIO(content), most_bytes)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", PNG, "image/png"),
        ("a", PNG, "image/png"),
        ("A.JPEG", JPEG, "image/jpeg"),
        ("a.gif", GIF, "image/gif"),
        ("a.gif", GIF.replace(b"89a", b"87a"), "image/gif"),
        ("a.webp", WEBP, "image/webp"),
        ("a.pdf", PDF, "application/pdf"),
        ("a.svg", SVG, "image/svg+xml"),
        ("a.svg", b"\xef\xbb\xbf<!-- a mark and a comment --> " + SVG, "image/svg+xml"),
        ("a.svg", b'<?xml version="1.0"?><!DOCTYPE svg><svg/>', "image/svg+xml"),
        ("a.svg", SVG.replace(b"<path", b"<script>alert(1)</script><path"), "image/svg+xml"),
        ("a.svg", SVG.decode().encode("utf-16"), "image/svg+xml"),
        ("a.txt", b"plain \xc3\xa4\n", "text/plain"),
        ("a.csv", "言葉,修复".encode(), "text/plain"),
        ("a.txt", "言葉".encode("utf-16"), "text/plain; charset=utf-16"),
        ("page.html", b"<html><script>alert(1)</script></html>", "text/plain"),
        ("feed.xml", b"<feed><svg/></feed>", "text/plain"),
        ("broken.xml", b"<feed", "text/plain"),
        ("entities.xml", LAUGHS.replace(b"svg", b"x"), "text/plain"),
        # A script or archive behind a valid beginning: the beginning decides, and nothing runs it.
        ("a.gif", GIF + b"<script>alert(1)</script>", "image/gif"),
        ("a.pdf", PDF + ZIP, "application/pdf"),
    ],
)
def test_a_file_is_what_its_content_is(name: str, content: bytes, kind: str) -> None:
    found = sniff(name, content)
    assert found == SniffedFile(
        media_type=kind, size=len(content), sha256=hashlib.sha256(content).hexdigest()
    )


@pytest.mark.parametrize(
    ("name", "content", "error", "detail"),
    [
        ("a.txt", b"", AttachmentBroken, "empty"),
        ("a.png", EXE, AttachmentRenamed, "ends in .png, but its content is something else"),
        ("a.exe", EXE, AttachmentKindUnknown, "no image, PDF or text"),
        ("a.zip", ZIP, AttachmentKindUnknown, "no image, PDF or text"),
        ("a.txt", "ä".encode("latin-1"), AttachmentKindUnknown, "no image, PDF or text"),
        ("a.txt", b"one\x00two", AttachmentKindUnknown, "no image, PDF or text"),
        ("a.txt", b"cut \xc3", AttachmentKindUnknown, "no image, PDF or text"),
        ("a.pdf", b"<html>%PDF-1.4 %%EOF</html>", AttachmentRenamed, "its content is text/plain"),
        ("a.jpg", PNG, AttachmentRenamed, "its content is image/png"),
        ("a.txt", PNG, AttachmentRenamed, "its content is image/png"),
        ("a.exe", PDF, AttachmentRenamed, "its content is application/pdf"),
        ("a.html", SVG, AttachmentRenamed, "its content is image/svg"),
        ("a.svg", b"<html><svg/></html>", AttachmentRenamed, "its content is text/plain"),
        ("a.svg", b'<svg xmlns="http://example.com/other"/>', AttachmentRenamed, "text/plain"),
        ("a.svg", b"<svg><path></svg>", AttachmentBroken, "not well formed"),
        ("a.svg", LAUGHS, AttachmentBroken, "declares entities"),
        ("a.svg", OUTSIDE, AttachmentBroken, "declares entities"),
        ("a.gif", b"GIF89a/*;*/=1;alert(1)//", AttachmentBroken, "begins like image/gif"),
        ("a.gif", b"GIF89a", AttachmentBroken, "begins like image/gif"),
        ("a.png", b"\x89PNG\r\n\x1a\n<script>", AttachmentBroken, "begins like image/png"),
        ("a.jpg", b"\xff\xd8\xff\x00", AttachmentBroken, "begins like image/jpeg"),
        ("a.webp", b"RIFF\x1a\x00\x00\x00WAVEfmt ", AttachmentBroken, "begins like image/webp"),
        ("a.webp", WEBP[:20], AttachmentBroken, "begins like image/webp"),
        ("a.pdf", b"%PDF-<html>", AttachmentBroken, "begins like application/pdf"),
    ],
)
def test_what_cannot_be_attached_is_named(
    name: str, content: bytes, error: type[CandorError], detail: str
) -> None:
    with pytest.raises(error, match=detail):
        sniff(name, content)


def test_a_character_across_two_pieces_is_text() -> None:
    assert sniff("a.txt", b"x" * (64 * 1024 - 1) + "ä".encode()).media_type == "text/plain"


def test_the_largest_file_is_one_byte_smaller_than_too_large() -> None:
    assert sniff("a.txt", b"x" * 2**20, 2**20).size == 2**20
    with pytest.raises(AttachmentTooLarge, match="larger than 1 MiB"):
        sniff("a.txt", b"x" * (2**20 + 1), 2**20)


def test_reading_begins_at_the_beginning() -> None:
    content = io.BytesIO(PNG)
    content.read()
    assert sniff_file("a.png", content, 1000).size == len(PNG)
