"""Reading advice while it is written: whatever the cut, the same fields come in the same order."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples, sample
from use_cases.advice.giving.events import TextGiven
from use_cases.advice.giving.model_output import (
    AdviceOutput,
    AdviceReader,
    Piece,
    ScorePiece,
)
from use_cases.advice.model import Alternative
from use_cases.kernel.citations.links import LinkFilter
from use_cases.kernel.citations.sources import LinkPolicy, Outcome
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.text.secrets import SecretFilter

SECRET = "sk-planted-7f3a"
LONG = {
    "choice": "Zoë “Z” Müller 😀",
    "main_advice": 'Start "Zoë" 🏈 now [1];\nnot [9] \\Bob\\ 👩‍👩‍👧.',
    "reasoning": f"Her key is {SECRET}.\n\t"
    + "Schöne Zahlen 数字 \u2028 [2][8], `a[1]` 😀😀 " * 22,
    "confidence_score": 0.85,
    "alternatives": [
        {"option": "Bob \U0001f3c8", "reason": 'He said "no" [1][7]\n🙂'},
        {"option": "None of them", "reason": "Ruhe 😴"},
    ],
}


def reader() -> AdviceReader:
    secrets = SecretFilter([SECRET])

    def new_filter(declared: Outcome | None) -> TextFilter:
        links = LinkFilter(LinkPolicy(), lambda _: False)
        return TextFilter(secrets, lambda number: number in (1, 2), links, declared)

    return AdviceReader(new_filter)


def read(parts: Iterable[str], whole: str | None = None) -> list[Piece]:
    reading, text = reader(), ""
    pieces = list[Piece]()
    for part in parts:
        text += part
        pieces += reading.feed(part)
    return [*pieces, *reading.finish(text if whole is None else whole)]


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbouring pieces of one field as one."""
    found = list[Piece]()
    for piece in pieces:
        last = found[-1] if found else None
        if (
            isinstance(piece, TextGiven)
            and isinstance(last, TextGiven)
            and last.field == piece.field
        ):
            found[-1] = TextGiven(field=piece.field, text=last.text + piece.text)
        else:
            found.append(piece)
    return found


ESCAPED = json.dumps(LONG)
PLAIN = json.dumps(LONG, ensure_ascii=False, indent=1)
EXPECTED = joined(read([PLAIN]))


def test_the_whole_at_once_gives_every_field() -> None:
    assert len(ESCAPED) > 2000
    kinds = [type(piece).__name__ for piece in EXPECTED]
    assert kinds == ["TextGiven", "TextGiven", "ScorePiece", "Alternative", "Alternative"]
    assert EXPECTED[0] == TextGiven(
        field="main_advice", text='Start "Zoë" 🏈 now [1];\nnot \\Bob\\ 👩‍👩‍👧.'
    )
    reasoning = EXPECTED[1]
    assert isinstance(reasoning, TextGiven)
    assert reasoning.text.startswith(
        "Her key is [hidden].\n\tSchöne Zahlen 数字 \u2028 [2], `a[1]` 😀"
    )
    assert SECRET not in reasoning.text
    assert "[8]" not in reasoning.text
    assert EXPECTED[2] == ScorePiece(0.85)
    assert EXPECTED[3] == Alternative("Bob 🏈", 'He said "no" [1]\n🙂')


@pytest.mark.exhaustive
@pytest.mark.parametrize("text", [ESCAPED, PLAIN], ids=["escaped", "plain"])
def test_every_place_to_cut_in_two_gives_the_same(text: str) -> None:
    for at in sample(range(len(text) + 1), 100):
        assert joined(read([text[:at], text[at:]])) == EXPECTED, at


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40, 333])
@pytest.mark.parametrize("text", [ESCAPED, PLAIN], ids=["escaped", "plain"])
def test_pieces_of_any_size_give_the_same(text: str, size: int) -> None:
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    assert joined(read(parts)) == EXPECTED


@settings(max_examples=examples(60))
@given(st.lists(st.integers(0, len(ESCAPED)), max_size=40))
def test_any_cuts_give_the_same(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(ESCAPED)]
    parts = [ESCAPED[one:two] for one, two in pairwise(edges)]
    assert joined(read(parts)) == EXPECTED


def test_characters_that_come_in_halves_become_whole() -> None:
    high, low = "\ud83c", "\udfc8"
    text = json.dumps(LONG, ensure_ascii=False).replace("🏈", high + low)
    parts = [part for at in range(0, len(text), 5) if (part := text[at : at + 5])]
    assert joined(read(parts)) == EXPECTED


@pytest.mark.parametrize("order", [[4, 3, 2, 1, 0], [1, 3, 0, 4, 2], [3, 4, 0, 2, 1]])
def test_the_order_is_ours_whatever_the_models(order: list[int]) -> None:
    keys = list(LONG)
    text = json.dumps({keys[n]: LONG[keys[n]] for n in order})
    for size in (1, 9, len(text)):
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        assert joined(read(parts)) == EXPECTED


