"""What is quoted of one document: steps with their numbers, and what changed between two versions."""

from datetime import date

import pytest

from services.models.offline.extractive_answer import Findings
from services.models.offline.question import parse_question
from services.models.offline.quotation import QuotableUnit
from services.models.offline.whole_documents import (
    MOST_CHANGES,
    MOST_UNITS,
    asks_for_changes,
    changes,
    choose_versions,
    procedure,
    sections,
    subject,
)
from tests.fakes.search import passage
from tests.services.models.offline.making import SURE, entry, quote_title, units_of
from use_cases.kernel.citations.sources import PassageEntry

RUNBOOK = """\
# Restarting the gateway

For the engineer on call.

## Before you start

- Tell the dispatcher. Alarms stand still.
- Read the log:

  ```bash
  tail -n 5 log
  ```

## Restart

Only when the queue grows.

1. Drain it:

   ```bash
   ctl drain
   ```

1. Restart the service. Wait.
   - If it hangs, call Priya.

   Never skip this.

2. Undrain it.

Write it down.

## Why it hangs

The disk is slow.
"""


def read(text: str = RUNBOOK, title: str = "Restarting the gateway") -> list[PassageEntry]:
    return [entry(quote_title(passage(text, name="gateway.md", section=""), title), 3)]


def best(text: str, entries: list[PassageEntry]) -> QuotableUnit:
    return next(
        unit
        for s in sections(entries, parse_question(text))
        for unit in s.units
        if text in unit.text
    )


def told(question: str, entries: list[PassageEntry] | None = None, near: str = "Drain it") -> str:
    """The answer with the procedure; empty where there is none."""
    entries = entries or read()
    asked = parse_question(question)
    rarities = dict.fromkeys(asked.words, 1.0)
    found = Findings(asked, [best(near, entries)], SURE, {}, rarities)
    return procedure(entries, found) or ""


def test_else_the_section_of_the_best_sentence_gives_its_steps() -> None:
    assert told("How do I empty a hose?", near="Undrain").startswith("“Restart” in ")
    assert told("How do I empty a hose?", near="The disk is slow") == ""


def test_else_what_its_document_announces_as_instructions() -> None:
    entries = read(RUNBOOK.replace("## Restart\n", "## Mitigation\n"))
    text = told("How do I empty a hose?", entries, "The disk is slow")
    assert text.startswith("“Mitigation” in ")


def test_without_steps_there_is_no_procedure() -> None:
    entries = read("# Restarting\n\nFor the engineer.")
    assert told("How do I restart the gateway?", entries, near="For the engineer") == ""


def test_steps_stand_in_their_order_with_what_belongs_to_them() -> None:
    assert told("How do I undo it?", near="Undrain") == (
        "“Restart” in “Restarting the gateway” (2026-01-15):\n\n"
        "Only when the queue grows. [3]\n\n"
        "1. Drain it: [3]\n"
        "   - `ctl drain` [3]\n"
        "2. Restart the service. [3] Wait. [3]\n"
        "   - If it hangs, call Priya. [3]\n"
        "   - Never skip this. [3]\n"
        "3. Undrain it. [3]\n\n"
        "Write it down. [3]"
    )


def test_of_several_sections_each_has_its_heading_and_the_others_are_named() -> None:
    said = told("How do I restart the gateway?")
    assert said.startswith(
        "“Restarting the gateway” (2026-01-15):\n\n**Before you start**\n\n"
        "- Tell the dispatcher. [3] Alarms stand still. [3]\n"
        "- Read the log: [3]\n   - `tail -n 5 log` [3]\n\n**Restart**\n\n"
    )
    assert said.endswith("(Not quoted from this document: “Why it hangs”.)")


def test_what_acts_comes_before_what_reports_and_a_definition_last() -> None:
    text = (
        "# Full disk\n\n## Diagnosis\n\n- Look at the chart.\n- Read the log.\n\n## Mitigation\n\n"
        "A full disk is a disk that has no room. Tell the team.\n\n1. Delete logs.\n2. Wait.\n"
    )
    asked = "What do I do about a full disk?"
    assert told(asked, read(text, "Full disk"), near="Delete logs") == (
        "“Full disk” (2026-01-15):\n\n**Mitigation**\n\nTell the team. [3]\n\n"
        "1. Delete logs. [3]\n2. Wait. [3]\n\nA full disk is a disk that has no room. [3]\n\n"
        "**Diagnosis**\n\n- Look at the chart. [3]\n- Read the log. [3]"
    )


