"""Small talk, text that asks nothing, and the questions that both are told from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.small_talk import Act, parse_message


@pytest.mark.parametrize(
    ("text", "acts", "language"),
    [
        ("Hello", [Act.GREETING], "en"),
        ("hellooo!!", [Act.GREETING], "en"),
        ("HI CANDOR", [Act.GREETING], "en"),
        ("Good morning Anna", [Act.GREETING], "en"),
        ("Hey there! How are you doing today?", [Act.GREETING, Act.WELLBEING], "en"),
        ("thank you so much for your help \N{PERSON WITH FOLDED HANDS}", [Act.THANKS], "en"),
        ("Thanks for the VPN info!", [Act.THANKS], "en"),
        ("ok cool, thanks bye", [Act.ASSENT, Act.THANKS, Act.GOODBYE], "en"),
        ("who are you", [Act.IDENTITY], "en"),
        ("What time is it?", [Act.BEYOND], "en"),
        ("what day is it today", [Act.BEYOND], "en"),
        ("What's 2 plus 2?", [Act.BEYOND], "en"),
        ("Hi! What is 17 * 3.5?", [Act.GREETING, Act.BEYOND], "en"),
        ("Tell me a joke", [Act.BEYOND], "en"),
        ("Are you a real person?", [Act.IDENTITY], "en"),
        ("What can you do?", [Act.ABILITIES], "en"),
        ("which topics can you help me with?", [Act.ABILITIES], "en"),
        ("What documents do you have?", [Act.ABILITIES], "en"),
        ("help", [Act.ABILITIES], "en"),
        ("that's wrong", [Act.COMPLAINT], "en"),
        ("Guten Tag", [Act.GREETING], "de"),
        ("Vielen Dank für die schnelle Antwort!", [Act.THANKS], "de"),
        ("Tschüss", [Act.GOODBYE], "de"),
        ("Wer bist du?", [Act.IDENTITY], "de"),
        ("Bonjour, ça va ?", [Act.GREETING, Act.WELLBEING], "fr"),
        ("Merci beaucoup !", [Act.THANKS], "fr"),
        ("¡Hola!", [Act.GREETING], "es"),
        ("Muchas gracias", [Act.THANKS], "es"),
    ],
)
def test_small_talk(text: str, acts: list[Act], language: str) -> None:
    found = parse_message(text)
    assert (list(found.acts), found.language, found.question) == (acts, language, "")
    assert found.outcome is Outcome.SMALLTALK


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        ".",
        "1",
        "-1",
        "404",
        "$1.00",
        "1e9",
        "0x1F",
        "%s",
        "a",
        "Ω",
        "⅚",
        "٦",
        "⑪",
        "\u0301",
        "please",
    ],
)
def test_text_that_asks_nothing(text: str) -> None:
    assert parse_message(text).outcome is Outcome.CLARIFICATION


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Hi, how often must passwords rotate?", "how often must passwords rotate?"),
        ("hi how often must passwords rotate", "how often must passwords rotate"),
        ("Hello Candor! Is Bob on call? Thank you.", "Is Bob on call?"),
        ("Thanks, and what about contractors?", "and what about contractors?"),
        ("No, I meant the SK-450.", "I meant the SK-450."),
        ("Hallo, wie oft müssen Passwörter geändert werden?", None),
        ("Hola, ¿cuántos días de vacaciones hay?", None),
    ],
)
def test_a_question_beside_small_talk_is_what_counts(text: str, question: str | None) -> None:
    found = parse_message(text)
    assert found.outcome is None
    assert found.question == (question or found.question)
    assert found.acts


@pytest.mark.parametrize(
    "text",
    [
        "What can you do about a leaking tank?",
        "What time is it due?",
        "What time is the weekly call?",
        "What is the date of the audit?",
        "What is 4 in the error table?",
        "How are you supposed to rotate passwords?",
        "Who are you allowed to call at night?",
        "Can you help me reset my password?",
        "What's up with the SK-450?",
        "Good morning shift starts when?",
        "Thank you letter template",
        "Hi-fi policy",
        "Bye-law 7",
        "Welcome desk opening hours",
        "OK to share passwords?",
        "2FA",
        "E21",
        "密码多久更换一次？",
        "I lost my phone, thanks god, what now?",
    ],
)
def test_a_question_with_the_words_of_small_talk_stays_whole(text: str) -> None:
    found = parse_message(text)
    assert (found.outcome, found.question) == (None, text)


@given(st.text(max_size=60))
def test_any_text_is_taken_apart_and_nothing_is_made_up(text: str) -> None:
    assert parse_message(text).question in text
