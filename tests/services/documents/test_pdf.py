"""PDF: text by page, headings by size, and every way to be damaged."""

import logging
from datetime import date

import pytest

from services.documents.pdf import PdfLine, compose, parse_pdf
from tests.services.documents.made_up import pdf, protected
from use_cases.knowledge.errors import SourceBroken, SourceEmpty
from use_cases.knowledge.model import StatedFacts

GUIDE = pdf(
    [
        [
            ("Commissioning a tank", 20),
            ("The tank is cooled before it is filled, and the", 11),
            ("record is signed.", 11),
            ("1 Before you start", 14),
            ("- Check the floor.", 11),
            ("- Level the tank.", 11),
        ],
        [("2 Stop rules", 14), ("Stop when the test fails twice.", 11)],
    ],
    title="Tank guide",
    changed="D:20260304120000Z",
)


def test_pages_become_headings_items_and_joined_paragraphs() -> None:
    document = parse_pdf(GUIDE)
    found = [
        (block.kind.value, block.level, block.page, block.span.cut(document.text))
        for block in document.blocks
    ]
    assert found == [
        ("heading", 1, 1, "Commissioning a tank"),
        ("paragraph", 0, 1, "The tank is cooled before it is filled, and the record is signed."),
        ("heading", 2, 1, "1 Before you start"),
        ("list", 0, 1, "- Check the floor."),
        ("list", 0, 1, "- Level the tank."),
        ("heading", 2, 2, "2 Stop rules"),
        ("paragraph", 0, 2, "Stop when the test fails twice."),
    ]


def test_the_properties_give_title_and_date() -> None:
    stated = parse_pdf(GUIDE).stated
    assert (stated.title, stated.updated) == ("Tank guide", date(2026, 3, 4))


def test_a_date_on_the_page_comes_before_the_properties() -> None:
    content = pdf([[("Updated: 2025-01-02", 11)]], changed="D:20260304")
    assert parse_pdf(content).stated.updated == date(2025, 1, 2)


@pytest.mark.parametrize(
    "title", ["Microsoft Word - a.doc", "untitled", "a.indd", "page.html", "--"]
)
def test_a_title_that_a_program_made_up_is_not_believed(title: str) -> None:
    assert parse_pdf(pdf([[("text", 11)]], title=title)).stated.title is None


def test_an_empty_password_opens_and_another_one_does_not() -> None:
    assert parse_pdf(protected(GUIDE, "")).text == parse_pdf(GUIDE).text
    with pytest.raises(SourceBroken, match="password"):
        parse_pdf(protected(GUIDE, "secret"))


def test_a_truncated_file_is_broken() -> None:
    with pytest.raises(SourceBroken, match="truncated"):
        parse_pdf(GUIDE[: len(GUIDE) // 2])


def test_pages_without_text_are_empty_and_say_ocr() -> None:
    with pytest.raises(SourceEmpty) as raised:
        parse_pdf(pdf([[], []]))
    assert "OCR" in raised.value.hint


def test_flaws_that_pypdf_works_around_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    flawed = GUIDE.replace(b"startxref\n", b"startxref\n9")
    with caplog.at_level(logging.DEBUG):
        assert "Level the tank" in parse_pdf(flawed).text
    assert caplog.records == []


def words(*lines: str) -> list[str]:
    composer = compose([[PdfLine(line, 11.0) for line in lines]])
    document = composer.finish("application/pdf", StatedFacts())
    return [block.span.cut(document.text) for block in document.blocks]


def test_a_divided_word_is_joined_only_when_the_document_writes_it_as_one() -> None:
    assert words("we use refrig-", "erant, and refrigerant is cold") == [
        "we use refrigerant, and refrigerant is cold"
    ]
    assert words("it is a well-", "known and old and long-standing rule") == [
        "it is a well-known and old and long-standing rule"
    ]


def test_a_soft_hyphen_at_a_line_end_always_joins() -> None:
    assert words("we use refrig\u00ad", "erant of all kinds") == ["we use refrigerant of all kinds"]


def test_a_short_line_that_ends_a_sentence_ends_its_paragraph() -> None:
    assert words("a line that is as wide as the page", "ends here.", "Next one begins") == [
        "a line that is as wide as the page ends here.",
        "Next one begins",
    ]
