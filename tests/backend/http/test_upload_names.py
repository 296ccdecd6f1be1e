"""Names of uploaded files: tricks of any kind end as one harmless segment."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.http.routes.conversations_imports import safe_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("handbook.md", "handbook.md"),
        ("Übersicht 2026.pdf", "Übersicht 2026.pdf"),
        ("/etc/passwd", "passwd"),
        ("../../up.md", "up.md"),
        ("C:\\Users\\ada\\plan.docx", "plan.docx"),
        ("..", "document"),
        (".", "document"),
        (".env", "env"),
        ("a/..", "document"),
        ("a/", "document"),
        ("", "document"),
        (None, "document"),
        ("nul\x00byte.md", "nulbyte.md"),
        ("line\nbreak.md", "linebreak.md"),
        ("right\u202eto-left.md", "rightto-left.md"),
        ("e\u0301te\u0301.md", "été.md"),
        ("  spaced   out .md. ", "spaced out .md"),
        ("日本語.md", "日本語.md"),
        ("a%22b%.md", 'a"b%.md'),
    ],
)
def test_a_name_is_made_harmless(given: str | None, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_name("ü" * 300 + ".markdown")
    assert name.endswith("ü.markdown")
    assert 253 <= len(name.encode()) <= 255


def test_a_long_name_without_an_extension_is_cut() -> None:
    assert safe_name("x" * 300) == "x" * 255


@given(st.text())
def test_any_name_is_one_visible_segment(text: str) -> None:
    name = safe_name(text)
    assert 1 <= len(name.encode()) <= 255
    assert "/" not in name
    assert "\\" not in name
    assert not name.startswith(".")
    assert not any(unicodedata.category(char).startswith("C") for char in name)
