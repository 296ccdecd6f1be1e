"""Titles are cut at 80 characters, between two graphemes."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.text.plain_text import title_of

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def test_a_short_text_is_its_own_title_on_one_line() -> None:
    assert title_of("  How often\n\tmust it be changed? ") == "How often must it be changed?"


def test_a_long_text_is_cut_at_eighty_characters() -> None:
    assert title_of("x" * 200) == "x" * 80


@pytest.mark.parametrize(
    ("grapheme", "kept"),
    [(FAMILY, 78), ("e\u0301", 79), ("\U0001f1e9\U0001f1ea", 79)],
    ids=["a family", "an accent", "a flag"],
)
def test_no_grapheme_is_cut_in_two(grapheme: str, kept: int) -> None:
    assert title_of("x" * kept + grapheme + "y" * 20) == "x" * kept


def test_a_grapheme_longer_than_a_title_is_cut() -> None:
    assert title_of("a" + "\u0301" * 500) == "a" + "\u0301" * 79


@given(st.text(max_size=300))
def test_a_title_is_the_beginning_of_the_text_in_whole_graphemes(text: str) -> None:
    line = " ".join(text.split())
    title = title_of(text)
    assert len(title) <= 80
    assert line.startswith(title)
    if len(regex.findall(r"\X", line[:200])) > 80:
        assert title
