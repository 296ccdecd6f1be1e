"""Which words resemble another."""

import pytest

from services.index.conversation_terms import MOST, similar_words

WRITTEN = [
    "staging",
    "stage",
    "string",
    "passwortrichtlinie",
    "the",
    "cat",
    "kubernetes",
    "ท่องเที่ยว",
]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("stagng", ["staging"]),
        ("kuberentes", ["kubernetes"]),
        ("richtlinie", ["passwortrichtlinie"]),
        ("tat", ["cat"]),
        ("เที่ยว", ["ท่องเที่ยว"]),
        ("cab", ["cat"]),
        ("xyzzy", []),
        ("ca", []),
    ],
)
def test_near_words_come_first_then_those_that_contain_it(word: str, found: list[str]) -> None:
    assert list(similar_words(word, WRITTEN)) == found


def test_there_are_never_too_many() -> None:
    assert len(similar_words("word", [f"word{number}" for number in range(1_000)])) == MOST