def test_a_text_is_shown_while_it_is_written() -> None:
    reading = reader()
    assert list(reading.feed('{"main_advice": "Start')) == [
        TextGiven(field="main_advice", text="Start")
    ]
    assert list(reading.feed(" Allen")) == [TextGiven(field="main_advice", text=" Allen")]
    assert list(reading.feed('", "reasoning": "Because')) == [
        TextGiven(field="reasoning", text="Because")
    ]


def test_a_number_is_never_shown_before_something_follows_it() -> None:
    reading = reader()
    begin = '{"main_advice": "a", "reasoning": "b", "confidence_score": 0'
    shown = [piece for part in (begin, ".8", "5", " ") for piece in reading.feed(part)]
    assert ScorePiece not in {type(piece) for piece in shown}
    assert list(reading.feed(', "alternatives": ')) == []
    assert list(reading.feed("[")) == [ScorePiece(0.85)]


def test_a_number_at_the_very_end_is_shown_with_the_end() -> None:
    reading = reader()
    text = '{"main_advice": "a", "reasoning": "b", "alternatives": [], "confidence_score": 0.9'
    list(reading.feed(text))
    assert list(reading.feed("}")) == [ScorePiece(0.9)]


@pytest.mark.parametrize("score", ["true", '"0.8"', "NaN", "1.7", "-0.1", "Infinity", "[]"])
def test_what_is_no_probability_is_never_shown(score: str) -> None:
    text = (
        f'{{"main_advice": "a", "reasoning": "b", "confidence_score": {score}, "alternatives": []}}'
    )
    assert joined(read(list(text))) == [
        TextGiven(field="main_advice", text="a"),
        TextGiven(field="reasoning", text="b"),
    ]


def test_null_says_that_there_is_no_confidence() -> None:
    text = '{"main_advice": "a", "reasoning": "b", "confidence_score": null, "alternatives": []}'
    assert joined(read(list(text)))[-1] == ScorePiece(None)


def test_a_model_that_takes_back_what_it_said_is_not_followed() -> None:
    text = '{"main_advice": "Start Allen", "main_advice": "Sit Allen", "reasoning": "x"}'
    assert "".join(p.text for p in read(list(text)) if isinstance(p, TextGiven)) == "Start Allen"


def test_a_field_taken_back_later_stops_the_rest() -> None:
    text = (
        '{"main_advice": "Start Allen", "reasoning": "x", "main_advice": "Sit",'
        ' "confidence_score": 0.5, "alternatives": []}'
    )
    assert not [piece for piece in read(list(text)) if isinstance(piece, ScorePiece)]


@pytest.mark.parametrize("text", ["", "   ", "Sure, start Allen.", "[1, 2]", '"a"', "{]", "{}"])
def test_what_is_no_advice_shows_nothing(text: str) -> None:
    assert read(list(text)) == []


def test_arguments_that_come_in_no_piece_are_read_at_the_end() -> None:
    assert joined(read([], whole=ESCAPED)) == EXPECTED


def test_the_end_of_a_piecewise_text_adds_what_was_missing() -> None:
    assert joined(read([ESCAPED[:100]], whole=ESCAPED)) == EXPECTED


def test_a_declaration_is_not_shown_and_takes_the_citations_with_it() -> None:
    text = json.dumps(
        {
            "main_advice": "[not_found] Nothing [1] is known.",
            "reasoning": "No table [2].",
            "confidence_score": None,
        }
    )
    reading = reader()
    pieces = joined([piece for part in text for piece in reading.feed(part)])
    assert pieces == [
        TextGiven(field="main_advice", text="Nothing is known."),
        TextGiven(field="reasoning", text="No table."),
        ScorePiece(None),
    ]
    assert reading.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("written", "shown", "rest"),
    [
        ("Start `Allen", "Start ", "`Allen"),
        ("Start [", "Start", ""),
        ("Start [1] or [9", "Start [1] or", ""),
        (f"The key is {SECRET[:-1]}", "The key is", " "),
        ("Start \\ud83c", "Start", " "),
    ],
)
def test_what_breaks_off_ends_in_no_half_of_a_key_or_a_citation(
    written: str, shown: str, rest: str
) -> None:
    reading = reader()
    fed = list(reading.feed('{"main_advice": "' + written))
    assert fed == [TextGiven(field="main_advice", text=shown)]
    assert list(reading.stop()) == ([TextGiven(field="main_advice", text=rest)] if rest else [])


def test_a_reader_knows_whether_the_valid_advice_is_what_it_read() -> None:
    reading = reader()
    list(reading.feed(ESCAPED))
    output = AdviceOutput.model_validate_json(ESCAPED)
    assert reading.read(output)
    changes: tuple[dict[str, object], ...] = (
        {"main_advice": "x"},
        {"reasoning": "x"},
        {"confidence_score": 0.8},
        {"alternatives": []},
    )
    for change in changes:
        assert not reading.read(output.model_copy(update=change))
