"""Which sentence cites what, and which characters support it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.search import passage
from use_cases.kernel.citations.ledger import SourceLedger
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.citations.verification import best_quote, find_citations, sources
from use_cases.kernel.model import Hit


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("Every 90 days [1].", [(1, "Every 90 days")]),
        ("Every 90 days. [1] Ask IT.", [(1, "Every 90 days.")]),
        (
            "Staff get 27 days [1], guests get none [2].",
            [(1, "Staff get 27 days"), (2, "guests get none")],
        ),
        ("Both rules agree [1][2].", [(1, "Both rules agree"), (2, "Both rules agree")]),
        ("- one item [3]\n- two items [4]", [(3, "one item"), (4, "two items")]),
        ("```\nreboot now\n```\n[2]", [(2, "reboot now")]),
        ("None at all.", []),
    ],
)
def test_a_marker_stands_for_the_clause_it_closes(
    answer: str, found: list[tuple[int, str]]
) -> None:
    assert [(c.number, c.clause.strip()) for c in find_citations(answer)] == found


def test_brackets_in_code_cite_nothing() -> None:
    assert [c.number for c in find_citations("Run `a[1]` or ``b[`3`]`` now. [2]")] == [2]


def test_the_best_quote_covers_the_clause_with_the_fewest_characters() -> None:
    text = "Passwords matter. They must be rotated every 90 days. Guests are exempt."
    span, support = best_quote("rotated every 90 days", text)
    assert (span.cut(text), support) == ("They must be rotated every 90 days.", 1.0)


def test_two_neighbours_are_quoted_when_one_does_not_cover_the_clause() -> None:
    text = "Guards answer at once. The others answer within 8 hours. Nothing more."
    span, _ = best_quote("guards at once, others within 8 hours", text)
    assert span.cut(text) == "Guards answer at once. The others answer within 8 hours."


def test_a_wrong_figure_costs_more_than_a_missing_word() -> None:
    _, wrong = best_quote("passwords rotate every 180 days", "Passwords rotate every 90 days.")
    _, vague = best_quote(
        "secret passwords rotate every 90 days", "Passwords rotate every 90 days."
    )
    assert wrong == pytest.approx(3 / 6)
    assert vague == pytest.approx(6 / 7)


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("a 90-day rotation", "Rotation happens after 90 days."),
        ("15 % late fee", "The late fee is 15%."),
        ("a limit of 1000 euros", "The limit is 1,000 euros."),
        ("27,5 Tage Urlaub", "Urlaub: 27,5 Tage."),
        ("Пароли меняют раз в 90 дней", "Вход по карте. Пароли меняют раз в 90 дней. Иначе нет."),
        ("cafe\u0301s close at 18:00", "Cafés close at 18:00."),
    ],
)
def test_a_figure_is_the_same_in_another_spelling(clause: str, text: str) -> None:
    assert best_quote(clause, text)[1] == 1.0


def test_a_decimal_comma_is_not_dropped() -> None:
    assert best_quote("275 Tage", "27,5 Tage.")[1] == pytest.approx(1 / 4)


def test_the_same_reading_keeps_its_number() -> None:
    ledger = SourceLedger()
    one = passage("First text.", number=1)
    two = passage("Second text.", number=2)
    numbers = [ledger.add_hit(Hit(p, 1.0)).number for p in (one, two, one)]
    assert numbers == [1, 2, 1]
    assert [ledger.knows(n) for n in (0, 1, 2, 3)] == [False, True, True, False]


@given(st.text(max_size=200), st.text(min_size=1, max_size=400), st.integers(0, 50))
def test_every_quote_is_exactly_the_stored_characters(answer: str, text: str, offset: int) -> None:
    ledger = SourceLedger()
    ledger.add_hit(Hit(passage(text, offset=offset), 1.0))
    for source in sources(f"{answer} [1].", ledger.entries, CitationPolicy()):
        for quote in source.quotes:
            assert quote.span is not None
            stored = "\x00" * offset + text
            assert quote.span.cut(stored) == quote.text
            assert 0.0 <= quote.support <= 1.0
