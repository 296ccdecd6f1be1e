"""Names in texts, whatever way people write them."""

import pytest

from use_cases.advice.names import NameIndex, folded


@pytest.fixture
def index() -> NameIndex:
    index = NameIndex()
    index.add("Ja'Marr Chase")
    index.add("A.J. Brown", weight=10)
    index.add("Antonio Brown", weight=4)
    index.add("Davante Adams", weight=30)
    index.add("Josh Adams", weight=9)
    index.add("Michael Pittman Jr.")
    index.add("Bruno Borges Fernandes", ["B.Fernandes"])
    index.add("João Pedro Junqueira de Jesus", ["João Pedro"])
    index.add("João Pedro Ferreira")
    index.add("Will Fuller")
    index.add("JuJu Smith-Schuster")
    index.add_aliases("Will Fuller", ["deep threat"])
    index.add_aliases("Nobody Here", ["Nemo"])
    return index


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("start JA'MARR CHASE?", ["Ja'Marr Chase"]),
        ("Start Ja’Marr Chase’s team", ["Ja'Marr Chase"]),
        ("is AJ Brown or a. j. brown better", ["A.J. Brown"]),
        ("Pittman or Michael Pittman", ["Michael Pittman Jr."]),
        ("b. fernandes", ["Bruno Borges Fernandes"]),
        ("Bruno Fernandes or Bruno Borges?", ["Bruno Borges Fernandes"]),
        ("Joao Pedro!", ["João Pedro Junqueira de Jesus"]),
        ("Smith-Schuster, then Chase", ["JuJu Smith-Schuster", "Ja'Marr Chase"]),
        ("Who is a DEEP threat", ["Will Fuller"]),
        ("Is Nemo there?", []),
        ("", []),
    ],
)
def test_a_name_is_found_as_people_write_it(index: NameIndex, text: str, names: list[str]) -> None:
    assert [name for said in index.spoken(text) for name in said.names] == names


def test_a_last_name_needs_a_capital_where_the_text_has_them(index: NameIndex) -> None:
    assert index.spoken("Should Brady chase points?") == []
    assert [said.said for said in index.spoken("should i start chase")] == ["chase"]


def test_a_function_word_is_no_name(index: NameIndex) -> None:
    index.add("Bob Will")
    assert index.spoken("Will it rain?") == []


def test_a_name_that_two_have_means_both_unless_one_is_far_more_prominent(
    index: NameIndex,
) -> None:
    brown, adams = index.spoken("Brown or Adams?")

    assert (brown.names, brown.guessed) == (["A.J. Brown", "Antonio Brown"], False)
    assert (adams.names, adams.guessed) == (["Davante Adams"], True)


def test_the_longest_name_wins_and_each_counts_once(index: NameIndex) -> None:
    said = index.spoken("Antonio Brown, not A.J. Brown; yes, Antonio Brown")

    assert [each.said for each in said] == ["Antonio Brown", "A.J. Brown"]


def test_a_whole_text_means_a_name_only_if_it_is_nothing_else(index: NameIndex) -> None:
    assert index.meant("ja'marr chase") == ["Ja'Marr Chase"]
    assert index.meant("Chase") == ["Ja'Marr Chase"]
    assert index.meant("Start Chase") == []


def test_letters_without_an_accent_to_take_off_are_folded_too() -> None:
    assert folded("Martin Ødegaard, Łukasz Fabiański & Æthelred") == (
        "martin",
        "odegaard",
        "lukasz",
        "fabianski",
        "aethelred",
    )
