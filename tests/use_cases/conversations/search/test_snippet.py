"""What is shown of a text that was found."""

import pytest

from use_cases.conversations.search.search_conversations import CHARACTERS, snippet

BEFORE = "one two three four " * 40
AFTER = " five six seven eight" * 40


def test_a_short_text_is_shown_whole_as_one_line() -> None:
    assert snippet("Rotate\n\n  them.", "rotate") == "Rotate them."


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("staging", "Staging-Cluster"),
        ("the STAGING rotation", "staging"),
        ("rotate", "rotation"),
        ("言葉", "その言葉です"),
        ("修复", "错误修复了"),
        ("what is ÄRGER", "ärger"),
    ],
)
def test_a_long_text_is_centred_on_the_first_match(asked: str, word: str) -> None:
    shown = snippet(f"{BEFORE}{word}{AFTER}", asked)
    assert word in shown
    assert len(shown) <= CHARACTERS
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert abs(shown.index(word) - CHARACTERS // 2) < 40


def test_words_of_the_beginning_and_end_are_not_cut() -> None:
    shown = snippet(f"{BEFORE}staging{AFTER}", "staging").strip("…").split()
    assert shown[0] in BEFORE.split()
    assert shown[-1] in AFTER.split()


def test_without_a_match_the_beginning_is_shown() -> None:
    for asked in ("nothing", "of", "", "???"):
        shown = snippet(BEFORE + AFTER, asked)
        assert shown.startswith("one two three")
        assert len(shown) <= CHARACTERS


def test_a_text_without_blanks_is_cut_anywhere() -> None:
    shown = snippet("x" * 5_000 + "言葉" + "y" * 5_000, "言葉")
    assert "言葉" in shown
    assert len(shown) <= CHARACTERS


def test_a_match_at_the_end_is_shown() -> None:
    shown = snippet(f"{BEFORE}end", "end")
    assert shown.endswith(" end")
    assert len(shown) <= CHARACTERS
