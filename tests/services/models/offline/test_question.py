"""What a question asks for: the kind of value, its words, its names and its noun."""

import pytest

from services.models.offline.question import Asked, holds, understand


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Which command restarts the gateway?", Asked.COMMAND),
        ("What do I type to restart it?", Asked.COMMAND),
        ("How often must filters be changed?", Asked.FREQUENCY),
        ("How long may a tank stand empty?", Asked.DURATION),
        ("Within how many working days is it paid?", Asked.DURATION),
        ("Who approves an invoice?", Asked.PERSON),
        ("Which team owns the portal?", Asked.PERSON),
        ("How much does a visit cost?", Asked.MONEY),
        ("Up to what amount may I order?", Asked.MONEY),
        ("How many tanks fit on a lorry?", Asked.QUANTITY),
        ("What is the maximum pressure?", Asked.QUANTITY),
        ("When was it reviewed?", Asked.TIME),
        ("Where is the spare key?", Asked.PLACE),
        ("Why does the lamp blink?", Asked.REASON),
        ("May I take the van home?", Asked.PERMISSION),
        ("What if the van is damaged, can somebody else drive it?", Asked.PERMISSION),
        ("What does E21 mean?", Asked.OTHER),
        ("", Asked.OTHER),
    ],
)
def test_a_question_asks_for_one_kind_of_value(text: str, asked: Asked) -> None:
    assert understand(text).asked is asked


def test_of_several_sentences_the_last_question_counts() -> None:
    told = "When I came in, the lamp was red. How often does that happen? Please be quick."
    assert understand(told).asked is Asked.FREQUENCY


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Who checks the SK-450 and kube-proxy-2?", ("sk-450", "kube-proxy-2")),
        ("What did we sell in 2025?", ("2025",)),
        ("Is the VPN needed in Ostley?", ("vpn", "ostley")),
        ("What does firmware 4.3 change?", ()),
        ("Restart fails. What now?", ()),
        ("Does E21 mean the same as E21.?", ("e21",)),
    ],
)
def test_names_are_identifiers_years_acronyms_and_capitalised_words(
    text: str, names: tuple[str, ...]
) -> None:
    assert understand(text).names == names


@pytest.mark.parametrize(
    ("text", "focus"),
    [
        ("Which operating system runs on the server?", ("oper", "system")),
        ("How many tanks are there?", ("tank",)),
        ("Who is it?", ()),
    ],
)
def test_the_focus_is_the_noun_that_is_asked_for(text: str, focus: tuple[str, ...]) -> None:
    assert understand(text).focus == focus


def test_words_are_stems_without_function_words_each_once() -> None:
    assert understand("How often must passwords be rotated, passwords?").words == (
        "password",
        "rotat",
    )


@pytest.mark.parametrize(
    ("asked", "has", "has_not"),
    [
        (Asked.COMMAND, "Run `gatewayctl restart`.", "Restart the gateway."),
        (Asked.FREQUENCY, "Change it every third week.", "Change it in spring."),
        (Asked.MONEY, "It costs 90 euros.", "It costs a lot."),
        (Asked.DURATION, "Wait thirty minutes.", "Wait for the lamp."),
        (Asked.PERSON, "Ask Pia Lorimer.", "ask somebody."),
        (Asked.PERSON, "The depot leader signs.", "It is signed."),
        (Asked.TIME, "In March.", "In spring."),
        (Asked.QUANTITY, "Four tanks.", "Some tanks."),
        (Asked.PLACE, "In the red box.", "Red box."),
        (Asked.REASON, "Because the fuse blew.", "The fuse blew."),
        (Asked.PERMISSION, "You may not.", "A good idea."),
    ],
)
def test_a_text_holds_a_value_of_a_kind_or_does_not(asked: Asked, has: str, has_not: str) -> None:
    assert (holds(asked, has), holds(asked, has_not)) == (True, False)


def test_any_text_answers_a_question_of_no_special_kind() -> None:
    assert holds(Asked.OTHER, "")
