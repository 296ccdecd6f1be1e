"""What a file is: by content first, by name second; and never any error but our own."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.documents.reading_worker import read_document
from tests.services.documents.made_up import docx, pdf, protected
from tests.thoroughness import examples
from use_cases.knowledge.errors import SourceBinary, SourceBroken, SourceEmpty, SourceTooLarge
from use_cases.knowledge.model import ParsedDocument

PDF = pdf([[("Everybody has 28 days.", 11)]])
DOCX = docx()
HTML = b"<!doctype html><title>T</title><h1>Leave</h1><p>28 <b>days</b></p><table><tr><td>a"
MARKDOWN = b"---\ntitle: T\n---\n# Leave\n\n- 28 days\n\n|a|b|\n|-|-|\n|1|2|\n"
CSV = b"name,days\nAnn,28\nBob,30\n"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 64


def archive(**members: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as new:
        for name, words in members.items():
            new.writestr(name, words)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.md", MARKDOWN, "text/markdown"),
        ("a.MARKDOWN", MARKDOWN, "text/markdown"),
        ("a.mdx", b"text", "text/markdown"),
        ("a.txt", b"text", "text/plain"),
        ("LICENSE", b"text", "text/plain"),
        ("a.rst", b"Guide\n=====\n", "text/x-rst"),
        ("a.htm", b"<p>text", "text/html"),
        ("a.txt", HTML, "text/html"),
        ("a.md", b'<?xml version="1.0"?>\n<html><p>text', "text/html"),
        ("a.txt", PDF, "application/pdf"),
        ("a.pdf", b"junk before\n" + PDF, "application/pdf"),
        ("upload", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.csv", CSV, "text/csv"),
        ("a.tsv", CSV.replace(b",", b"\t"), "text/tab-separated-values"),
    ],
)
def test_the_kind_is_known_by_content_first_and_name_second(
    name: str, content: bytes, media_type: str
) -> None:
    assert read_document(name, content).media_type == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", archive(readme="text")),
        ("a.doc", OLD_OFFICE),
        ("a.rtf", b"{\\rtf1 text}"),
        ("questions.jsonl", b'{"question": "How many days?"}'),
        ("a.yaml", b"title: Leave"),
        ("a.py", b"print(28)"),
        ("run", b"#!/bin/sh\necho 28"),
        ("Dockerfile", b"FROM scratch"),
        ("a.log", b"10:00 started"),
        ("a.png", b"text"),
        ("a.md", b"\x7fELF\x02\x01\x01\x00\x00\x00"),
        ("a.html", b"\x00\x01\x02\x03" * 20),
    ],
)
def test_what_is_no_document_is_binary(name: str, content: bytes) -> None:
    with pytest.raises(SourceBinary):
        read_document(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"not a PDF"),
        ("a.docx", OLD_OFFICE),
        ("a.xlsx", b"not a workbook"),
        ("a.docx", DOCX[:1000]),
        ("a.pdf", protected(PDF, "secret")),
    ],
)
def test_what_is_not_what_it_should_be_is_broken(name: str, content: bytes) -> None:
    with pytest.raises(SourceBroken):
        read_document(name, content)


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        ("a.md", MARKDOWN, "T"),
        ("a.md", b"text\n\n# Leave\n", "Leave"),
        ("hr/leave-policy.md", b"## Asking\n\ntext", "Leave policy"),
        ("leave_policy.txt", b"text", "Leave policy"),
    ],
)
def test_the_title_is_stated_or_the_top_heading_or_the_file_name(
    name: str, content: bytes, title: str
) -> None:
    assert read_document(name, content).stated.title == title


def test_a_description_beside_a_table_reaches_the_table() -> None:
    description = b"staff.csv:\n  title: Staff directory\n"
    document = read_document("hr/staff.csv", CSV, description)
    assert document.stated.title == "Staff directory"


ALLOWED = (SourceBinary, SourceBroken, SourceEmpty, SourceTooLarge)
NAMES = st.sampled_from(
    ["a.md", "a.txt", "a.rst", "a.html", "a.pdf", "a.docx", "a.csv", "a.tsv", "a.xlsx", "a", ""]
)


def read_or_refused(name: str, content: bytes) -> None:
    try:
        document = read_document(name, content)
    except ALLOWED:
        return
    is_sound(document)


def is_sound(document: ParsedDocument) -> None:
    assert document.stated.title
    strings = [document.text, *(block.heading for block in document.blocks)]
    for string in [*strings, document.stated.title, document.stated.owner or ""]:
        string.encode("utf-8")  # no lone surrogate
        assert "\x00" not in string
    end = 0
    for block in document.blocks:
        assert end <= block.span.start < block.span.end <= len(document.text)
        end = block.span.end


unhurried = settings(max_examples=examples(100))


@unhurried
@given(NAMES, st.binary(max_size=300))
def test_random_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    read_or_refused(name, content)


@unhurried
@given(NAMES, st.text(max_size=200))
def test_random_text_is_read_or_refused(name: str, text: str) -> None:
    read_or_refused(name, text.encode("utf-8", "surrogatepass"))


@unhurried
@given(
    st.sampled_from([("a.pdf", PDF), ("a.docx", DOCX), ("a.html", HTML), ("a.md", MARKDOWN)]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=6),
    st.floats(0, 1.2),
)
def test_damaged_files_are_read_or_refused(
    file: tuple[str, bytes], changes: list[tuple[float, bytes]], kept: float
) -> None:
    name, content = file
    damaged = bytearray(content)
    for place, new in changes:
        start = int(place * len(damaged))
        damaged[start : start + len(new)] = new
    read_or_refused(name, bytes(damaged[: int(kept * len(damaged))]))
