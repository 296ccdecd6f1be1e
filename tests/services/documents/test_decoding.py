"""Encodings, and what may never reach the stored text."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.decoding import clean_text, decode
from use_cases.knowledge.errors import SourceBinary

WORDS = "Größe: 5 €\r\nEnde"
STORED = "Größe: 5 €\nEnde"


@pytest.mark.parametrize(
    "content",
    [
        WORDS.encode(),
        codecs.BOM_UTF8 + WORDS.encode(),
        codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + WORDS.encode("utf-32-le"),
        WORDS.encode("utf-16-le"),
        WORDS.encode("utf-16-be"),
        WORDS.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 bom", "16le bom", "16be bom", "32le bom", "16le", "16be", "cp1252"],
)
def test_the_usual_encodings_give_the_same_text(content: bytes) -> None:
    assert decode(content) == STORED


def test_one_damaged_character_does_not_spoil_the_others_of_utf_8() -> None:
    assert decode("Öl, Süß, Maß, Fuß ".encode() + b"\xff") == "Öl, Süß, Maß, Fuß \ufffd"


def test_a_declared_charset_is_believed_when_it_is_not_utf_8() -> None:
    assert decode('<meta charset="windows-1251">Привет'.encode("cp1251")).endswith("Привет")


def test_a_charset_that_does_not_exist_is_no_trouble() -> None:
    assert decode(b'<meta charset="iso-8859-99">caf\xe9').endswith("café")


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", bytes(range(1, 32)) * 9, b"\x00" * 50],
    ids=["image", "control characters", "zeros"],
)
def test_binary_data_is_refused(content: bytes) -> None:
    with pytest.raises(SourceBinary):
        decode(content)


def test_what_a_database_cannot_hold_is_taken_out() -> None:
    assert clean_text("a\x00b\ud800c\x0cd\re\ufefff") == "ab\ufffdc\nd\nef"


def test_a_pair_of_surrogates_becomes_its_character() -> None:
    assert clean_text("\ud83d\ude42") == "🙂"


@given(st.binary(max_size=400))
def test_any_bytes_are_storable_text_or_refused(content: bytes) -> None:
    try:
        text = decode(content)
    except SourceBinary:
        return
    text.encode("utf-8")
    assert not {"\x00", "\r", "\x0c"} & set(text)