def test_a_long_section_is_cut_and_says_so() -> None:
    items = "\n".join(f"{n}. Turn valve number {n}." for n in range(1, 60))
    entries = read(f"# Restarting the gateway\n\n## Valves\n\n{items}\n")
    said = told("How do I restart the gateway?", entries, near="valve number 1.")
    assert f"{MOST_UNITS}. Turn valve number {MOST_UNITS}. [3]" in said
    assert f"Turn valve number {MOST_UNITS + 1}." not in said
    assert said.endswith("(The section goes on.)")


def test_numbered_clauses_and_headings_without_marks_are_steps_too() -> None:
    text = "VEHICLES\n\n6. ACCIDENTS\n\n6.1 Secure the place.\n6.2 Call the police.\n\n7. CARE\n\nWash it."
    entries = [
        entry(quote_title(passage(text, name="vans.txt", section="6. ACCIDENTS"), "VEHICLES"), 2)
    ]
    assert told("What do I do after accidents?", entries, near="6.1") == (
        "“ACCIDENTS” in “VEHICLES” (2026-01-15):\n\n"
        "- 6.1 Secure the place. [2]\n- 6.2 Call the police. [2]"
    )


def test_what_two_readings_hold_is_said_once() -> None:
    text = "# T\n\n## Open\n\n1. Unlock it.\n2. Push it.\n"
    first = passage(text, name="door.md", section="Open")
    rest = passage(text[13:], name="door.md", section="Open", offset=13)
    (section,) = sections([entry(first, 1), entry(rest, 2)], parse_question("How?"))
    assert [unit.text for unit in section.units] == ["Unlock it.", "Push it."]


def test_a_unit_knows_the_headings_above_it() -> None:
    units = units_of(passage(RUNBOOK.replace("## Restart\n", "### Quick\n"), section=""))
    assert {unit.path for unit in units} == {
        ("Restarting the gateway",),
        ("Restarting the gateway", "Before you start"),
        ("Restarting the gateway", "Before you start", "Quick"),
        ("Restarting the gateway", "Why it hangs"),
    }
    middle = passage("### Quick\n\nPush.\n\n### Slow\n\nPull.", section="Restart › Quick")
    assert [unit.path for unit in units_of(middle)] == [("Restart", "Quick"), ("Restart", "Slow")]


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
    found = choose_versions(question, entries)
    return None if found is None else (found[0].name, found[1].name)


VERSIONS = (version(4), version(2), version(3))


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
    assert pair(question, *VERSIONS) == names


def test_the_document_is_the_one_that_the_question_names() -> None:
    travel = (version(3, name="travel"), version(4, name="travel"))
    question = "What changed in the leave policy?"
    assert pair(question, *travel, *VERSIONS) == ("leave-v3.md", "leave-v4.md")
    assert pair("What changed in travel?", *VERSIONS, *travel) == ("travel-v3.md", "travel-v4.md")


def test_one_version_alone_is_no_pair() -> None:
    assert pair("What changed in the leave policy?", version(4)) is None


def compared(question: str = "What changed?", old: str = OLD, new: str = NEW) -> str:
    before, now = version(3, old), version(4, new)
    both = (before.passage.document, now.passage.document)
    return changes(both, [[before], [now]], parse_question(question))


def test_what_stood_there_and_what_stands_there_now_are_both_cited() -> None:
    assert compared() == (
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
    assert compared(old=NEW).endswith(
        "(leave-v4.md) says nothing else than the version of 2024-01-15 (leave-v3.md)."
    )


def test_what_only_moved_is_no_difference() -> None:
    moved = "# Leave\n\nAsk ahead.\n\nTell your leader."
    assert "says nothing else" in compared(
        old=moved, new="# Leave\n\nTell your leader.\n\nAsk ahead."
    )


def test_of_very_many_differences_some_are_left_out_and_counted() -> None:
    old, new = ("\n\n".join(f"Animal {a} eats {n} times." for a in range(20)) for n in (2, 3))
    said = compared(old=old, new=new)
    assert said.count("was: ") + said.count("now: ") + 1 == MOST_CHANGES
    assert said.endswith("(And 11 more lines; ask about one point to see them.)")


@pytest.mark.parametrize(
    "question", ["What changed about weddings since v3?", "What's new, weddings?"]
)
def test_of_one_point_only_what_holds_most_of_its_words(question: str) -> None:
    assert compared(question).endswith(").\n\n- Selling\n   - new: Wedding: Days: 2 [4]")


def test_a_point_that_stands_nowhere_leaves_all_differences() -> None:
    assert compared("What changed about the canteen since v3?") == compared()


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
    assert asks_for_changes(text)


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
    assert not asks_for_changes(text)
