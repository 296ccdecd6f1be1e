"""What a question asks for: the kind of value, its words, its names and its noun."""

import pytest

from services.models.offline.question import contains_value, parse_question, summarised


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Which command restarts the gateway?", "command"),
        ("What do I type to restart it?", "command"),
        ("How often must filters be changed?", "frequency"),
        ("How long may a tank stand empty?", "duration"),
        ("Within how many working days is it paid?", "duration"),
        ("Who approves an invoice?", "person"),
        ("Which team owns the portal?", "person"),
        ("How much does a visit cost?", "money"),
        ("Up to what amount may I order?", "money"),
        ("How many tanks fit on a lorry?", "quantity"),
        ("What is the maximum pressure?", "quantity"),
        ("When was it reviewed?", "time"),
        ("Where is the spare key?", "place"),
        ("Why does the lamp blink?", "reason"),
        ("May I take the van home?", "permission"),
        ("What if the van is damaged, can somebody else drive it?", "permission"),
        ("What does E21 mean?", ""),
        ("", ""),
    ],
)
def test_a_question_asks_for_one_kind_of_value(text: str, asked: str) -> None:
    assert parse_question(text).asked == asked


def test_of_several_sentences_the_last_question_counts() -> None:
    told = "When I came in, the lamp was red. How often does that happen? Please be quick."
    assert parse_question(told).asked == "frequency"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Who checks the SK-450 and kube-proxy-2?", ("sk-450", "kube-proxy-2")),
        ("What did we sell in 2025?", ("2025",)),
        ("Is the VPN needed in Ostley?", ("vpn", "ostley")),
        ("What does firmware 4.3 change?", ()),
        ("Restart fails. What now?", ()),
        ("¿Cuánto cuesta la entrada?", ()),
        ("Does E21 mean the same as E21.?", ("e21",)),
    ],
)
def test_names_are_identifiers_years_acronyms_and_capitalised_words(
    text: str, names: tuple[str, ...]
) -> None:
    assert parse_question(text).names == names


def test_words_are_stems_without_function_words_each_once() -> None:
    words = parse_question("How often must the password be rotated, the manager's passwords?").words
    assert list(words) == ["password", "rotat", "manag"]
    assert words == {"password": "passwords", "rotat": "rotated", "manag": "manager"}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Wie oft wird der Vorstand gewählt?", ["oft", "vorstand", "gewahlt"]),
        ("Combien coûte l'entrée du musée ?", ["cout", "entre", "muse"]),
        ("¿Cuánto cuesta la entrada?", ["cuesta", "entrada"]),
    ],
)
def test_a_question_in_another_language_has_none_of_its_function_words(
    text: str, held: list[str]
) -> None:
    question = parse_question(text)
    assert question.foreign
    assert list(question.words) == held


@pytest.mark.parametrize(
    "text",
    [
        "Does the die in the son et lumière hall need oil?",
        "Who is the editor of Der Spiegel and Die Zeit?",
        "DE, ES and LA offices",
        "Parking permit renewal",
        "",
    ],
)
def test_names_and_few_words_make_no_other_language(text: str) -> None:
    assert not parse_question(text).foreign


def test_any_text_answers_a_question_of_no_special_kind() -> None:
    assert contains_value("", "")


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("Summarise the travel rules.", "the travel rules"),
        ("Please give me a short summary of the leave policy document!", "the leave policy"),
        ("Can you sum up vans.txt?", "vans.txt"),
        ("What is the overview dashboard?", ""),
        ("Who summarises the minutes?", ""),
    ],
)
def test_a_summary_is_asked_of_something(text: str, of: str) -> None:
    assert summarised(text) == of
