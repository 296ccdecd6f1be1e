"""DOCX: structure by styles, properties, bombs."""

from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from benchmarks.hostile_files import many_paragraphs
from services.documents import docx as reader
from services.documents.docx import parse_docx
from services.documents.reading_worker import read_document
from tests.services.documents.made_up import docx
from use_cases.knowledge.errors import SourceBroken, SourceTooLarge

PARAGRAPH = b"<w:p><w:r><w:t>28 days</w:t></w:r></w:p>"


def test_styles_become_structure() -> None:
    document = parse_docx(docx())
    assert [(b.kind.value, b.level, b.span.cut(document.text)) for b in document.blocks] == [
        ("heading", 1, "Leave policy"),
        ("paragraph", 0, "Everybody has 28 days."),
        ("heading", 2, "Asking"),
        ("list", 0, "- Ask early."),
        ("list", 0, "- Ask in the portal."),
        ("table", 0, "| Years | Days |\n| --- | --- |\n| 0 to 5 | 28 |"),
    ]


def test_the_properties_give_title_and_date() -> None:
    stated = parse_docx(docx()).stated
    assert (stated.title, stated.updated) == ("Leave policy", date(2026, 3, 4))


def test_a_file_without_properties_is_not_dated_today() -> None:
    stated = parse_docx(changed(docx(), "docProps/core.xml", None)).stated
    assert (stated.title, stated.updated) == (None, None)


def test_a_bomb_is_broken_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_LARGEST_PART", 100_000)
    bomb = changed(docx(), "word/document.xml", b" " * 100_001)
    with pytest.raises(SourceBroken, match="unpacks"):
        parse_docx(bomb)


def test_damaged_xml_is_broken() -> None:
    with pytest.raises(SourceBroken):
        read_document("a.docx", changed(docx(), "word/document.xml", b"<w:document><w:body>"))


def test_more_paragraphs_than_a_document_has_are_refused_while_they_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "MOST_PARAGRAPHS", 200)
    assert len(parse_docx(many_paragraphs(200, PARAGRAPH)).blocks) == 200
    with pytest.raises(SourceTooLarge, match="more than 200 paragraphs"):
        parse_docx(many_paragraphs(201))


def changed(content: bytes, member: str, replacement: bytes | None) -> bytes:
    """The archive with one member replaced, or left out with all that points to it."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if replacement is None and name == "_rels/.rels":
                parts = data.split(b"<Relationship ")
                data = b"<Relationship ".join(part for part in parts if b"core.xml" not in part)
                data += b"" if data.endswith(b"</Relationships>") else b"</Relationships>"
            if name != member:
                new.writestr(name, data)
            elif replacement is not None:
                new.writestr(name, replacement)
    return out.getvalue()
