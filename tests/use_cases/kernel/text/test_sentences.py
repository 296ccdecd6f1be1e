"""Quotable units: where sentences, items, rows and code lines begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.text.words import UnitKind, units

MARKDOWN = """\
# Access

Badges are checked daily, e.g. by Dr. Holm. See "Form 4." Then
sign it!

- first item, with words.
  It goes on here
- second

1. numbered

| Role | Days |
|---|---|
| Guard | 4 |

```sh
sudo reboot
```
> Quoted words.
"""


def test_units_are_what_a_person_would_underline() -> None:
    found = [(u.kind, u.item, u.span.cut(MARKDOWN)) for u in units(MARKDOWN)]
    assert found == [
        (UnitKind.HEADING, False, "# Access"),
        (UnitKind.SENTENCE, False, "Badges are checked daily, e.g. by Dr. Holm."),
        (UnitKind.SENTENCE, False, 'See "Form 4."'),
        (UnitKind.SENTENCE, False, "Then\nsign it!"),
        (UnitKind.SENTENCE, True, "first item, with words."),
        (UnitKind.SENTENCE, True, "It goes on here"),
        (UnitKind.SENTENCE, True, "second"),
        (UnitKind.SENTENCE, True, "numbered"),
        (UnitKind.HEADING, False, "| Role | Days |"),
        (UnitKind.ROW, False, "| Guard | 4 |"),
        (UnitKind.CODE, False, "sudo reboot"),
        (UnitKind.SENTENCE, False, "Quoted words."),
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        ("Вход по карте.", "Пароли меняют раз в 90 дней."),
        ("Η κάρτα ισχύει.", "Όλοι τη φορούν."),
        ("هل البطاقة سارية؟", "نعم لمدة سنة."),
        ("कार्ड मान्य है।", "सब इसे पहनते हैं।"),
        ("Der Ausweis gilt z. B. heute.", "Äpfel auch."),
        ("La carte est valable.", "Être là suffit."),
    ],
)
def test_sentences_end_in_other_scripts_too(sentences: tuple[str, str]) -> None:
    text = " ".join(sentences)
    assert tuple(u.span.cut(text) for u in units(text)) == sentences


def test_rows_without_bars_are_apart() -> None:
    rows = ("city: Bern; seen: Aug. Two towers; people: 134794", "city: Thun; people: 43734")
    text = f"Table towns, 2 rows.\nColumns: city; people.\n\n{rows[0]}\n{rows[1]}\nAs of: May; checked."
    found = [unit.span.cut(text) for unit in units(text)]
    assert found[2:] == [
        "city: Bern; seen: Aug.",
        "Two towers; people: 134794",
        rows[1],
        "As of: May; checked.",
    ]
    prose = "Note: first; then: go\non: and; so: forth"
    assert [unit.span.cut(prose) for unit in units(prose)] == [prose]


def test_code_ends_where_its_own_fence_does() -> None:
    text = "````\n```\na\n```\n````\nOne.\n\n```sh``` is inline.\n\n- ~~~\n  b\n  ~~~\nTwo."
    found = [(u.kind, u.span.cut(text)) for u in units(text)]
    assert found == [
        (UnitKind.CODE, "```"),
        (UnitKind.CODE, "a"),
        (UnitKind.CODE, "```"),
        (UnitKind.SENTENCE, "One."),
        (UnitKind.SENTENCE, "```sh``` is inline."),
        (UnitKind.CODE, "b"),
        (UnitKind.SENTENCE, "Two."),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Nicht genommener Urlaub verfällt am 31. März 2027.",
        "Siehe Nr. Sieben bzw. Abs. Zwei.",
        "La Sra. Ruiz y el Sr. Paz abren.",
    ],
)
def test_german_days_and_abbreviations_of_other_languages_end_no_sentence(sentence: str) -> None:
    text = f"{sentence} Ende 2026. Mai folgt."
    found = [unit.span.cut(text) for unit in units(text)]
    assert found == [sentence, "Ende 2026.", "Mai folgt."]


def test_japanese_sentences_end_at_their_full_stop() -> None:
    text = "毎日確認する。週に一度報告する。"
    assert [u.span.cut(text) for u in units(text)] == ["毎日確認する。", "週に一度報告する。"]


@given(st.text(max_size=300))
def test_units_are_in_order_within_the_text_and_apart(text: str) -> None:
    end = 0
    for unit in units(text):
        assert end <= unit.span.start < unit.span.end <= len(text)
        assert unit.span.cut(text).strip() == unit.span.cut(text)
        end = unit.span.end


@pytest.mark.parametrize(
    "text",
    [
        " " * 300_000,
        "." * 300_000 + "x",
        '."' * 150_000 + "x",
        "| a |\n" + "-" * 300_000 + "x",
        "| a |\n" + "|-" * 150_000 + "x",
    ],
    ids=["blanks", "full stops", "quotes", "rule", "columns"],
)
def test_a_hostile_line_takes_time_in_proportion_to_its_length(text: str) -> None:
    found = list(units(text))  # in proportion to the square it would take many minutes
    assert len(found) == len([line for line in text.splitlines() if line.strip()])


def test_a_run_of_marks_ends_one_sentence() -> None:
    text = '"Really?!" he asked... Yes. 本当！？はい。.x'
    expected = ['"Really?!" he asked...', "Yes.", "本当！？", "はい。", ".x"]
    assert [u.span.cut(text) for u in units(text)] == expected
