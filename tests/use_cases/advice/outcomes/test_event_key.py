"""The event that will decide, by name."""

from datetime import date

from use_cases.advice.model import NamedEntity
from use_cases.advice.outcomes.deciders import event_key
from use_cases.advice.profiles.question_period import Period

TODAY = date(2026, 11, 21)
TWO = [NamedEntity("Mahomes", "mahomes"), NamedEntity("Allen", "josh"), NamedEntity("Allen", "a")]
WEEK = Period(10, date(2021, 11, 15))


def key(
    question: str = "A or B?",
    named: list[NamedEntity] | None = None,
    period: Period | None = None,
    own: str | None = None,
) -> str:
    return event_key(
        question, named or [], period or Period(), profile_id="p", today=TODAY, own=own
    )


def test_the_requests_own_key_counts() -> None:
    assert key(named=TWO, period=WEEK, own=" cup ") == "cup"
    assert key(own="the\ncup" + "x" * 300) == "the cup" + "x" * 193


def test_things_and_their_period_name_the_event_in_whatever_order() -> None:
    assert key(named=TWO, period=WEEK) == "p:10/2021:Allen|Mahomes"
    assert key("Other words?", named=TWO[::-1], period=WEEK) == "p:10/2021:Allen|Mahomes"
    assert key(named=TWO, period=Period(10)) == "p:10:Allen|Mahomes"


def test_otherwise_the_question_does_in_its_period_or_on_its_day() -> None:
    assert (
        key("A  or b?", period=WEEK) == key("a or B?", period=WEEK) == "p:10/2021:8fdc74421a00da1e"
    )
    assert key("A or B?") == "p:2026-11-21:8fdc74421a00da1e"
    assert key("A or B?", named=TWO) == "p:2026-11-21:8fdc74421a00da1e"
    assert key("A or C?", period=WEEK) != key("A or B?", period=WEEK)


def test_a_blank_key_is_none() -> None:
    assert key(own="  ") == key()
