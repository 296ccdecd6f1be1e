"""Replies to small talk: fitting, short, in the message's language."""

from services.models.offline.conversation_state import reply
from use_cases.kernel.small_talk import parse_message
from use_cases.knowledge.model import LibraryStatistics

HELD = LibraryStatistics(
    documents=9,
    passages=90,
    vectors=90,
    tables=1,
    categories={"policies": 3, "runbooks": 5, "tables": 1},
    identity=None,
)


def replied(text: str, held: LibraryStatistics | None = None) -> str:
    return reply(parse_message(text), held)


def test_each_kind_of_small_talk_has_its_reply() -> None:
    assert replied("Hello") == "Hello! What would you like to know?"
    assert replied("Thanks a lot, bye!") == "You're welcome! Goodbye!"
    assert replied("Hi, who are you?").startswith("I'm Candor, ")
    assert replied("Guten Morgen") == "Hallo! Was möchten Sie wissen?"
    assert replied("merci") == "Je vous en prie !"
    assert replied("adiós") == "¡Hasta luego!"


def test_a_reply_that_a_language_lacks_is_in_english() -> None:
    assert replied("danke, but that's wrong").startswith("I'm sorry. ")


def test_what_can_be_asked_is_told_with_what_is_stored() -> None:
    said = replied("What can you do?", HELD)
    assert said.endswith("Documents stored: 9 (runbooks 5, policies 3, tables 1).")
    empty = LibraryStatistics(0, 0, 0, 0, {}, None)
    assert replied("Was kannst du?", empty).endswith("Gespeicherte Dokumente: 0.")


def test_of_many_categories_the_largest_are_named() -> None:
    many = LibraryStatistics(45, 1, 1, 0, {f"c{n}": n for n in range(1, 10)}, None)
    assert replied("help", many).endswith("(c9 9, c8 8, c7 7, c6 6, c5 5, c4 4, c3 3, c2 2, …).")


def test_text_that_asks_nothing_gets_a_question_back() -> None:
    assert replied("%s").endswith("?")
