"""The evidence of a unit: which tokens of the question it matches, alone and in its context."""

import math
from dataclasses import replace

import pytest

from services.models.offline.question import parse_question
from services.models.offline.relevance import (
    ReadingMatch,
    evidence,
    rarity,
    reading_matches,
    unheard,
    weigh,
)
from tests.fakes.search import passage
from tests.services.models.offline.making import units_of
from use_cases.kernel.model import Span
from use_cases.kernel.ports import DocumentFrequencies, TokenMatch

# The reading "Title. Keys rotate. They last.": the title's token, then one of each word.
PLACES = (None, Span(0, 4), Span(5, 11), Span(13, 17), Span(18, 22))
MATCH = TokenMatch(
    words=["how", "keys"],
    weights=[1.0, 3.0],
    spans=PLACES,
    cosines=[[0.1, 0.2, 0.4, 0.0, 0.6], [0.9, 0.8, 0.2, 0.3, 0.1]],
)


def test_each_token_of_the_question_counts_by_its_best_match_and_its_weight() -> None:
    found = ReadingMatch(MATCH).of(Span(0, 12))
    assert found.within == pytest.approx((0.4 + 3 * 0.8) / 4)
    assert found.around == pytest.approx((0.6 + 3 * 0.9) / 4)
    assert found.alike == pytest.approx((0.2 + 0.4 + 0.8 + 0.2) / 4)
    assert found.own == 0.0  # the title is nearer to "keys", the last word to "how"


def test_the_context_is_what_stands_shortly_before_it_and_above_it() -> None:
    found = ReadingMatch(MATCH).of(Span(13, 23))
    assert found.within == pytest.approx((0.6 + 3 * 0.3) / 4)
    assert found.context == pytest.approx((0.6 + 3 * 0.9) / 4)
    assert found.own == pytest.approx(0.25)


def test_a_unit_without_tokens_of_its_own_matches_nothing() -> None:
    found = ReadingMatch(MATCH).of(Span(40, 50))
    assert (found.within, found.context, found.own) == (0.0, 0.0, 0.0)
    assert found.around > 0


def test_what_is_like_nothing_in_the_reading_is_unmatched() -> None:
    assert ReadingMatch(MATCH).unmatched == 0.0
    unlike = replace(MATCH, cosines=[[0.1] * 5, MATCH.cosines[1]])
    assert ReadingMatch(unlike).unmatched == pytest.approx(0.25 * 0.4 / 0.5)


def test_a_word_is_unheard_of_where_no_document_holds_it_and_nothing_found_is_like_it() -> None:
    like, unlike = ReadingMatch(MATCH), ReadingMatch(replace(MATCH, cosines=[[0.1] * 5] * 2))
    question = parse_question("How many keys?")
    absent, held = {"kei": 0.0}, {"kei": 0.1}
    assert unheard(question, [unlike, unlike], absent) == {"kei": "keys"}
    assert unheard(question, [unlike, unlike], held) == {}
    assert unheard(question, [unlike, like], absent) == {}
    assert unheard(question, None, absent) == {"kei": "keys"}
    assert unheard(question, None, held) == {}
    # A match has its own words, without what an apostrophe adds.
    owner = parse_question("Who is the keys's owner?")
    assert unheard(owner, [unlike, unlike], absent) == {"kei": "keys"}
    # Of two forms of a word it is always the same one.
    forms = parse_question("Keys, keys, key or KEYS?")
    assert unheard(forms, None, absent) == {"kei": "keys"}


def test_a_piece_of_another_word_is_like_no_whole_word() -> None:
    # "Moon" and "en" of the name "Moonen", then "list".
    places = (Span(0, 4), Span(4, 6), Span(7, 11))
    found = TokenMatch(words=["moon"], weights=[1.0], spans=places, cosines=[[0.8, 0.1, 0.2]])
    assert ReadingMatch(found).unlike() == {"moon"}
    apart = replace(found, spans=(Span(0, 4), Span(5, 7), Span(8, 12)))
    assert ReadingMatch(apart).unlike() == frozenset()


def test_without_weights_nothing_counts() -> None:
    nothing = replace(MATCH, weights=[0.0, 0.0])
    assert ReadingMatch(nothing).of(Span(0, 12)).within == 0.0
    assert ReadingMatch(nothing).unmatched == 0.0


def test_all_readings_have_a_match_or_none_counts() -> None:
    assert reading_matches([MATCH, None]) is None
    assert reading_matches([]) is None
    assert len(reading_matches([MATCH, MATCH]) or ()) == 2


def test_names_of_the_question_that_are_not_found_are_counted() -> None:
    question = parse_question("Is the SK-450 as quiet as the AK-2?")
    (unit,) = units_of(passage("The SK-450 is quiet."))
    ranked = weigh(question, [unit], rarity(question, DocumentFrequencies({}, 100)))
    assert evidence(question, ranked, [unit.entry]).unnamed == 0.5


def test_a_word_of_every_passage_counts_where_few_are_stored_and_one_of_none_says_little() -> None:
    question = parse_question("What temperature is the cold room?")
    shares = {"cold": 1.0, "room": 1.0}
    assert rarity(question, DocumentFrequencies(shares, 1)) == pytest.approx(
        {"temperatur": math.log(3), "cold": math.log(1.5), "room": math.log(1.5)}
    )
    none = rarity(question, DocumentFrequencies({}, 0))
    assert none == dict.fromkeys(question.words, pytest.approx(math.log(3)))
    many = rarity(question, DocumentFrequencies(shares, 10_000))
    assert many == pytest.approx({"temperatur": 7.0, "cold": 0.0, "room": 0.0}, abs=1e-4)
