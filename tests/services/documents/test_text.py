"""Plain text and reStructuredText."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.reading_worker import read_document
from services.documents.text import parse_text
from use_cases.knowledge.errors import SourceEmpty


def blocks(text: str) -> list[tuple[str, int, str]]:
    document = parse_text(text)
    return [
        (block.kind.value, block.level, block.span.cut(document.text)) for block in document.blocks
    ]


def test_paragraphs_are_what_blank_lines_part() -> None:
    assert blocks("One\ntwo.\n\n \nThree.\n") == [
        ("paragraph", 0, "One\ntwo."),
        ("paragraph", 0, "Three."),
    ]


def test_short_lines_in_capitals_that_stand_alone_are_headings() -> None:
    assert blocks("VEHICLE POLICY\nAcme\n\n1. SCOPE\n\nVans.\n\nWARNING\nhot\n") == [
        ("heading", 1, "VEHICLE POLICY"),
        ("paragraph", 0, "Acme"),
        ("heading", 2, "1. SCOPE"),
        ("paragraph", 0, "Vans."),
        ("paragraph", 0, "WARNING\nhot"),
    ]


def test_a_sentence_in_capitals_is_no_heading() -> None:
    assert blocks("a\n\nDO NOT TOUCH IT.\n\nb")[1] == ("paragraph", 0, "DO NOT TOUCH IT.")


def test_underlined_lines_are_headings_by_the_order_of_their_rules() -> None:
    text = "=====\nGuide\n=====\n\nStart\n-----\n\ntext\n\nEnd\n---\n"
    assert [(level, words) for _, level, words in blocks(text) if level] == [
        (1, "=====\nGuide\n====="),
        (2, "Start\n-----"),
        (2, "End\n---"),
    ]
    assert [block.heading for block in parse_text(text).blocks if block.level] == [
        "Guide",
        "Start",
        "End",
    ]


def test_items_of_a_list_are_blocks_of_their_own() -> None:
    assert blocks("You need:\n- milk\n  (cold)\n- tea\n\n2.1 Vans only.\n2.2 No lorries.") == [
        ("paragraph", 0, "You need:"),
        ("list", 0, "- milk\n  (cold)"),
        ("list", 0, "- tea"),
        ("list", 0, "2.1 Vans only."),
        ("list", 0, "2.2 No lorries."),
    ]


def test_blank_text_is_empty() -> None:
    with pytest.raises(SourceEmpty):
        read_document("a.txt", " \n\u00a0\n".encode())


@given(st.text(alphabet="AB=-a1.*\n ", min_size=1, max_size=150).filter(str.strip))
def test_every_visible_character_lies_in_a_block(text: str) -> None:
    document = parse_text(text)
    left = list(text)
    for block in document.blocks:
        left[block.span.start : block.span.end] = " " * (block.span.end - block.span.start)
    assert not "".join(left).strip()
