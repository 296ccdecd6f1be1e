"""Names in texts, whatever way people write them."""

import pytest

from use_cases.advice.profiles.name_index import Match, NameIndex
from use_cases.advice.profiles.tokens import fold_words


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
    assert [name for said in index.mentions(text) for name in said.names] == names


def test_a_last_name_needs_a_capital_where_the_text_has_them(index: NameIndex) -> None:
    assert index.mentions("Should Brady chase points?") == []
    assert [said.said for said in index.mentions("should i start chase")] == ["chase"]


def test_a_function_word_is_no_name(index: NameIndex) -> None:
    index.add("Bob Will")
    assert index.mentions("Will it rain?") == []


def test_a_name_that_two_have_means_both_unless_one_is_far_more_prominent(
    index: NameIndex,
) -> None:
    brown, adams = index.mentions("Brown or Adams?")

    assert (brown.names, brown.match) == (["A.J. Brown", "Antonio Brown"], Match.EXACT)
    assert (adams.names, adams.match) == (["Davante Adams"], Match.PROMINENT)


def test_the_longest_name_wins_and_each_counts_once(index: NameIndex) -> None:
    said = index.mentions("Antonio Brown, not A.J. Brown; yes, Antonio Brown")

    assert [each.said for each in said] == ["Antonio Brown", "A.J. Brown"]


def test_a_whole_text_means_a_name_only_if_it_is_nothing_else(index: NameIndex) -> None:
    assert index.meant("ja'marr chase") == ["Ja'Marr Chase"]
    assert index.meant("Chase") == ["Ja'Marr Chase"]
    assert index.meant("Start Chase") == []


def test_letters_without_an_accent_to_take_off_are_folded_too() -> None:
    assert fold_words("Martin Ødegaard, Łukasz Fabiański & Æthelred") == (
        "martin",
        "odegaard",
        "lukasz",
        "fabianski",
        "aethelred",
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("PPR, Week 6: chase or pittman?", ["Ja'Marr Chase", "Michael Pittman Jr."]),
        ("Start fuller over Josh Adams", ["Will Fuller", "Josh Adams"]),
        ("START CHASE OR PITTMAN", ["Ja'Marr Chase", "Michael Pittman Jr."]),
        ("Start josh or Chase?", ["Josh Adams", "Ja'Marr Chase"]),
        ("D. Adams or j. chase", ["Davante Adams", "Ja'Marr Chase"]),
        ("DHX or Chase? How is dhx doing this Week?", ["DHX", "Ja'Marr Chase"]),
    ],
)
def test_a_small_name_counts_where_a_name_can_stand(
    index: NameIndex, text: str, names: list[str]
) -> None:
    index.add("DHX")
    assert [said.meant for said in index.mentions(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "Is it worth it to chase points, Bob?",
        "Josh, what do you think of the weather?",
        "Does Bob ride a brown horse?",
        "I like the josh of it, Sir",
    ],
)
def test_a_word_elsewhere_is_no_name(index: NameIndex, text: str) -> None:
    assert index.mentions(text) == []


@pytest.mark.parametrize(
    ("text", "said", "name"),
    [
        ("start davante adms or chase", "davante adms", "Davante Adams"),
        ("Davanta Adams or Chase", "Davanta Adams", "Davante Adams"),
        ("Dav Adams or Chase", "Dav Adams", "Davante Adams"),
        ("Pitman or Chase", "Pitman", "Michael Pittman Jr."),
        ("start fuler", "fuler", "Will Fuller"),
    ],
)
def test_a_misspelt_name_is_the_nearest_one(
    index: NameIndex, text: str, said: str, name: str
) -> None:
    found = index.mentions(text)[0]

    assert (found.said, found.meant, found.match) == (said, name, Match.CLOSE)


@pytest.mark.parametrize(
    ("text", "said", "names"),
    [
        ("Q. Adams or Chase?", "Q. Adams", ["Davante Adams", "Josh Adams"]),
        ("Will Adams or Chase?", "Adams", ["Davante Adams"]),
        ("Antonio Chase or Fuller", "Antonio Chase", ["Ja'Marr Chase"]),
        ("Start Davante Adkisson or Chase", "Davante Adkisson", []),
        ("Bryce Young or Chase", "Bryce Young", []),
        ("Bryce Pittman or Chase", "Bryce Pittman", ["Michael Pittman Jr."]),
        ("A.J. Braun and more", "A.J. Braun", ["A.J. Brown"]),
    ],
)
def test_a_first_name_or_an_initial_is_honoured(
    index: NameIndex, text: str, said: str, names: list[str]
) -> None:
    found = index.mentions(text)[0]

    assert (found.said, list(found.names)) == (said, names)
    if said not in ("Adams", "A.J. Braun"):
        assert (found.match, found.meant) == (Match.UNKNOWN, None)


def test_two_that_are_as_near_are_only_suggested(index: NameIndex) -> None:
    index.add("Ann Fullar")
    found = index.mentions("start fullir")[0]

    assert (found.match, found.meant, set(found.names)) == (
        Match.UNKNOWN,
        None,
        {"Will Fuller", "Ann Fullar"},
    )


def test_similar_names_of_a_whole_text_are_suggested(index: NameIndex) -> None:
    assert index.similar("Davonte Adams") == ["Davante Adams"]
    assert index.similar("Pitman") == ["Michael Pittman Jr."]
    assert index.similar("Nobody") == []


def test_misspelt_names_are_not_looked_for_in_long_texts(index: NameIndex) -> None:
    assert index.mentions("start fuler " + "and so on " * 100) == []
