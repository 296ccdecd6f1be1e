"""Which sentence cites what, and which characters support it."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.search import passage
from use_cases.kernel.citations.source_text import rows_as_markdown
from use_cases.kernel.citations.sources import CitationPolicy, SourceLedger
from use_cases.kernel.citations.verification import (
    best_quote,
    drop_unsupported,
    find_citations,
    sources,
)
from use_cases.kernel.model import Column, ColumnType, Hit, Rows, Span, Table


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


def test_the_sentence_itself_is_quoted_and_no_heading_with_its_words() -> None:
    text = "# QueueNotConnected\n\n*The queue is not connected.*\n\nQueue connected?"
    span, support = best_quote("The queue is not connected", text)
    assert (span.cut(text), support) == ("*The queue is not connected.*", 1.0)


def test_two_neighbours_are_quoted_when_one_does_not_cover_the_clause() -> None:
    text = "Guards answer at once. The others answer within 8 hours. Nothing more."
    span, _ = best_quote("guards at once, others within 8 hours", text)
    assert span.cut(text) == "Guards answer at once. The others answer within 8 hours."


def test_a_row_is_read_with_the_names_of_its_columns() -> None:
    text = "| Backup | Kept for |\n| --- | --- |\n| Images | 1 year |\n| Dumps | 9 days |\n"
    span, support = best_quote("Dumps: Kept for: 9 days", text)
    assert (span.cut(text), support) == ("| Dumps | 9 days |", 1.0)


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


RULE = passage("# Passwords\n\nPasswords must be rotated every 90 days.", number=1)
STAFF = Table("staff", "Staff", "", (Column("name", "Name", ColumnType.TEXT),), 12, RULE.document)


def found(count: int = 12, sql: str = "SELECT count(*) AS n FROM staff") -> SourceLedger:
    """The rule [1], a count of rows [2], and a rule in German [3]."""
    ledger = SourceLedger()
    ledger.add_hit(Hit(RULE, 1.0))
    rows = Rows(sql, ["n"], [[count]], truncated=False, limit=200, tables=[STAFF])
    ledger.add_rows(rows, rows_as_markdown(rows))
    german = "Wer im Lager arbeitet, trägt dort immer Schuhe mit Kappen aus Stahl."
    ledger.add_hit(Hit(passage(german, number=2, name="lager.md"), 1.0))
    return ledger


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (
            "Passwords must be rotated every 90 days [2].",
            "Passwords must be rotated every 90 days.",
        ),
        ("Rotate passwords every 90 days [1][2].", "Rotate passwords every 90 days [1]."),
        ("Rotate passwords every 90 days [2][1].", "Rotate passwords every 90 days [1]."),
        (
            "Rotate passwords every 90 days [1], vans may drive fast on motorways [2].",
            "Rotate passwords every 90 days [1], vans may drive fast on motorways.",
        ),
        (
            "Vans may drive 115 km/h. [1] Ask the fleet desk.",
            "Vans may drive 115 km/h. Ask the fleet desk.",
        ),
        (
            "- vans drive at 115 km/h [1]\n- rotated every 90 days [1]",
            "- vans drive at 115 km/h\n- rotated every 90 days [1]",
        ),
        (
            "Achtzig Lastwagen haben heute einen Anhänger [3].",
            "Achtzig Lastwagen haben heute einen Anhänger.",
        ),
    ],
)
def test_a_citation_of_a_source_that_says_nothing_of_it_is_dropped(answer: str, kept: str) -> None:
    assert drop_unsupported(answer, found().entries, "How often?") == kept


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many people?", "The company employs 12 people in its depots [2]."),
        ("How many people?", "The company employs twelve people in its depots [2]."),
        ("How many people?", "All of the staff is counted in this figure [2]."),
        ("Must passwords be rotated?", "Yes [1]."),
        ("Must passwords be rotated?", "Yes, that is required [1]."),
        ("Must I?", "No [1]."),
        ("Wie oft?", "Kennwörter sind alle drei Monate zu ändern, auch im Urlaub [1]."),
        ("What shoes?", "Everybody in the warehouse must wear safety boots with a steel toe [3]."),
        ("Wie viele?", "Es gibt achtzig Leute, die hier in den Hallen arbeiten [2]."),
        ("Which?", "```\nvans = 1\n```\nUnknown numbers stay, as `a[1]` does [9]."),
    ],
)
def test_a_citation_that_words_cannot_judge_stays(question: str, answer: str) -> None:
    assert drop_unsupported(answer, found().entries, question) == answer


def test_a_few_words_are_read_with_the_question() -> None:
    entries = found().entries
    assert drop_unsupported("Yes [2].", entries, "Is smoking allowed in vans?") == "Yes."
    assert drop_unsupported("Yes [2].", entries, "Is all staff counted?") == "Yes [2]."


@given(st.text(alphabet="ab [12].\n|`-", max_size=80))
def test_dropping_markers_leaves_all_other_characters(answer: str) -> None:
    kept = drop_unsupported(answer, found().entries, "Which?")

    def rest(text: str) -> str:
        return re.sub(r"\s|\[[12]+\]", "", text)

    assert rest(kept) == rest(answer)


@pytest.mark.parametrize(
    ("named", "support"),
    [
        ("policies/security.md (2026-01-15): ", 1.0),
        ("Of Policies/Security.md (2026-01-15): ", 1.0),
        ("policies/security.md (2025-01-15): ", 0.26),
        ("Vehicle policy (2026-01-15): ", 0.375),
    ],
    ids=["its title and date", "in other letters", "another date", "another title"],
)
def test_the_name_of_a_source_in_front_is_no_part_of_what_it_says(
    named: str, support: float
) -> None:
    ledger = SourceLedger()
    ledger.add_hit(Hit(passage("Passwords must be rotated every 90 days."), 1.0))
    said = f"Two documents disagree. {named}Passwords must be rotated every 90 days. [1]"
    (source,) = sources(said, ledger.entries, CitationPolicy())
    (quote,) = source.quotes
    assert quote.support == pytest.approx(support, abs=0.05)
    assert quote.weak is (support < 0.5)


PLANS = """\
## Plans

### Basic

Wear parts are charged to the customer.

```sh
# no heading
```

### Guard

All wear parts are included in it.

## Ending

Six weeks of notice are needed.
"""


@pytest.mark.parametrize(
    ("answer", "section"),
    [
        ("All wear parts are included [1].", "Plans › Guard"),
        ("Wear parts are charged to the customer [1].", "Plans › Basic"),
        ("Six weeks of notice are needed [1].", "Ending"),
        ("All wear parts are included [1]. Wear parts are charged to the customer [1].", "Plans"),
        ("All wear parts are included [1]. Six weeks of notice are needed [1].", ""),
    ],
)
def test_a_source_names_the_section_of_its_quotes(answer: str, section: str) -> None:
    start = PLANS.index("### Guard")
    span = Span(start, PLANS.index("## Ending"))
    guard = passage(PLANS, section="Plans › Guard")
    ledger = SourceLedger()
    ledger.add_hit(Hit(replace(guard, span=span, text=span.cut(PLANS)), 1.0))
    [source] = sources(answer, ledger.entries, CitationPolicy())
    assert source.section == section
