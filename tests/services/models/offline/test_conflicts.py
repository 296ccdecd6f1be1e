"""When two documents of one standing disagree on what is asked, and when they speak of two things."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from services.models.offline.extractive_answer import compose
from tests.fakes.search import passage
from tests.services.models.offline.making import entry, findings, quote_title
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.citations.verification import sources
from use_cases.kernel.model import Passage

DISAGREEMENTS = Path(__file__).parent / "disagreements"

Side = tuple[str, str, str]
Case = tuple[str, Side, Side]
"""A question, and title, heading and text of two documents."""


def cases(name: str) -> Sequence[Case]:
    """Read questions with their two documents."""
    _, *blocks = (DISAGREEMENTS / f"{name}.txt").read_text().strip().split("\n\n")
    found: list[Case] = []
    for block in blocks:
        asked, *sides = block.splitlines()
        one, other = [tuple(part.strip() for part in side.split("|")) for side in sides]
        found.append((asked, cast("Side", one), cast("Side", other)))
    return found


CONFLICTS, LOOKALIKES = cases("conflicts"), cases("lookalikes")


def documents(case: Case) -> list[Passage]:
    """The two documents, which are of one date and authority."""
    return [
        quote_title(passage(text, number=number, name=f"{number}.md", section=heading), title)
        for number, (title, heading, text) in enumerate((case[1], case[2]), 1)
    ]


def said(case: Case) -> str:
    return compose(findings(documents(case), question=case[0], gap=0.1))


def name(case: Case) -> str:
    return case[1][2]


@pytest.mark.parametrize("case", CONFLICTS, ids=name)
def test_different_values_of_what_is_asked_are_a_conflict(case: Case) -> None:
    assert said(case).startswith("[conflict] ")


@pytest.mark.parametrize("case", LOOKALIKES, ids=name)
def test_sentences_that_share_most_words_and_no_subject_are_none(case: Case) -> None:
    assert "[conflict]" not in said(case)


@pytest.mark.parametrize("case", CONFLICTS, ids=name)
def test_neither_side_of_a_conflict_is_a_weak_citation(case: Case) -> None:
    entries = {n: entry(found, n) for n, found in enumerate(documents(case), 1)}
    cited = sources(said(case).removeprefix("[conflict] "), entries, CitationPolicy())
    quotes = [quote for source in cited for quote in source.quotes]
    assert [(quote.support, quote.weak) for quote in quotes] == [(1.0, False)] * 2


FUSES = "| Model | Supply | Fuse |\n| --- | --- | --- |\n| SK-2500 | 400 V | 32 A (slow) |"


@pytest.mark.parametrize(
    ("question", "other", "conflict"),
    [
        (
            "Which fuse for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-2500 | 40 A (slow) |",
            True,
        ),
        (
            "Which supply for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-2500 | 40 A (slow) |",
            False,
        ),
        (
            "Which fuse for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-1200 | 40 A (slow) |",
            False,
        ),
        (
            "Which fuse for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-2500 | 32 A (slow) |",
            False,
        ),
        (
            "Which fuse for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-2500 | 40 A (quick) |",
            False,
        ),
        ("Which fuse for an SK-2500?", "The SK-2500 needs a fuse of 40 A.", False),
    ],
    ids=["same column", "other column", "other row", "same value", "other words", "no table"],
)
def test_rows_of_one_thing_disagree_in_the_column_that_is_asked_for(
    question: str, other: str, *, conflict: bool
) -> None:
    case = (question, ("Sales", "", FUSES), ("Works", "", other))
    assert said(case).startswith("[conflict] ") is conflict
