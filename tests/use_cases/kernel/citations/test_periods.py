"""The time that a question names, against the time of texts."""

from datetime import date

import pytest

from use_cases.kernel.citations.verification import names_time, other_time


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What was the revenue in Q4 2025?", "quarter: Q4 2025; revenue: 12"),
        ("What was the revenue in 2025?", "Q1 2025: 3"),
        ("What was the revenue?", "Q1 2025: 3"),
        ("Revenue in 2026?", "The season 2025/26 went well."),
        ("Revenue in 2026?", "The plan 2024-2027"),
        ("Leave in 2026?", "Valid from 1 March 2024, it is 25 days."),
        ("Leave in 2026?", "It is 25 days since the reform of 2019."),
        ("Leave in 2026?", "It is 25 days."),
        ("Is the allowance since 2019 still paid?", "It ended in 2021."),
        ("How heavy is the SK-2026?", "The model of 2024 weighs 12 kg."),
        ("What does policy 2026 say?", "Report of 2024"),
    ],
)
def test_nothing_is_said_where_the_time_may_be_right(question: str, text: str) -> None:
    assert other_time(question, [text]) is None


@pytest.mark.parametrize(
    ("question", "text", "told"),
    [
        ("Revenue in Q4 2026?", "Q4 2025: 12", "about Q4 2026, and what was found is of 2025."),
        (
            "2026 Q4?",
            "Q4 2025: 12; Q3 2024: 9",
            "about Q4 2026, and what was found is of 2025, 2024.",
        ),
        ("The fourth quarter of 2026?", "FY 2025", "about Q4 2026, and what was found is of 2025."),
        ("Orders in December 2026?", "year: 2025", "about 2026, and what was found is of 2025."),
        ("The budget for 2026?", "Budget 2025", "about 2026, and what was found is of 2025."),
        (
            "Q4 2025?",
            "Q1 2025: 3; Q2 2025: 4",
            "Q4 2025, and what was found is of Q2 2025, Q1 2025.",
        ),
        (
            "The budget for 2026?",
            "2019 2020 2021 2022 2023",
            "about 2026, and what was found is of 2023, 2022, 2021, 2020 and others.",
        ),
    ],
)
def test_another_time_is_said(question: str, text: str, told: str) -> None:
    said = other_time(question, [text])

    assert said is not None
    assert said.startswith("The question is about ")
    assert said.endswith(told)


def test_a_quarter_is_not_known_before_it_begins() -> None:
    text, day = "Revenue in Q4 was 12.", date(2025, 12, 31)

    assert other_time("Revenue in Q4 2026?", [text], [day]) == (
        "The question is about Q4 2026, and what was found is of 2025."
    )
    assert other_time("Revenue in Q4 2025?", [text], [day]) is None
    assert other_time("Leave in 2026?", [text], [day]) is None


def test_a_text_names_the_very_time_or_not() -> None:
    assert names_time("Revenue in Q4 2025?", "Q4 2025: 12")
    assert not names_time("Revenue in Q4 2025?", "Q3 2025: 12")
    assert not names_time("Revenue in Q4 2025?", "Q4: 12")
    assert not names_time("Revenue?", "Q4 2025: 12")
