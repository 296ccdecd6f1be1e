"""What changed between two versions: which two are meant, what differs, how it is said."""

from datetime import date

import pytest

from services.models.offline.differences import (
    MOST_CHANGES,
    Pair,
    asks_for_differences,
    choose_pair,
    compare,
    subject,
)
from services.models.offline.question import parse_question
from tests.fakes.search import passage
from tests.services.models.offline.making import entry, quote_title
from use_cases.kernel.citations.sources import PassageEntry

DATES = {2: date(2022, 5, 1), 3: date(2024, 1, 15), 4: date(2026, 1, 19)}
OLD = "# Leave\n\n## Annual\n\nA full-time employee has 25 days of leave. Ask ahead.\n\n## Swaps\n\nSwaps are noted."
NEW = (
    "# Leave\n\n## Annual\n\nA full-time employee has 27 days of leave. Ask ahead.\n\n"
    "## Selling\n\nDays cannot be sold.\n\n| Occasion | Days |\n| --- | --- |\n| Wedding | 2 |\n"
)


def version(number: int, text: str = "Text.", name: str = "leave") -> PassageEntry:
    made = passage(text, number=number, name=f"{name}-v{number}.md", updated=DATES[number])
    return entry(quote_title(made, "Leave policy" if name == "leave" else name), number)


def pair(question: str, *entries: PassageEntry) -> tuple[str, str] | None:
    found = choose_pair(question, entries)
    return None if found is None else (found.old.name, found.new.name)


ALL = (version(4), version(2), version(3))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What changed in the leave policy?", ("leave-v3.md", "leave-v4.md")),
        ("What changed between v2 and v4 of the leave policy?", ("leave-v2.md", "leave-v4.md")),
        ("What is new since version 2 of leave?", ("leave-v2.md", "leave-v4.md")),
        ("Compare the 2022 and the 2024 leave policy", ("leave-v2.md", "leave-v3.md")),
        ("What is new in v4 of the leave policy?", ("leave-v3.md", "leave-v4.md")),
        ("What changed?", ("leave-v3.md", "leave-v4.md")),
        ("What changed in travel?", None),
        ("Did the text change?", ("leave-v3.md", "leave-v4.md")),
    ],
)
def test_the_versions_that_are_named_else_the_last_two(
    question: str, names: tuple[str, str] | None
) -> None:
    assert pair(question, *ALL) == names


def test_the_document_is_the_one_that_the_question_names() -> None:
    travel = (version(3, name="travel"), version(4, name="travel"))
    question = "What changed in the leave policy?"
    assert pair(question, *travel, *ALL) == ("leave-v3.md", "leave-v4.md")
    assert pair("What changed in travel?", *ALL, *travel) == ("travel-v3.md", "travel-v4.md")


def test_one_version_alone_is_no_pair() -> None:
    assert pair("What changed in the leave policy?", version(4)) is None


def told(question: str = "What changed?", old: str = OLD, new: str = NEW) -> str:
    before, now = version(3, old), version(4, new)
    both = Pair(before.passage.document, now.passage.document)
    return compare(both, [before], [now], parse_question(question))


def test_what_stood_there_and_what_stands_there_now_are_both_cited() -> None:
    assert told() == (
        "“Leave policy”: the version of 2026-01-19 (leave-v4.md) compared with"
        " the version of 2024-01-15 (leave-v3.md).\n\n"
        "- Annual\n"
        "   - was: A full-time employee has 25 days of leave. [3]\n"
        "   - now: A full-time employee has 27 days of leave. [4]\n"
        "- Selling\n"
        "   - new: Days cannot be sold. [4]\n"
        "   - new: Wedding: Days: 2 [4]\n"
        "- Swaps\n"
        "   - gone: Swaps are noted. [3]"
    )


def test_versions_that_say_the_same_are_said_to() -> None:
    assert told(old=NEW).endswith(
        "(leave-v4.md) says nothing else than the version of 2024-01-15 (leave-v3.md)."
    )


def test_what_only_moved_is_no_difference() -> None:
    moved = "# Leave\n\nAsk ahead.\n\nTell your leader."
    assert "says nothing else" in told(old=moved, new="# Leave\n\nTell your leader.\n\nAsk ahead.")


def test_of_very_many_differences_some_are_left_out_and_counted() -> None:
    old, new = ("\n\n".join(f"Animal {a} eats {n} times." for a in range(20)) for n in (2, 3))
    said = told(old=old, new=new)
    assert said.count("was: ") + said.count("now: ") + 1 == MOST_CHANGES
    assert said.endswith("(And 11 more lines; ask about one point to see them.)")


@pytest.mark.parametrize(
    "question", ["What changed about weddings since v3?", "What's new, weddings?"]
)
def test_of_one_point_only_what_holds_most_of_its_words(question: str) -> None:
    assert told(question).endswith(").\n\n- Selling\n   - new: Wedding: Days: 2 [4]")


def test_a_point_that_stands_nowhere_leaves_all_differences() -> None:
    assert told("What changed about the canteen since v3?") == told()


def test_what_is_searched_for_is_the_subject() -> None:
    assert subject("What is new in the on-call policy since v2?") == "on-call"
    assert subject("What changed?") == "What changed?"


@pytest.mark.parametrize(
    "text",
    [
        "what changed between v3 and v4 of the leave policy",
        "What's new in the travel rules?",
        "What has changed since 2022?",
        "What are the changes in the leave policy?",
        "How has parental leave changed?",
        "Has the mileage rate changed?",
        "Was the lockout rule changed in the policy?",
        "What is the difference between the old and the new security policy?",
        "Compare version 1 and version 2 of the guide",
        "How do the 2024 and 2026 plans differ?",
        "Summarize the changes to the on-call policy",
    ],
)
def test_questions_for_what_changed(text: str) -> None:
    assert asks_for_differences(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is the difference between a P1 and a P2?",
        "How often are passwords changed?",
        "Who must be told of a changed address?",
        "What new employees need on the first day",
        "Who orders a new van?",
        "At which tread are tyres changed?",
    ],
)
def test_questions_for_something_else(text: str) -> None:
    assert not asks_for_differences(text)
