"""An offline answer about a time: of that time, or with what is to be said of its own."""

from services.models.offline.extractive_answer import compose_dated
from tests.fakes.search import passage
from tests.services.models.offline.making import UNSURE, findings
from use_cases.kernel.model import Passage

ASKED = "What was the churn in Q4 2026?"
OTHER = "The question is about Q4 2026, and what was found is of 2025."


def row(text: str, number: int = 1) -> Passage:
    return passage(text, number=number, name=f"kpi{number}.csv", section="")


def test_a_row_of_the_time_is_quoted() -> None:
    found = findings([row("quarter: Q4 2026; churn: 1.7")], question=ASKED)

    assert compose_dated(found) == "quarter: Q4 2026; churn: 1.7 [1]"


def test_a_row_of_another_time_is_no_answer() -> None:
    found = findings([row("quarter: Q4 2025; churn: 1.7")], question=ASKED)

    assert compose_dated(found) == f"[not_found] {OTHER}"


def test_the_row_of_the_time_goes_before_a_better_one_of_another() -> None:
    rows = [row("quarter: Q4 2025; churn: 1.7"), row("quarter: Q4 2026; churn: 2.1", 2)]

    assert compose_dated(findings(rows, question=ASKED)) == "quarter: Q4 2026; churn: 2.1 [2]"


def test_where_nothing_is_found_the_nearest_document_is_named() -> None:
    found = findings([row("quarter: Q4 2025; churn: 1.7")], question=ASKED, evidence=UNSURE)

    assert compose_dated(found).startswith("[not_found] Do you mean the document")


def test_a_question_without_a_time_is_answered_as_ever() -> None:
    found = findings([row("quarter: Q4 2025; churn: 1.7")], question="What was the churn?")

    assert compose_dated(found) == "quarter: Q4 2025; churn: 1.7 [1]"
