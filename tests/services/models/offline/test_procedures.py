"""The steps of a procedure: which sections, in which order, each with its number."""

from collections.abc import Mapping

import pytest

from services.models.offline.procedures import (
    MOST_UNITS,
    Procedure,
    format_procedure,
    procedure,
    sections,
)
from services.models.offline.question import parse_question
from services.models.offline.quotation import QuotableUnit
from tests.fakes.search import passage
from tests.services.models.offline.making import entry, quote_title, units_of
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


def found(
    question: str, entries: list[PassageEntry] | None = None, near: str = "For the engineer"
) -> Procedure | None:
    entries = entries or read()
    asked = parse_question(question)
    return procedure(entries, asked, weights(question), best(near, entries))


def weights(question: str) -> Mapping[str, float]:
    return dict.fromkeys(parse_question(question).words, 1.0)


def headings(procedure: Procedure | None) -> list[str]:
    assert procedure is not None
    return [section.path[-1] for section in procedure.sections]


def test_a_title_that_says_it_gives_all_sections_with_steps() -> None:
    whole = found("How do I restart the gateway?")
    assert headings(whole) == ["Before you start", "Restart"]
    assert whole is not None
    assert [section.path for section in whole.others] == [(), ("Why it hangs",)]


def test_else_the_section_of_the_best_sentence_gives_its_steps() -> None:
    assert headings(found("How do I empty a hose?", near="Undrain")) == ["Restart"]
    assert found("How do I empty a hose?", near="The disk is slow") is None


def test_else_what_its_document_announces_as_instructions() -> None:
    entries = read(RUNBOOK.replace("## Restart\n", "## Mitigation\n"))
    assert headings(found("How do I empty a hose?", entries, "The disk is slow")) == ["Mitigation"]


def test_a_name_that_stands_nowhere_means_other_steps() -> None:
    assert found("The gateway says FW-209, how do I restart it?") is None


def test_without_steps_there_is_no_procedure() -> None:
    assert found("How do I restart the gateway?", read("# Restarting\n\nFor the engineer.")) is None


def test_steps_stand_in_their_order_with_what_belongs_to_them() -> None:
    restart = found("How do I undo it?", near="Undrain")
    assert restart is not None
    assert format_procedure(restart, parse_question("How?")).text == (
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
    whole = found("How do I restart the gateway?")
    assert whole is not None
    said = format_procedure(whole, parse_question("How?")).text
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
    full = found("What do I do about a full disk?", read(text, "Full disk"), near="Delete logs")
    assert full is not None
    shown = format_procedure(full, parse_question("What?"))
    assert shown.text == (
        "“Full disk” (2026-01-15):\n\n**Mitigation**\n\nTell the team. [3]\n\n"
        "1. Delete logs. [3]\n2. Wait. [3]\n\nA full disk is a disk that has no room. [3]\n\n"
        "**Diagnosis**\n\n- Look at the chart. [3]\n- Read the log. [3]"
    )


def test_a_long_section_is_cut_and_says_so() -> None:
    items = "\n".join(f"{n}. Turn valve number {n}." for n in range(1, 60))
    entries = read(f"# Restarting the gateway\n\n## Valves\n\n{items}\n")
    long = found("How do I restart the gateway?", entries, near="valve number 1.")
    assert long is not None
    said = format_procedure(long, parse_question("How?")).text
    assert f"{MOST_UNITS}. Turn valve number {MOST_UNITS}. [3]" in said
    assert f"Turn valve number {MOST_UNITS + 1}." not in said
    assert said.endswith("(The section goes on.)")


def test_numbered_clauses_and_headings_without_marks_are_steps_too() -> None:
    text = "VEHICLES\n\n6. ACCIDENTS\n\n6.1 Secure the place.\n6.2 Call the police.\n\n7. CARE\n\nWash it."
    entries = [
        entry(quote_title(passage(text, name="vans.txt", section="6. ACCIDENTS"), "VEHICLES"), 2)
    ]
    accident = found("What do I do after accidents?", entries, near="6.1")
    assert headings(accident) == ["ACCIDENTS"]
    assert accident is not None
    assert format_procedure(accident, parse_question("How?")).text == (
        "“ACCIDENTS” in “VEHICLES” (2026-01-15):\n\n"
        "- 6.1 Secure the place. [2]\n- 6.2 Call the police. [2]"
    )


def test_what_two_readings_hold_is_said_once() -> None:
    text = "# T\n\n## Open\n\n1. Unlock it.\n2. Push it.\n"
    first = passage(text, name="door.md", section="Open")
    rest = passage(text[13:], name="door.md", section="Open", offset=13)
    (section,) = sections([entry(first, 1), entry(rest, 2)], parse_question("How?"))
    assert [unit.text for unit in section.units] == ["Unlock it.", "Push it."]


@pytest.mark.parametrize(
    "question",
    [
        "How do I restore the database?",
        "how to drain a tank",
        "What do I do if a gateway does not restart?",
        "What do I have to do after an accident?",
        "How is a tank commissioned?",
        "What are the steps for a refund?",
        "How should a technician lift the pump?",
        "The update failed. What now?",
        "The pump is blocked. What do I try, and in which order?",
        "What are the stages of an application?",
    ],
)
def test_questions_for_steps(question: str) -> None:
    assert parse_question(question).steps


@pytest.mark.parametrize(
    "question",
    [
        "How often must passwords be rotated?",
        "How much do I get per kilometre?",
        "Which command restarts the service?",
        "How do I know that the tank leaks?",
        "Who approves travel?",
        "How does the warranty work?",
    ],
)
def test_questions_for_something_else(question: str) -> None:
    assert not parse_question(question).steps


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
