"""Summaries that are made of a conversation's own sentences."""

from use_cases.conversations.extractive import extract
from use_cases.conversations.model import Spoken

TALK = [
    Spoken("user", "How do we back up the database of the shop? Hi there."),
    Spoken("assistant", "The database is backed up every night. Bananas are yellow."),
    Spoken("user", "Is the backup of the database encrypted?"),
    Spoken("assistant", "Yes, every backup is encrypted before it leaves the machine. " * 3),
]


def test_lines_are_of_the_conversation_word_for_word_in_its_order() -> None:
    assert extract(TALK) == (
        "- user: How do we back up the database of the shop?\n"
        "- assistant: The database is backed up every night.\n"
        "- user: Is the backup of the database encrypted?\n"
        "- assistant: Yes, every backup is encrypted before it leaves the machine."
    )


def test_of_many_sentences_six_that_say_the_most_are_chosen() -> None:
    weather = [Spoken("user", f"Number {n} is a word nobody else uses.") for n in range(20)]
    lines = extract([*weather, *TALK]).splitlines()
    assert len(lines) == 6
    assert any("database" in line for line in lines)


def test_a_conversation_without_sentences_gives_its_beginning() -> None:
    assert extract([Spoken("user", "ok\nthen"), Spoken("user", "so")]) == "- user: ok then"
    assert len(extract([Spoken("user", "x" * 1000)])) == len("- user: ") + 400


def test_of_a_long_conversation_the_first_sentences_are_read_whatever_messages_they_are_in() -> (
    None
):
    first = " ".join(f"Matter{n} concerns{n} nobody{n}." for n in range(2000))
    later = [Spoken("user", f"Vault keys need rotation {n}.") for n in range(50)]
    assert "rotation" in extract([Spoken("user", first[:20_000]), *later])
    assert "rotation" not in extract([Spoken("user", first), *later])
