"""Strengths from judgements of pairs; reference by scipy 1.17 (minimize of the log likelihood)."""

import random

import pytest

from use_cases.kernel.statistics.bradley_terry import Match, bradley_terry, settle_orders


def series(first: str, second: str, *, won: int, tied: int, lost: int) -> list[Match]:
    scores = [1.0] * won + [0.5] * tied + [0.0] * lost
    return [Match(first, second, score) for score in scores]


def test_strengths_with_ties() -> None:
    matches = [
        *series("a", "b", won=7, tied=1, lost=2),
        *series("a", "c", won=9, tied=0, lost=1),
        *series("c", "b", won=3, tied=2, lost=5),
    ]
    found = bradley_terry(matches)
    assert [each.variant for each in found] == ["a", "b", "c"]
    assert [each.strength for each in found] == pytest.approx(
        [1.05042987, -0.24735448, -0.80307538], abs=1e-6
    )
    assert [each.matches for each in found] == [20, 20, 20]
    assert found[0].chance == pytest.approx(0.7408574374770511, abs=1e-7)


def test_the_order_of_matches_does_not_matter() -> None:
    matches = series("a", "b", won=5, tied=2, lost=4) + series("b", "c", won=3, tied=0, lost=2)
    mixed = random.Random(1).sample(matches, len(matches))
    for one, other in zip(bradley_terry(matches), bradley_terry(mixed), strict=True):
        assert one.strength == pytest.approx(other.strength, abs=1e-9)


def test_all_ties_are_all_equal() -> None:
    assert [each.strength for each in bradley_terry([Match("a", "b", 0.5)])] == [0.0, 0.0]


@pytest.mark.parametrize(
    "matches",
    [
        series("a", "b", won=3, tied=0, lost=0),
        series("a", "b", won=1, tied=0, lost=1) + series("c", "d", won=1, tied=0, lost=1),
    ],
)
def test_without_a_finite_fit_there_are_no_strengths(matches: list[Match]) -> None:
    assert {each.strength for each in bradley_terry(matches)} == {None}


def test_no_matches_have_no_strengths() -> None:
    assert bradley_terry([]) == ()


def test_a_win_counts_where_both_orders_agree() -> None:
    assert settle_orders("first", "second") == 1.0
    assert settle_orders("second", "first") == 0.0
    assert settle_orders("first", "first") == 0.5
    assert settle_orders("tie", "second") == 0.5


def test_impossible_judgements_are_refused() -> None:
    with pytest.raises(ValueError, match="judgement"):
        Match("a", "a", 1)
    with pytest.raises(ValueError, match="judgement"):
        Match("a", "b", 0.7)
